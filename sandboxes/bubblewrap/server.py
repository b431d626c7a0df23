"""The harness's end of the stage's server: starts it when needed, hands it jobs."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from harness.sandbox import interface

_CODE = "import sys; sys.path += {folders!r}; from bubblewrap.stage.serve import serve; serve({number})"
_FOLDERS = [str(Path(__file__).resolve().parents[1]), str(Path(interface.__file__).resolve().parents[2])]


class Server:
    """One server process per driver object and process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._pid = 0

    def submit(self, descriptors: list[int]) -> None:
        """Hand over one job. Raises OSError when no server can be started."""
        with self._lock:
            for attempt in (1, 2):
                channel = self._connected()
                try:
                    socket.send_fds(channel, [b"job"], descriptors)
                except OSError:
                    self._forget()
                    if attempt == 2:
                        raise
                else:
                    return

    def _connected(self) -> socket.socket:
        if self._socket is None or self._pid != os.getpid():
            # After a fork the server belongs to the other process: start one of our own.
            self._start()
        assert self._socket is not None
        return self._socket

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        code = _CODE.format(folders=_FOLDERS, number=theirs.fileno())
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", code],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                start_new_session=True, cwd="/",
            )  # fmt: skip
        self._socket, self._pid = ours, os.getpid()

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None and self._pid == os.getpid():
            self._process.kill()
            self._process.wait()
        self._socket = self._process = None

    def close(self) -> None:
        """End the server. Running jobs are not its children's business: they end by themselves."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            if self._process is not None and self._pid == os.getpid():
                self._process.wait()
            self._socket = self._process = None
