"""Chooses and hands back what the job left in ``/out``, when nothing else is alive. Runs INSIDE."""

from __future__ import annotations

import os
import stat

DEPTH = 32  # levels of folders below /out
SHOWN = 100  # names of files left out
CHUNK = 1 << 20


class Harvest:
    """What is handed back of ``/out``: regular files with one name, within the caps."""

    def __init__(self, root: str, max_bytes: int, max_files: int) -> None:
        self.root = root
        self.room = max_bytes
        self.max_files = max_files
        self.files: list[tuple[str, int]] = []
        self.left_out: list[str] = []
        self.unnamed = 0

    def skip(self, name: str, reason: str) -> None:
        """Note a path that is not handed back; further ones are only counted."""
        if len(self.left_out) < SHOWN:
            self.left_out.append("%s: %s" % (ascii(name)[1:-1][:200], reason))
        else:
            self.unnamed += 1

    def gather(self) -> "Harvest":
        """Choose the files, in the order of their names."""
        pending = [("", 0)]
        seen = 0
        while pending:
            folder, depth = pending.pop()
            try:
                names = sorted(os.listdir(self._open_up(folder)))
            except OSError as error:
                self.skip(folder or ".", error.strerror or "unreadable")
                continue
            for name in names:
                seen += 1
                if seen > self.max_files * 4:
                    self.skip(name, "too many entries")
                    return self
                path = folder + "/" + name if folder else name
                try:
                    if not stat.S_ISDIR(os.lstat(os.path.join(self.root, path)).st_mode):
                        self._take(path)
                    elif depth < DEPTH:
                        pending.append((path, depth + 1))
                    else:
                        self.skip(path, "too deep")
                except OSError as error:  # a path longer than the kernel takes
                    self.skip(path, error.strerror or "unreadable")
        return self

    def _open_up(self, folder: str) -> str:
        path = os.path.join(self.root, folder)
        try:
            os.chmod(path, 0o700)
        except PermissionError:  # some engines keep /out itself for root, open to all
            pass
        return path

    def _take(self, path: str) -> None:
        full = os.path.join(self.root, path)
        status = os.lstat(full)
        if not stat.S_ISREG(status.st_mode):
            self.skip(path, "no regular file")
        elif status.st_nlink != 1:
            self.skip(path, "more than one name")
        elif len(self.files) >= self.max_files:
            self.skip(path, "too many files")
        elif status.st_size > self.room:
            self.skip(path, "too large")
        elif not named(path):
            self.skip(path, "its name is not UTF-8")
        else:
            os.chmod(full, 0o600)
            self.room -= status.st_size
            self.files.append((path, status.st_size))

    def send(self) -> None:
        """Write the contents one after another."""
        for path, size in self.files:
            descriptor = os.open(os.path.join(self.root, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            while size > 0:
                data = os.read(descriptor, min(size, CHUNK))
                if not data:
                    raise OSError("a file of /out became shorter")
                write(1, data)
                size -= len(data)
            os.close(descriptor)


def named(path: str) -> bool:
    """Whether a path can be told in UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def write(descriptor: int, data: bytes) -> None:
    """Write everything. The job may have left the shared pipe in non-blocking mode."""
    os.set_blocking(descriptor, True)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
