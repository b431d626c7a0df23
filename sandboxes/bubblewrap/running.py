"""A job that the stage is carrying out, seen from the harness."""

import array
import contextlib
import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from harness.sandbox.harvest import Harvest, harvest_folder
from harness.sandbox.interface import Limits, Result
from harness.sandbox.streams import Capture, Sink, StreamName

from .ends import end_of

_GRACE = 60.0
_PIECE = 1 << 16


class Pipes:
    """The harness's ends of a job's streams and control socket."""

    def __init__(self, stdin: int | None, stdout: int, stderr: int, control: socket.socket) -> None:
        self.stdin = stdin
        self.outputs: dict[int, StreamName] = {stdout: "stdout", stderr: "stderr"}
        self.control = control


class BubblewrapRunning:
    """Implements Running, and Following. One thread at a time may use it, except ``kill``."""

    def __init__(self, pipes: Pipes, limits: Limits, stdin: bytes, interactive: bool,
                 on_end: Callable[["BubblewrapRunning"], None]) -> None:  # fmt: skip
        self._pipes = pipes
        self._limits = limits
        self._pending = bytearray(stdin)
        self._close_when_sent = not interactive
        self._capture = Capture(limits.output_bytes)
        self._on_end = on_end
        self._started = time.monotonic()
        self._lock = threading.RLock()
        self._report: dict[str, Any] | None = None
        self._out: int | None = None
        self._control_open = True
        self._killed = False
        self._result: Result | None = None
        self._source: int | None = None
        if pipes.stdin is not None:
            os.set_blocking(pipes.stdin, False)
        for descriptor in pipes.outputs:
            os.set_blocking(descriptor, False)

    # -- the interface -------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """See Running.send."""
        with self._lock:
            if self._pipes.stdin is None:
                return
            self._pending += data
            while self._pending and self._pipes.stdin is not None and self._alive():
                self._pump(1.0)

    def close_stdin(self) -> None:
        """See Running.close_stdin."""
        with self._lock:
            self._close_when_sent = True
            self._feed()

    def read_line(self, timeout: float | None = None) -> bytes | None:
        """See Running.read_line."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._lock:
            while True:
                at_end = "stdout" not in self._pipes.outputs.values()
                line = self._capture.take_line(at_end=at_end)
                if line is not None:
                    return line
                left = 5.0 if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    return None
                self._pump(left)

    def kill(self) -> None:
        """See Running.kill."""
        self._killed = True
        self._order_kill()

    def wait(self) -> Result:
        """See Running.wait."""
        with self._lock:
            if self._result is None:
                self._close_when_sent = True
                self._feed()
                while self._alive():
                    self._pump(5.0)
                self._result = self._conclude()
                self._on_end(self)
            return self._result

    def follow(self, sink: Sink, source: int | None = None) -> Result:
        """See Following.follow."""
        with self._lock:
            self._capture.sink = sink
            self._source = source
            if source is None:
                self._close_when_sent = True
            self._feed()
            while self._alive():
                self._pump(5.0)
        return self.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._result is None:
            self.kill()
            self.wait()

    @property
    def tree_kind(self) -> str:
        """How the tree was made private: ``overlay``, ``copy``, or ``none``."""
        return str((self._report or {}).get("tree", "none"))

    # -- moving data ---------------------------------------------------------------------

    def _alive(self) -> bool:
        return self._control_open or bool(self._pipes.outputs)

    def _pump(self, timeout: float) -> None:
        """Move what can be moved, waiting at most ``timeout`` seconds for the first of it."""
        reading: list[Any] = list(self._pipes.outputs)
        if self._control_open:
            reading.append(self._pipes.control)
        if self._source is not None and len(self._pending) < _PIECE:
            reading.append(self._source)
        writing = [self._pipes.stdin] if self._pending and self._pipes.stdin is not None else []
        overdue = self._started + self._limits.wall_seconds + _GRACE - time.monotonic()
        if overdue <= 0 and self._control_open:
            self._give_up()
            return
        ready, writable, _ = select.select(reading, writing, [], max(0.0, min(timeout, overdue)))
        for item in ready:
            if item is self._pipes.control:
                self._read_control()
            elif item == self._source and item not in self._pipes.outputs:
                self._read_source()
            elif item in self._pipes.outputs:
                self._read_output(item)
        if writable:
            self._feed()

    def _read_output(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, _PIECE)
        except BlockingIOError:
            return
        if not data:
            del self._pipes.outputs[descriptor]
            os.close(descriptor)
        elif not self._capture.flooded and not self._capture.add(self._pipes.outputs[descriptor], data):
            self._order_kill()

    def _read_source(self) -> None:
        assert self._source is not None
        data = os.read(self._source, _PIECE)
        if data:
            self._pending += data
        else:
            self._source = None
            self._close_when_sent = True
        self._feed()

    def _feed(self) -> None:
        stdin = self._pipes.stdin
        if stdin is None:
            return
        try:
            while self._pending:
                del self._pending[: os.write(stdin, bytes(self._pending[:_PIECE]))]
        except BlockingIOError:
            return
        except OSError:
            self._pending.clear()
            self._close_when_sent = True
        if self._close_when_sent:
            os.close(stdin)
            self._pipes.stdin = None

    def _read_control(self) -> None:
        try:
            data, ancillary, _, _ = self._receive()
        except OSError:
            data, ancillary = b"", []
        if not data:
            self._control_open = False
            self._drain()
            return
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received = array.array("i")
                received.frombytes(payload[: len(payload) - len(payload) % 4])
                self._out = received[0] if received else None
        self._report = json.loads(data)

    def _receive(self) -> tuple[bytes, list[tuple[int, int, bytes]], int, object]:
        arguments = (1 << 16, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC)
        try:
            return self._pipes.control.recvmsg(*arguments)
        except ConnectionResetError:
            # The stage ended without reading an order to kill; its report may still be queued.
            return self._pipes.control.recvmsg(*arguments)

    def _drain(self) -> None:
        """Everything inside is dead: take what the pipes still hold, without waiting."""
        for descriptor, name in list(self._pipes.outputs.items()):
            with contextlib.suppress(BlockingIOError):
                while data := os.read(descriptor, _PIECE):
                    if not self._capture.flooded:
                        self._capture.add(name, data)
            os.close(descriptor)
        self._pipes.outputs.clear()

    def _order_kill(self) -> None:
        with contextlib.suppress(OSError):
            self._pipes.control.send(b"kill")

    def _give_up(self) -> None:
        """The stage is stuck: end it by closing the control socket and report a failure."""
        self._pipes.control.shutdown(socket.SHUT_RDWR)
        self._control_open = False
        self._report = {"end": "failed", "reason": "the sandbox did not end after it was killed"}
        self._drain()

    # -- the end -------------------------------------------------------------------------

    def _conclude(self) -> Result:
        harvest = Harvest(0, 0)
        if self._out is not None:
            harvest = harvest_folder(self._out, self._limits.collect_files, self._limits.collect_bytes)
            os.close(self._out)
            self._out = None
        self._pipes.control.close()
        if self._pipes.stdin is not None:
            os.close(self._pipes.stdin)
            self._pipes.stdin = None
        report = self._report or {}
        return Result(
            end_of(self._report, self._capture, killed=self._killed),
            self._capture.kept("stdout"),
            self._capture.kept("stderr"),
            harvest.files,
            tuple(harvest.left_out),
            time.monotonic() - self._started,
            report.get("cpu"),
            report.get("peak"),
        )
