"""Notes what a Python process does that is visible from outside, with the stack of the tree's frames.

Loaded by ``sitecustomize`` in every Python process below a run, before any code of the tree.
Events are JSON lines into a named pipe that the supervisor reads as they come, so nothing can
be taken back. Only events with a frame of the tree that is no test are noted.
"""

from __future__ import annotations

import json
import os
import sys
from types import FrameType
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

MAX_EVENTS = 2_000
MAX_STACK = 12
MAX_TEXT = 300
MAX_LINE = 4_000
_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::ffff:127.")
# These start helpers of the system to learn about the machine.
_CURIOUS = ("platform.py", "uuid.py", "util.py", "sysconfig.py", "_osx_support.py", "webbrowser.py")
_THROUGH = ("os.py", "_collections_abc.py", "<frozen os>", "<frozen _collections_abc>")
_write = os.write
_dumps = json.dumps
_realpath = os.path.realpath


class Hook:
    """One a process. ``tree`` is the real path of the tree, ``descriptor`` the pipe's writing end."""

    def __init__(self, tree: str, descriptor: int) -> None:
        self.tree = tree + os.sep
        self.descriptor = descriptor
        self.home = os.environ.get("HOME", "/nowhere")
        self.count = 0
        self.busy = False
        self.seen: Set[Tuple[str, str, str, int]] = set()
        self.table: Dict[str, Callable[[Tuple[Any, ...]], Optional[Tuple[str, str, str]]]] = {
            "subprocess.Popen": lambda given: _process(given[0], given[1]),
            "os.system": lambda given: _process(None, given[0]),
            "os.exec": lambda given: _process(given[0], given[1]),
            "os.posix_spawn": lambda given: _process(given[0], given[1]),
            "os.spawn": lambda given: _process(given[1], given[2]),
            "pty.spawn": lambda given: _process(None, given[0]),
            "socket.connect": lambda given: _address(given[1]),
            "socket.sendto": lambda given: _address(given[1]),
            "socket.getaddrinfo": lambda given: _host(given[0], given[1]),
            "socket.gethostbyname": lambda given: _host(given[0], None),
            "open": self._open,
            "os.listdir": lambda given: self._path("read", given[0]),
            "os.scandir": lambda given: self._path("read", given[0]),
            "os.remove": lambda given: self._path("write", given[0]),
            "os.rename": lambda given: self._path("write", given[0]),
            "os.chmod": lambda given: self._path("write", given[0]),
            "shutil.rmtree": lambda given: self._path("write", given[0]),
            "sqlite3.connect": lambda given: self._path("write", given[0]),
        }

    def install(self) -> None:
        """Add the audit hook and watch the environment. Neither can be taken away by ``del``."""
        sys.addaudithook(self._audit)
        mapping: Any = type(os.environ)
        original = mapping.__getitem__

        def getitem(environ: Any, name: Any) -> Any:
            if environ is os.environ and isinstance(name, str):
                self._note(("env", name, name), sys._getframe(1), direct=True)
            return original(environ, name)

        mapping.__getitem__ = getitem

    def _audit(self, name: str, given: Tuple[Any, ...]) -> None:
        handler = self.table.get(name)
        if handler is None or self.busy:
            return
        try:
            event = handler(given)
        except Exception:  # arguments may be anything
            return
        if event is not None:
            self._note(event, sys._getframe(1), direct=False)

    def _open(self, given: Tuple[Any, ...]) -> Optional[Tuple[str, str, str]]:
        path, _mode, flags = given
        writing = isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        return self._path("write" if writing else "read", path)

    def _path(self, kind: str, path: Any) -> Optional[Tuple[str, str, str]]:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return None
        self.busy = True
        try:
            text = _realpath(os.fsdecode(path))
        finally:
            self.busy = False
        if (text + os.sep).startswith(self.tree) or _ordinary(text, self.home):
            return None
        if text == self.home or text.startswith(self.home + os.sep):
            text = "~" + text[len(self.home) :]
        return kind, text, text

    def _note(self, event: Tuple[str, str, str], frame: Optional[FrameType], direct: bool) -> None:
        """Send one event; with ``direct``, only when the nearest caller is code of the tree."""
        if self.busy or self.count >= MAX_EVENTS:
            return
        self.busy = True
        try:
            stack = self._stack(event[0], frame, direct)
            if stack:
                self._send(event, stack)
        finally:
            self.busy = False

    def _stack(self, kind: str, frame: Optional[FrameType], direct: bool) -> List[List[Any]]:
        stack: List[List[Any]] = []
        nearest = True
        while frame is not None and len(stack) < MAX_STACK:
            name = frame.f_code.co_filename
            if name.startswith(self.tree):
                path = name[len(self.tree) :].replace(os.sep, "/")
                if not is_test(path) and "site-packages/" not in path:
                    stack.append([path, frame.f_code.co_firstlineno, frame.f_lineno, frame.f_code.co_name])
                elif nearest and direct:
                    return []
                nearest = False
            elif nearest and direct and os.path.basename(name) not in _THROUGH and name not in _THROUGH:
                if name != __file__:
                    return []
            elif kind == "process" and nearest and os.path.basename(name) in _CURIOUS:
                return []
            frame = frame.f_back
        return stack

    def _send(self, event: Tuple[str, str, str], stack: List[List[Any]]) -> None:
        kind, what, text = event
        mark = (kind, what, stack[0][0], stack[0][2])
        if mark in self.seen:
            return
        self.seen.add(mark)
        self.count += 1
        test = current_test()
        line = {"kind": kind, "what": what[:MAX_TEXT], "text": text[:MAX_TEXT], "stack": stack, "test": test}
        self.say(line)

    def say(self, line: Dict[str, Any]) -> None:
        """One line into the pipe; too long ones lose their stack's end."""
        data = _dumps(line).encode()
        while len(data) > MAX_LINE and line.get("stack"):
            line["stack"] = line["stack"][:-1]
            data = _dumps(line).encode()
        try:
            _write(self.descriptor, data + b"\n")
        except OSError:
            pass


def current_test() -> str:
    """The id of the running test, or an empty text."""
    value = getattr(os.environ, "_data", {}).get(b"PYTEST_CURRENT_TEST", b"")
    return os.fsdecode(value).rpartition(" ")[0]


def is_test(path: str) -> bool:
    """Whether a path holds tests by the conventions of pytest and unittest."""
    parts = path.split("/")
    if any(part in ("tests", "test", "testing") for part in parts[:-1]):
        return True
    return parts[-1] == "conftest.py" or parts[-1].startswith("test_") or parts[-1].endswith("_test.py")


def _process(program: Any, argv: Any) -> Optional[Tuple[str, str, str]]:
    if isinstance(argv, (str, bytes, os.PathLike)):
        text = os.fsdecode(argv)
        words = text.split()
    else:
        words = [os.fsdecode(word) for word in argv]
        text = " ".join(words)
    while len(words) > 2 and os.path.basename(words[0]) in ("sh", "bash", "env", "dash") and words[1] == "-c":
        words = words[2].split() or words[2:]
    name = os.path.basename(words[0]) if words else os.path.basename(os.fsdecode(program or ""))
    if name.startswith("python"):
        name = "python"
    return ("process", name, text) if name else None


def _address(address: Any) -> Optional[Tuple[str, str, str]]:
    if isinstance(address, tuple) and len(address) >= 2:
        return _host(address[0], address[1])
    return None


def _host(host: Any, port: Any) -> Optional[Tuple[str, str, str]]:
    name = os.fsdecode(host) if isinstance(host, (str, bytes)) else ""
    if not name or name.startswith(_LOOPBACK) or name == "::":
        return None
    text = name if port in (None, 0, "") else "%s:%s" % (name, port)
    return "network", name, text


_SECRET_PROC = ("/environ", "/mem", "/maps")
_SILENT = (
    "/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/", "/opt/tools", "/guest", "/in/", "/support", "/deps", "/dev/",
    "/sys/",
    "/proc/", "/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/os-release", "/etc/ssl", "/etc/hosts",
    "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/services", "/etc/protocols", "/etc/locale",
    "/etc/default/locale",
    "/etc/debian_version", "/etc/ca-certificates", "/etc/pki", "/etc/gai.conf", "/etc/host.conf",
    "/run/systemd/resolve",
    "/etc/apache", "/etc/httpd", "/etc/lsb-release", "/etc/machine-id", "/out",
)  # fmt: skip


def _ordinary(path: str, home: str) -> bool:
    """Whether every program does this: libraries, time zones, devices, temporary files."""
    if path == home or path.startswith(home + os.sep):
        return path == home or path.startswith(os.path.join(home, ".cache", "pytest"))
    if path.startswith("/proc/") and path.endswith(_SECRET_PROC):
        return False
    roots = [
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        "/tmp",
        "/var/tmp",
        os.path.dirname(__file__),
        *_LIBRARIES,
    ]
    if any(path == root or path.startswith(root + os.sep) for root in roots if root not in ("", "/")):
        return True
    if "/site-packages/" in path or "/dist-packages/" in path:
        return True
    return path.startswith(_SILENT) or path in ("/", "/etc", "/usr", "/dev")


# Where this interpreter imports from before any code of the tree could alter it.
_LIBRARIES = [os.path.realpath(one) for one in sys.path if one and os.path.isdir(one)]


def start() -> Optional[Hook]:
    """Install the hook as the environment says; None when there is nothing to report to."""
    pipe, tree = os.environ.get("EFFECTS_PIPE"), os.environ.get("EFFECTS_TREE")
    if not pipe or not tree:
        return None
    try:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return None
    os.set_blocking(descriptor, True)
    hook = Hook(os.path.realpath(tree), descriptor)
    hook.install()
    return hook
