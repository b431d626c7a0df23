"""Takes files out of a folder that hostile code filled, after everything inside is dead.

Nothing is followed, opened for writing or executed; only regular files with a single name
count; bounds on number, size and depth hold before content is read.
"""

import errno
import os
import stat
from dataclasses import dataclass, field

_MAX_DEPTH = 32
_MAX_ENTRIES = 20_000
_MAX_LEFT_OUT = 100
_MAX_NAME = 300
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass
class Harvest:
    """Contents by path, and sentences about what was left out (at most 100)."""

    max_files: int
    max_bytes: int
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    entries: int = 0
    size: int = 0

    def leave_out(self, name: str, why: str) -> None:
        """Note that something was not taken."""
        if len(self.left_out) < _MAX_LEFT_OUT:
            self.left_out.append(f"{readable(name)}: {why}")

    def accept(self, name: str, size: int) -> str | None:
        """Why a regular file of ``size`` bytes may not be taken, None when it may."""
        if not is_plain_name(name):
            return "its name is not plain text"
        if len(self.files) >= self.max_files:
            return f"more than {self.max_files} files"
        if self.size + size > self.max_bytes:
            return f"more than {self.max_bytes} bytes in all"
        return None

    def add(self, name: str, content: bytes) -> None:
        """Take one file."""
        self.files[name] = content
        self.size += len(content)


def is_plain_name(name: str) -> bool:
    """A relative UTF-8 path of printable characters, without ``.`` and ``..``."""
    return (
        len(name) <= _MAX_NAME
        and name.isprintable()
        and not any("\ud800" <= character <= "\udfff" for character in name)
        and all(part not in ("", ".", "..") for part in name.split("/"))
    )


def readable(name: str) -> str:
    """A name that is safe to print: everything unusual escaped, at most 120 characters."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)[:120]


def harvest_folder(folder: int, max_files: int, max_bytes: int) -> Harvest:
    """Everything that may be taken below the folder with this descriptor (left open)."""
    harvest = Harvest(max_files, max_bytes)
    stack = [(os.open(".", _FOLDER, dir_fd=folder), "", 0)]
    try:
        while stack:
            current, prefix, depth = stack.pop()
            try:
                _harvest_one(harvest, current, prefix, depth, stack)
            finally:
                os.close(current)
    finally:
        for current, _, _ in stack:
            os.close(current)
    return harvest


def _harvest_one(
    harvest: Harvest, folder: int, prefix: str, depth: int, stack: list[tuple[int, str, int]]
) -> None:
    for name in _names(folder, _MAX_ENTRIES - harvest.entries):
        path = prefix + name
        harvest.entries += 1
        if harvest.entries >= _MAX_ENTRIES:
            harvest.leave_out(path, f"more than {_MAX_ENTRIES} entries; this and further ones")
            return
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                if depth >= _MAX_DEPTH or len(stack) >= 500:
                    harvest.leave_out(path, "folders nested too deeply")
                else:
                    stack.append((os.open(name, _FOLDER, dir_fd=folder), path + "/", depth + 1))
            else:
                _harvest_file(harvest, folder, name, path)
        except OSError as error:
            harvest.leave_out(path, _why(error))


def _names(folder: int, limit: int) -> list[str]:
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            names.append(entry.name)
            if len(names) >= limit:
                break
    return sorted(names)


def _harvest_file(harvest: Harvest, folder: int, name: str, path: str) -> None:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        harvest.leave_out(path, "not a regular file")
        return
    descriptor = os.open(name, _FILE, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        reason = "not a regular file with one name"
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            reason = harvest.accept(path, status.st_size) or ""
        if reason:
            harvest.leave_out(path, reason)
        else:
            harvest.add(path, _read(descriptor, status.st_size))
    finally:
        os.close(descriptor)


def _read(descriptor: int, size: int) -> bytes:
    chunks = []
    while size > 0:
        chunk = os.read(descriptor, min(size, 1 << 20))
        if not chunk:
            break
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def _why(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "its permissions forbid reading it"
    if error.errno == errno.ELOOP:
        return "a symbolic link"
    return error.strerror or "cannot be read"
