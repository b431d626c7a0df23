"""Copies the job's tree to its private place. Runs INSIDE."""

import os

CHUNK = 16 << 20


class UnreadableError(Exception):
    """Part of the tree cannot be read by the sandbox's user."""


def copy_tree(source: str, target: str) -> None:
    """Copy folders, regular files and symbolic links; everything becomes writable for us.

    Raises UnreadableError. Devices, sockets and pipes are left out.
    """
    denied = []
    pending = [(source, target)]
    while pending:
        here, there = pending.pop()
        try:
            entries = list(os.scandir(here))
        except PermissionError:
            denied.append(here)
            continue
        for entry in entries:
            copy = os.path.join(there, entry.name)
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), copy)
            elif entry.is_dir(follow_symlinks=False):
                os.mkdir(copy, 0o755)
                pending.append((entry.path, copy))
            elif entry.is_file(follow_symlinks=False):
                try:
                    copy_file(entry.path, copy)
                except PermissionError:
                    denied.append(entry.path)
    if denied:
        raise UnreadableError("%d paths, first %s" % (len(denied), os.path.relpath(denied[0], source)))


def copy_file(source: str, target: str) -> None:
    """Copy content, executable bits and modification time of one regular file."""
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(reading)
        mode = 0o644 | (status.st_mode & 0o111)
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            left = status.st_size
            while left > 0:
                sent = os.sendfile(writing, reading, None, min(left, CHUNK))
                if not sent:
                    break
                left -= sent
            os.utime(writing, ns=(status.st_atime_ns, status.st_mtime_ns))
        finally:
            os.close(writing)
    finally:
        os.close(reading)
