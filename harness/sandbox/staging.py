"""A private copy of any user's folder, to be the tree of a job.

Only regular files, folders and symbolic links are copied, links as links; what cannot be
read or is of another kind is left out and named.
"""

import contextlib
import itertools
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import FULL, ROOM, UsageError
from harness.sandbox.harvest import readable

MAX_ENTRIES = 2_000_000
MAX_BYTES = 16 << 30
_MAX_NAMED = 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CHUNK = 1 << 24


@dataclass
class Staged:
    """The copy, and what is missing in it: how many entries and the first of them by name."""

    path: Path
    missing: int = 0
    named: list[str] = field(default_factory=list)
    entries: int = 0
    size: int = 0

    def leave_out(self, name: str, why: str) -> None:
        """Note an entry that was not copied."""
        self.missing += 1
        if len(self.named) < _MAX_NAMED:
            self.named.append(f"{readable(name)}: {why}")


@contextlib.contextmanager
def staged(source: Path, state: Path) -> Iterator[Staged]:
    """A copy of ``source`` for the time of the context.

    Raises UsageError when ``source`` is no folder, cannot be read or is too large to copy.
    """
    try:
        root = os.open(source, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{source} cannot be used as a tree: {error.strerror}. Name a folder.") from error
    state.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f"tree-{os.getpid()}-", dir=state))
    try:
        place.chmod(0o755)
        copy = Staged(place / "tree")
        copy.path.mkdir()
        _copy(root, copy)
        yield copy
    finally:
        os.close(root)
        shutil.rmtree(place, onerror=_make_removable)


def remove_leftovers(state: Path) -> list[str]:
    """Remove copies that killed processes left behind; their paths."""
    removed = []
    places = (state.glob(name) for name in ("tree-*-*", "deps/making-*-*", "snapshots/.new-*-*"))
    for place in sorted(itertools.chain.from_iterable(places)):
        owner = place.name.split("-")[1]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(place, onerror=_make_removable)
            removed.append(str(place))
    return removed


def _copy(root: int, copy: Staged) -> None:
    stack = [(os.dup(root), "")]
    try:
        while stack:
            folder, prefix = stack.pop()
            try:
                for name in os.listdir(folder):  # noqa: PTH208 - of a descriptor
                    _copy_entry(folder, prefix, name, copy, stack)
            finally:
                os.close(folder)
    finally:
        for folder, _ in stack:
            os.close(folder)


def _copy_entry(folder: int, prefix: str, name: str, copy: Staged, stack: list[tuple[int, str]]) -> None:
    path = prefix + name
    target = f"{copy.path}/{path}"
    copy.entries += 1
    if copy.entries > MAX_ENTRIES:
        raise UsageError(f"The tree has more than {MAX_ENTRIES} entries. Name a smaller folder.")
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            inner = os.open(name, _FOLDER, dir_fd=folder)
            stack.append((inner, path + "/"))
            os.mkdir(target, 0o755)  # noqa: PTH102 - the name may not be valid text
        elif stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(name, dir_fd=folder), target)  # noqa: PTH211
        elif stat.S_ISREG(status.st_mode):
            _copy_file(folder, name, target, copy)
        else:
            copy.leave_out(path, "not a file, folder or symbolic link")
    except OSError as error:
        if error.errno in FULL:  # a tree that lacks what had no room must not be run
            raise UsageError(
                f"The tree cannot be copied to {copy.path.parent}: {error.strerror}. {ROOM}"
            ) from error
        copy.leave_out(path, error.strerror or "cannot be read")


def _copy_file(folder: int, name: str, target: str, copy: Staged) -> None:
    reading = os.open(name, _FILE, dir_fd=folder)
    try:
        status = os.fstat(reading)
        copy.size += status.st_size
        if copy.size > MAX_BYTES:
            raise UsageError(f"The tree holds more than {MAX_BYTES >> 30} GiB. Name a smaller folder.")
        mode = 0o755 if status.st_mode & 0o111 else 0o644
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            while os.sendfile(writing, reading, None, _CHUNK):
                pass
        except OSError:
            os.unlink(target)  # noqa: PTH108 - half a file is none
            raise
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _make_removable(function: object, path: str, problem: object) -> None:
    """A folder without write permission keeps its content: grant it to ourselves, try again."""
    with contextlib.suppress(OSError):
        parent = os.path.dirname(path)  # noqa: PTH120 - the name may not be valid text
        os.chmod(parent, 0o700)  # noqa: PTH101
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)  # noqa: PTH108
