"""Keeps what a forked child does to files and to others from its parent.

In the child, descriptors of files become copies of their own, those of sockets and pipes lead
nowhere, and an audit hook writes down each change to a file before it happens; the parent
takes these back when the child has ended. What cannot be taken back (processes, signals,
connections) is refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import sys
import tempfile
import typing

MAX_FILE = 32 << 20
REFUSED = (
    "subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn",
    "os.kill", "os.killpg", "signal.pthread_kill", "socket.connect", "socket.sendto", "socket.sendmsg",
    "socket.bind", "pty.spawn",
)  # fmt: skip


class Refused(BaseException):
    """The call under test did something that could not be kept from the test that goes on."""


class Undo:
    """``folder`` holds the journal and copies; one object serves one child at a time."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="undo-")
        self.journal = os.path.join(self.folder, "journal")
        self.refused = ""
        self.writing = -1
        self.count = 0
        self.busy = False

    def begin(self, answer: int) -> None:
        """In the child: make it harmless, all but the descriptor of its answer.

        Raises Refused for an open file that is too large to copy.
        """
        self.writing = os.open(self.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        detach(self.folder, {self.writing, answer})
        sys.addaudithook(self._hook)

    def take_back(self) -> None:
        """In the parent, when the child has ended."""
        try:
            with open(self.journal, encoding="utf-8") as stream:
                lines = [json.loads(line) for line in stream]
            os.unlink(self.journal)
        except (OSError, ValueError):
            return
        for kind, path, other in reversed(lines):
            try:
                _restore(kind, path, other)
            except OSError:
                continue

    def _hook(self, event: str, arguments: tuple[typing.Any, ...]) -> None:
        if self.busy:
            return
        if event in REFUSED:
            self.refused = event
            raise Refused(event)
        self.busy = True
        try:
            self._note(event, arguments)
        except (OSError, TypeError, ValueError):
            pass  # the operation itself will fail as it would have
        finally:
            self.busy = False

    def _note(self, event: str, arguments: tuple[typing.Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (
                isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            )
            if writes and not isinstance(path, int):
                self._keep(_full(path, -1))
        elif event == "sqlite3.connect":
            if isinstance(arguments[0], (str, bytes, os.PathLike)) and os.path.exists(
                _full(arguments[0], -1)
            ):
                self._keep(_full(arguments[0], -1))
        elif event in ("os.remove", "os.truncate"):
            self._keep(_full(arguments[0], arguments[1] if event == "os.remove" else -1))
        elif event == "os.mkdir":
            path = _full(arguments[0], arguments[2])
            if not os.path.lexists(path):
                self._write("made", path, None)
        elif event == "os.rmdir":
            self._write("folder", _full(arguments[0], arguments[1]), None)
        elif event == "os.rename":
            self._rename(_full(arguments[0], arguments[2]), _full(arguments[1], arguments[3]))
        elif event in ("os.symlink", "os.link"):
            path = _full(arguments[1], arguments[-1])
            if not os.path.lexists(path):
                self._write("made", path, None)
        elif event == "os.chmod":
            path = _full(arguments[0], -1)
            self._write("mode", path, stat.S_IMODE(os.stat(path).st_mode))

    def _rename(self, source: str, target: str) -> None:
        if os.path.isdir(source):
            self._write("moved", target, source)
        else:
            self._keep(source)
            self._keep(target)

    def _keep(self, path: str) -> None:
        if path.startswith(self.folder) or path.startswith("/dev/"):
            return
        if not os.path.lexists(path):
            self._write("made", path, None)
            return
        if os.path.isdir(path) or os.path.islink(path):
            if os.path.islink(path):
                self._write("link", path, os.readlink(path))
            return
        if os.path.getsize(path) > MAX_FILE:
            self.refused = "a large file"
            raise Refused(path)
        self.count += 1
        copy = os.path.join(self.folder, "copy%d" % self.count)
        shutil.copy2(path, copy)
        self._write("file", path, copy)

    def _write(self, kind: str, path: str, other: typing.Any) -> None:
        os.write(self.writing, json.dumps([kind, path, other]).encode() + b"\n")


def _full(path: typing.Any, folder: typing.Any) -> str:
    text = os.fsdecode(os.fspath(path))
    if isinstance(folder, int) and folder >= 0 and not os.path.isabs(text):
        return os.path.join(os.readlink("/proc/self/fd/%d" % folder), text)
    return os.path.abspath(text)


def _restore(kind: str, path: str, other: typing.Any) -> None:
    if kind == "made":
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        elif os.path.lexists(path):
            os.unlink(path)
    elif kind == "folder":
        os.makedirs(path, exist_ok=True)
    elif kind == "moved":
        os.rename(path, other)
    elif kind == "mode":
        os.chmod(path, other)
    elif kind == "link":
        if not os.path.lexists(path):
            os.symlink(other, path)
    elif kind == "file":
        _write_back(path, other)


def _write_back(path: str, copy: str) -> None:
    """The old content, in the old file where there is one: open descriptors of the parent stay valid."""
    if os.path.islink(path) or not os.path.isfile(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        shutil.copy2(copy, path)
        return
    with open(copy, "rb") as source, open(path, "r+b") as target:
        shutil.copyfileobj(source, target)
        target.truncate()
    shutil.copystat(copy, path)


def detach(folder: str, kept: set[int]) -> None:
    """Give this process files of its own in place of those that it shares with its parent."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in [int(name) for name in os.listdir("/proc/self/fd")]:
        if number in kept or number == null or number < 3:
            continue
        try:
            _detach(number, null, folder)
        except OSError:
            continue
    os.close(null)


def _detach(number: int, null: int, folder: str) -> None:
    mode = os.fstat(number).st_mode
    if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
        os.dup2(null, number)
        return
    if not stat.S_ISREG(mode):
        return
    flags = fcntl.fcntl(number, fcntl.F_GETFL)
    place = "/proc/self/fd/%d" % number
    if flags & os.O_ACCMODE != os.O_RDONLY:
        if os.fstat(number).st_size > MAX_FILE:
            raise Refused("a large open file")
        copy = os.path.join(folder, "open%d" % number)
        shutil.copyfile(place, copy)
        place = copy
    at = os.lseek(number, 0, os.SEEK_CUR)
    fresh = os.open(place, flags & ~(os.O_CREAT | os.O_TRUNC | os.O_EXCL))
    os.lseek(fresh, at, os.SEEK_SET)
    os.dup2(fresh, number, inheritable=os.get_inheritable(number))
    os.close(fresh)
