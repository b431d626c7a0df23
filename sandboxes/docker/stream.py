"""The attached stream of one container: reading it to the job's end, writing its input."""

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from harness.sandbox.interface import Limits

from .closing import ClosingError, Reader
from .frames import STDERR, STDOUT, Demultiplexer, FrameError, Splitter
from .output import Output

_CHUNK = 1 << 16
_TICK = 1.0


class Stream:
    """Feeds what an engine sends into the job's output and the supervisor's last words."""

    def __init__(self, attached: Any, marker: bytes, limits: Limits, output: Output) -> None:
        # The client library wraps the socket in a file object; the socket itself can also
        # be half closed, which tells the job that its input has ended.
        self._wrapper = attached
        self._socket = getattr(attached, "_sock", attached)
        self._socket.settimeout(_TICK)
        self._writing = threading.Lock()
        self._open = True
        self._frames = Demultiplexer()
        self._splitters = {STDOUT: Splitter(marker), STDERR: Splitter(marker)}
        self._output = output
        self.reader = Reader(limits)
        self.broken = ""

    def pump(self, look: Callable[[], bool]) -> None:
        """Read until the end. ``look`` is called at least once a second; False ends it."""
        try:
            while look() and not self._finished():
                try:
                    data = self._socket.recv(_CHUNK)
                except TimeoutError:
                    continue
                if not data:
                    break
                self._take(data)
        except (FrameError, ClosingError) as error:
            self.broken = str(error)
        except (OSError, ValueError) as error:
            self.broken = f"the connection to the engine broke: {error}"
        self._output.add("stdout", self._splitters[STDOUT].rest())
        self._output.add("stderr", self._splitters[STDERR].rest())

    def send(self, data: bytes, seconds: float) -> None:
        """Write input for the job; what cannot be written in time is dropped."""
        deadline = time.monotonic() + seconds
        view = memoryview(data)
        with self._writing:
            while view and self._open and time.monotonic() < deadline:
                try:
                    view = view[self._socket.send(view[: _CHUNK * 4]) :]
                except TimeoutError:
                    continue
                except OSError:
                    return

    def end_input(self) -> None:
        """Close the job's standard input."""
        with self._writing, contextlib.suppress(OSError, AttributeError):
            if self._open:
                self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let go of the connection: an engine must never wait for a reader that is gone."""
        self._open = False
        with contextlib.suppress(OSError, AttributeError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError, ValueError):
            self._socket.close()
            self._wrapper.close()
            response = getattr(self._wrapper, "_response", None)
            if response is not None:
                response.close()

    def copy_input(self, source: int) -> None:
        """Pass a descriptor's content on as input until it or the job ends."""
        while self._open and not self._finished():
            ready, _, _ = select.select([source], [], [], 0.2)
            if not ready:
                continue
            data = os.read(source, _CHUNK)
            if not data:
                break
            self.send(data, _TICK * 3600)
        self.end_input()

    def _finished(self) -> bool:
        return self.reader.complete and self._splitters[STDERR].found

    def _take(self, data: bytes) -> None:
        for number, payload in self._frames.feed(data):
            number = number or STDOUT
            before, behind = self._splitters[number].feed(payload)
            self._output.add("stdout" if number == STDOUT else "stderr", before)
            if behind and number == STDOUT:
                self.reader.feed(behind)
