"""The packages that guest code may need and the project may lack: pytest, hypothesis, coverage.

They are copied, with all that they depend on, from the environment that runs the harness
into one folder that is named after their versions and shared by all sandboxes.
"""

import functools
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

WANTED = ("pytest", "hypothesis", "coverage")
OLDEST_PYTHON = (3, 10)
"""The packages of the harness's own environment run on this version of Python and later."""
_LAYOUT = "1"
_OF_AN_EXTRA = re.compile(r";(?:[^;]*\band)?\s*extra\s*==\s*['\"][^'\"]+['\"]\s*$")
"""A requirement whose marker, or its last condition, names an extra."""


def support_folder(state: Path) -> Path | None:
    """The folder, made on first use; None when none of the packages is installed here.

    Raises OSError when ``state`` cannot be written.
    """
    found = closure(WANTED)
    if not found:
        return None
    folder = state / "support" / _digest(found)
    if not folder.is_dir():
        _make(folder, found)
    return folder


@dataclass(frozen=True)
class Installed:
    """A distribution of the harness's own environment."""

    version: str
    requires: tuple[str, ...]
    """Requirements as they are written, with markers."""
    distribution: metadata.Distribution


def closure(names: Iterable[str]) -> dict[str, Installed]:
    """Installed distributions by canonical name: these and what they require, without extras."""
    found: dict[str, Installed] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        one = _installed(name)
        if one is not None:
            found[name] = one
            waiting += _required(one)
    return found


@functools.cache
def _installed(name: str) -> Installed | None:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    text = distribution.read_text("METADATA")
    if text is None:
        return Installed(distribution.version, tuple(distribution.requires or ()), distribution)
    # Parsed as a message, at every look, this takes a third of the time of a run that finds all kept.
    headers = [line.partition(": ") for line in text.partition("\n\n")[0].splitlines()]
    [version] = [value for key, _, value in headers if key == "Version"][:1] or [distribution.version]
    requires = tuple(value for key, _, value in headers if key == "Requires-Dist")
    return Installed(version.strip(), requires, distribution)


def _required(one: Installed) -> list[str]:
    names = []
    for text in one.requires:
        if _OF_AN_EXTRA.search(text):
            continue  # most are, and each takes a while to parse
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            names.append(requirement.name)
    return names


def _digest(found: dict[str, Installed]) -> str:
    lines = [
        _LAYOUT,
        sys.implementation.cache_tag or "",
        *sorted(f"{n} {d.version}" for n, d in found.items()),
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def _make(folder: Path, found: dict[str, Installed]) -> None:
    """Copy into a folder beside it and rename: a half-made folder is never seen."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        try:
            for one in found.values():
                _copy(one.distribution, making)
        except OSError as problem:
            raise OSError(
                problem.errno, problem.strerror or str(problem), os.fspath(folder.parent)
            ) from problem
        making.chmod(0o755)
        try:
            making.rename(folder)
        except OSError:
            if not folder.is_dir():  # another harness may have been faster
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _copy(distribution: metadata.Distribution, target: Path) -> None:
    for entry in distribution.files or ():
        if entry.is_absolute() or ".." in entry.parts:
            continue  # scripts and man pages outside the packages' folder
        source = Path(str(distribution.locate_file(entry)))
        if not source.is_file():
            continue
        destination = target / entry
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, destination)
        # Compiled files name the modification time of their source.
        status = source.stat()
        os.utime(destination, ns=(status.st_atime_ns, status.st_mtime_ns))
        destination.chmod(0o644)
