"""``[sandbox.setup]``: the project's dependencies, made once a side in a sandbox and kept.

Commands come from base's policy; what they see is one side's tree or, with ``lock_files``,
only the files that these globs match: then nothing else can have influenced the layer, and its
place in the cache tells the truth. Base's and head's layers never share a place.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.check.interface import Side
from harness.config.setup import SetupConfig, address
from harness.globs import matches
from harness.model.report import CheckResult
from harness.model.snapshot import Snapshot
from harness.sandbox.interface import Driver, Ended, Failed, Job, Limited, Limits, Result
from harness.sandbox.layer import LayerError, unpack
from harness.sandbox.proxy import ConnectProxy

CHECK = "setup"
ARCHIVE = "deps.tar"
_GUEST = Path(__file__).resolve().parent.parent / "guest" / "setup"
_LAYOUT = "1"
_WHO = "import os, platform, sys; print(sys.version, sys.executable, sys.prefix, platform.machine())"
_LIMITS = Limits(
    cpu_seconds=3600, cpus=2.0, memory_bytes=4 << 30, processes=512, open_files=4096, file_bytes=512 << 20,
    disk_bytes=2 << 30, collect_bytes=512 << 20, collect_files=1,
)  # fmt: skip


class SetupFailedError(Exception):
    """The commands did not set one side up; the text says why, without a full stop."""


@dataclass(frozen=True)
class SetUp:
    """Layers by side, empty unless both were made; what the report says about it."""

    layers: dict[Side, Path] = field(default_factory=dict)
    results: tuple[CheckResult, ...] = ()
    notes: tuple[str, ...] = ()


def set_up(
    setup: SetupConfig, trees: dict[Side, Snapshot], driver: Driver, state: Path, say: Callable[[str], None],
    *, offline: bool = False,
) -> SetUp:  # fmt: skip
    """Make or find the layers of both sides; ``offline`` for settings that nobody here vouches for.

    When one side fails neither gets a layer: a difference in what is installed must not look
    like a difference in behaviour. The failed result makes the outcome inconclusive.
    """
    if not setup.commands:
        return SetUp()
    layers, notes = {}, []
    for side, tree in trees.items():
        try:
            place = state / "deps" / _key(setup, side, tree, driver)
            known = place.is_dir()
            if not known and offline and setup.network != "none":
                raise SetupFailedError("they need the network; run 'harness verify' on the change first")
            if not known:
                say(f"setting up the dependencies of {side.value}")
                _make(setup, tree, driver, place)
        except (SetupFailedError, OSError) as problem:
            reason = f"the dependencies of {side.value} could not be set up: {problem}; no check had them"
            return SetUp(results=(CheckResult(CHECK, "failed", reason),))
        layers[side] = place
        notes.append(f"dependencies of {side.value}: {'kept from before' if known else 'set up in this run'}")
    return SetUp(layers, notes=tuple(notes))


def _key(setup: SetupConfig, side: Side, tree: Snapshot, driver: Driver) -> str:
    """Names the layer: commands, interpreter, and contents of all files that the commands see."""
    who = driver.run(Job(["{python}", "-I", "-c", _WHO], limits=Limits(wall_seconds=60)))
    if who.end != Ended(0):
        raise SetupFailedError(f"the sandbox's interpreter did not answer ({_why(who)})")
    parts = [_LAYOUT, side.value, driver.name, driver.image() or "", who.stdout.decode("utf-8", "replace")]
    parts += [setup.network, *sorted(setup.allow), *setup.commands]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape"))
    if not setup.lock_files:
        digest.update(b"\0" + tree.digest.encode())
    else:
        for name in _visible(setup, tree):
            path = tree.path / name
            link = path.is_symlink()
            content = os.fsencode(path.readlink()) if link else path.read_bytes()
            head = f"\0{name}\0{link}\0{os.access(path, os.X_OK)}\0".encode("utf-8", "surrogateescape")
            digest.update(head + hashlib.sha256(content).digest())
    return digest.hexdigest()[:40]


def _visible(setup: SetupConfig, tree: Snapshot) -> list[str]:
    """Paths that the lock files' globs match. Raises SetupFailedError when there is none."""
    found = sorted(
        entry.path
        for entry in tree.entries
        if entry.left_out is None
        and entry.kind in ("file", "symlink")
        and matches(setup.lock_files, entry.path)
    )
    if not found:
        raise SetupFailedError(f"no file matches sandbox.setup.lock_files {', '.join(setup.lock_files)}")
    return found


def _make(setup: SetupConfig, tree: Snapshot, driver: Driver, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"making-{os.getpid()}-", dir=place.parent))
    making.chmod(0o755)
    try:
        with contextlib.ExitStack() as stack:
            proxy = None
            if setup.network == "registries":
                proxy = stack.enter_context(ConnectProxy({address(text) for text in setup.allow}))
            result = driver.run(_job(setup, _source(setup, tree, making), proxy))
        if result.end != Ended(0) or ARCHIVE not in result.files:
            raise SetupFailedError(_why(result, proxy))
        try:
            unpack(io.BytesIO(result.files[ARCHIVE]), making / "deps")
        except LayerError as error:
            raise SetupFailedError(f"what the commands left cannot be kept: {error}") from error
        with contextlib.suppress(OSError):  # another harness may have been faster
            (making / "deps").rename(place)
        if not place.is_dir():
            raise SetupFailedError(f"{place} could not be written")
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _source(setup: SetupConfig, tree: Snapshot, making: Path) -> Path:
    """What the commands see as /tree: the whole snapshot, or copies of what the globs match."""
    if not setup.lock_files:
        return tree.path
    root = making / "tree"
    root.mkdir()
    for name in _visible(setup, tree):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree.path / name, target, follow_symlinks=False)
    return root


def _job(setup: SetupConfig, tree: Path, proxy: ConnectProxy | None) -> Job:
    limits = _LIMITS.__class__(**{**vars(_LIMITS), "wall_seconds": setup.wall_seconds})
    request = json.dumps({"commands": setup.commands, "proxy": proxy is not None}).encode()
    return Job(
        ["{python}", "-I", "-B", "/guest/setup/start.py"],
        tree=tree, guest={"setup": _GUEST}, files={"setup.json": request},
        mounts={"proxy": proxy.folder} if proxy else {}, fills_deps=True, limits=limits, label="setup",
    )  # fmt: skip


def _why(result: Result, proxy: ConnectProxy | None = None) -> str:
    parts = [*_end(result)]
    last = [line for line in result.stderr[-4000:].decode("utf-8", "replace").splitlines() if line.strip()]
    parts += [" / ".join("".join(c if c.isprintable() else " " for c in line)[:300] for line in last[-4:])]
    if proxy is not None and proxy.refused:
        parts.append(f"refused by the proxy: {', '.join(proxy.refused)}")
    return "; ".join(filter(None, parts))


def _end(result: Result) -> Iterator[str]:
    if isinstance(result.end, Failed):
        yield f"the sandbox failed: {result.end.reason}"
    elif isinstance(result.end, Limited):
        yield f"the commands exceeded the limit {result.end.limit}"
    yield from result.left_out[:3]
