"""A Context over two small trees, for packs that need little of it."""

import difflib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.check.interface import Ended, Limits, Reply, Side
from harness.check.loader import Pack, builtin_folder, load_check
from harness.check.manifest import read_manifest
from harness.model.change import Change, ChangedFile
from harness.model.snapshot import Snapshot

GUESTLIB = Path(__file__).resolve().parents[2] / "harness" / "guest" / "guestlib"


class SmallContext:
    """Runs guest code without isolation; ``/in`` is a temporary folder."""

    python_version = sys.version_info[:2]
    jobs = 1
    limits = Limits()

    def __init__(self, folder, pack, base, head, renames=None, settings=None):
        self.base = _snapshot(folder / "base", base)
        self.head = _snapshot(folder / "head", head)
        self.change = Change("0" * 40, "1" * 40, "2" * 40, "3" * 40, files=_files(base, head, renames or {}))
        self.pack = pack
        self.settings = settings or {}
        self.probes = []

    def snapshot(self, side):
        return self.base if side is Side.BASE else self.head

    def remaining(self):
        return 600.0

    def progress(self, text):
        pass

    def run(self, side, probe):
        self.probes.append(probe)
        with tempfile.TemporaryDirectory() as place:
            return _run(Path(place), self.pack, side, probe)


def _snapshot(folder, texts):
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    folder.mkdir(parents=True, exist_ok=True)
    return Snapshot("4" * 40, folder)


def _files(base, head, renames):
    files = []
    for name in sorted({*base, *head} - set(renames)):
        old = {new: before for before, new in renames.items()}.get(name)
        before, after = base.get(old or name), head.get(name)
        if before == after and not old:
            continue
        status = (
            "added" if before is None else "deleted" if after is None else "renamed" if old else "modified"
        )
        lines = [
            (text or b"") if isinstance(text, bytes) else (text or "").encode() for text in (before, after)
        ]
        marks = [line[0] for line in difflib.ndiff(*[line.decode("latin-1").splitlines() for line in lines])]
        files.append(ChangedFile(name, status, marks.count("+"), marks.count("-"), old))
    return tuple(files)


def _run(place, pack, side, probe):
    for name, content in probe.files.items():
        path = place / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name, folder in probe.mounts.items():
        (place / "in").mkdir(exist_ok=True)
        (place / "in" / name).symlink_to(folder)
    if probe.command:
        return _command(place, probe)
    (place / "guest").mkdir()
    (place / "guest" / "guestlib").symlink_to(GUESTLIB)
    (place / "guest" / "pack").symlink_to(pack / "guest")
    request = json.loads(json.dumps(probe.request).replace('"/in/', f'"{place}/in/'))
    request["root"] = str(place / "in" / "scan")
    envelope = json.dumps({"protocol": 1, "side": side, "request": request}).encode() + b"\n"
    done = subprocess.run(
        [sys.executable, "-I", "-B", place / "guest/guestlib/start.py", probe.entry],
        input=envelope, capture_output=True, check=False, cwd=place, env={"TMPDIR": str(place)},
    )  # fmt: skip
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    closed = bool(messages) and messages[-1] == {"type": "closed"}
    return Reply(Ended(done.returncode), tuple(messages), b"", done.stderr.decode(), closed=closed)


def _command(place, probe):
    tools = {f"/opt/tools/{tool.name}": str(tool) for tool in probe.tools}
    argv = [tools.get(word, word.replace("/in/", f"{place}/in/", 1)) for word in probe.command]
    done = subprocess.run(argv, capture_output=True, check=False, cwd=place, env={"HOME": str(place)})
    return Reply(Ended(done.returncode), (), done.stdout, done.stderr.decode())


def pack_of(name):
    folder = builtin_folder("checks") / name
    return Pack(read_manifest(folder), folder, "built in")


def run_pack(name, folder, base, head, **more):
    """The Outcome of a built-in pack on base (path to text) and head."""
    pack = pack_of(name)
    return load_check(pack)(SmallContext(folder, pack.folder, base, head, **more))


def rules(outcome):
    """(rule, path, line) of each finding, sorted."""
    return sorted((one.rule, one.location.path, one.location.line) for one in outcome.findings)
