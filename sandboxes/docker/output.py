"""What a job prints, gathered for whoever waits: capped, by line on demand, or handed on."""

import threading
import time

from harness.sandbox.streams import Capture, Sink, StreamName


class Output:
    """Standard output and error of one job; all methods from any thread."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._came = 0
        self._capture = Capture(cap)
        self._changed = threading.Condition()
        self._ended = False

    @property
    def flooded(self) -> bool:
        """Whether more came than the cap allows."""
        return self._capture.flooded

    def add(self, stream: StreamName, data: bytes) -> None:
        """Take bytes of a stream. Beyond the cap they are dropped and ``flooded`` is set."""
        with self._changed:
            self._came += len(data)
            self._capture.add(stream, data)
            self._changed.notify_all()

    def end(self) -> None:
        """No more will come."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def line(self, timeout: float | None) -> bytes | None:
        """The next line of standard output; see ``Running.read_line``."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while True:
                line = self._capture.take_line(at_end=self._ended)
                if line is not None:
                    return line
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return None
                self._changed.wait(left)

    def hand_on(self, sink: Sink) -> None:
        """From now on give output to ``sink``, what is already there first."""
        with self._changed:
            earlier = self._capture
            self._capture = Capture(max(0, self._cap - self._came), sink)
            self._capture.flooded = earlier.flooded
            for stream, data in zip(("stdout", "stderr"), self._contents(earlier), strict=True):
                if data:
                    sink("stdout" if stream == "stdout" else "stderr", data)

    def contents(self) -> tuple[bytes, bytes]:
        """What nobody has taken of standard output, and of standard error."""
        with self._changed:
            return self._contents(self._capture)

    @staticmethod
    def _contents(capture: Capture) -> tuple[bytes, bytes]:
        return capture.kept("stdout"), capture.kept("stderr")
