"""Copies a tree into memory where no overlay can be used. Links are copied, never followed."""

# The stage does without pathlib: importing it would cost as much as a whole sandbox.
# ruff: noqa: PTH101, PTH102, PTH208, PTH211

import os
import stat
from collections.abc import Iterator

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK = 1 << 20


class TooLargeError(OSError):
    """The tree has more entries or bytes than may be copied."""


def measure(source: int, entries: int, size: int) -> tuple[int, int] | None:
    """(entries, bytes) of a tree given as a descriptor, None when it exceeds either bound."""
    count = total = 0
    for _, _, status in walk(source):
        count += 1
        total += status.st_size if stat.S_ISREG(status.st_mode) else 0
        if count > entries or total > size:
            return None
    return count, total


def walk(source: int) -> Iterator[tuple[int, str, os.stat_result]]:
    """(descriptor of the folder, path below the source, status) of every entry, parents first."""
    stack = [(os.open(".", _FOLDER, dir_fd=source), "")]
    try:
        while stack:
            folder, prefix = stack.pop()
            try:
                for name in os.listdir(folder):
                    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    yield folder, prefix + name, status
                    if stat.S_ISDIR(status.st_mode):
                        stack.append((os.open(name, _FOLDER, dir_fd=folder), f"{prefix}{name}/"))
            finally:
                os.close(folder)
    finally:
        for folder, _ in stack:
            os.close(folder)


def copy_tree(source: int, target: str, owner: tuple[int, int] | None, limit: int) -> None:
    """Copy regular files, folders and symbolic links; everything becomes writable for its owner.

    ``limit`` is the most bytes that are copied. Raises TooLargeError beyond it, OSError as the
    system gives it. Sockets, pipes and devices are left out.
    """
    left = limit
    if owner:
        os.chown(target, *owner)
    for folder, path, status in walk(source):
        destination = f"{target}/{path}"
        name = path.rpartition("/")[2]
        if stat.S_ISDIR(status.st_mode):
            os.mkdir(destination)
        elif stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(name, dir_fd=folder), destination)
        elif stat.S_ISREG(status.st_mode):
            left -= status.st_size
            if left < 0:
                raise TooLargeError(f"the tree holds more than {limit} bytes")
            _copy_file(folder, name, destination)
        else:
            continue
        if not stat.S_ISLNK(status.st_mode):
            os.chmod(
                destination, (status.st_mode & 0o777) | (0o700 if stat.S_ISDIR(status.st_mode) else 0o600)
            )
        if owner:
            os.chown(destination, *owner, follow_symlinks=False)


def _copy_file(folder: int, name: str, destination: str) -> None:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    reading = os.open(name, flags, dir_fd=folder)
    try:
        writing = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            while os.sendfile(writing, reading, None, _CHUNK):
                pass
        finally:
            os.close(writing)
    finally:
        os.close(reading)
