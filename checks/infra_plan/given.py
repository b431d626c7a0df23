"""Evidence that the user brings: a plan as JSON, or a state file, and the root module that it is of."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from harness.check.interface import CheckFailed, Context

from .configuration import Configuration
from .expansion import expand
from .locate import bare
from .roots import Root, value_files

MAX_BYTES = 512 << 20


def given_file(context: Context, name: str) -> Path | None:
    """The file that a setting names (``plan`` or ``state``), None without one.

    Raises CheckFailed when it is not there, is no JSON object, or when the change itself ships it.
    """
    named = context.settings.get(name)
    if not named:
        return None
    path = Path(str(named)).expanduser().absolute()
    if not path.is_file():
        raise CheckFailed(f"The {name} file {named} is not there; name one that is, or leave --{name} out.")
    here = Path.cwd()
    if path.is_relative_to(here) and str(path.relative_to(here)) in {e.path for e in context.head.entries}:
        raise CheckFailed(
            f"The {name} file {named} is part of the change itself, so it proves nothing; make it outside."
        )
    if path.stat().st_size > MAX_BYTES:
        raise CheckFailed(f"The {name} file {named} is larger than {MAX_BYTES >> 20} MiB.")
    return path


def addresses(path: Path, name: str) -> set[str]:
    """Addresses of blocks that a plan or a state speaks of. Raises CheckFailed when it cannot be read."""
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        hint = "; make it with `terraform show -json PLAN > FILE`" if name == "plan" else ""
        raise CheckFailed(f"The {name} file {path.name} is no JSON{hint}.") from None
    entries = (
        content.get("resource_changes" if name == "plan" else "resources")
        if isinstance(content, dict)
        else None
    )
    if not isinstance(entries, list):
        raise CheckFailed(f"The {name} file {path.name} is no {name} of Terraform or OpenTofu.")
    return set(_addresses(entries, name))


def _addresses(entries: Iterable[Any], name: str) -> Iterator[str]:
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("mode") != "managed":
            continue
        if name == "plan":
            yield bare(str(entry.get("address")))
        else:
            module = bare(str(entry["module"])) + "." if entry.get("module") else ""
            yield f"{module}{entry.get('type')}.{entry.get('name')}"


def root_of(spoken: set[str], roots: Sequence[Root], base: Configuration, head: Configuration) -> Root | None:
    """The root module that most of the addresses belong to, None when none has any."""

    def shared(root: Root) -> int:
        known: set[str] = set()
        for side, path in ((base, root.base), (head, root.head)):
            known |= set(expand(side, path, value_files(side, path, root.files)).resources)
        return len(spoken & known)

    best = max(roots, key=shared, default=None)
    return best if best is not None and shared(best) else None


def kept_state(path: Path) -> Path:
    """A private folder that holds the state as ``state.json``, so that a proof can be replayed later."""
    content = path.read_bytes()
    private = Path(platformdirs.user_cache_dir("change-harness")) / "infra"
    folder = private / hashlib.sha256(content).hexdigest()[:32]
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    private.chmod(0o700)
    folder.mkdir(exist_ok=True, mode=0o755)  # a sandbox may run as somebody else; only the parent is closed
    descriptor, making = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    Path(making).chmod(0o644)
    Path(making).replace(folder / "state.json")
    return folder


@contextmanager
def lent(path: Path, name: str) -> Iterator[Mapping[str, Path]]:
    """A mount that holds a copy of the file for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="harness-infra-") as folder:
        target = Path(folder) / f"{name}.json"
        target.write_bytes(path.read_bytes())
        target.chmod(0o644)
        Path(folder).chmod(0o755)
        yield {name: Path(folder)}
