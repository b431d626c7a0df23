"""Reading an attached container: the engine's frames, and the marker that ends the job's output.

Pure: bytes in, bytes out. Frame format: the engine's API reference, "attach", stream format:
one byte of stream number, three of zero, four of length (big-endian), then the payload.
"""

from collections.abc import Iterator

STDOUT, STDERR = 1, 2
_HEADER = 8
_LONGEST = 1 << 30


class FrameError(Exception):
    """The stream is not what an engine sends."""


class Demultiplexer:
    """Takes the frames apart. Payloads are handed on as they come, not frame by frame."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._left = 0
        self._stream = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(stream, bytes) for what came; raises FrameError."""
        view = memoryview(data)
        while view:
            if self._left:
                part, view = view[: self._left], view[self._left :]
                self._left -= len(part)
                yield self._stream, bytes(part)
                continue
            missing = _HEADER - len(self._head)
            self._head += view[:missing]
            view = view[missing:]
            if len(self._head) == _HEADER:
                self._begin()

    def _begin(self) -> None:
        self._stream, self._left = self._head[0], int.from_bytes(self._head[4:], "big")
        if self._stream not in (0, STDOUT, STDERR) or self._left > _LONGEST or any(self._head[1:4]):
            raise FrameError("the engine's stream is broken")
        self._head.clear()


class Splitter:
    """Cuts one stream at the marker: before it the job's output, behind it the supervisor's."""

    def __init__(self, marker: bytes) -> None:
        self._marker = marker
        self._held = b""
        self.found = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """(output of the job, bytes behind the marker). Holds back what may begin a marker."""
        if self.found:
            return b"", data
        data = self._held + data
        at = data.find(self._marker)
        if at >= 0:
            self.found, self._held = True, b""
            return data[:at], data[at + len(self._marker) :]
        keep = self._possible_start(data)
        self._held = data[len(data) - keep :]
        return data[: len(data) - keep], b""

    def rest(self) -> bytes:
        """What was held back when the stream ended without a marker."""
        held, self._held = self._held, b""
        return held

    def _possible_start(self, data: bytes) -> int:
        longest = min(len(data), len(self._marker) - 1)
        return next((n for n in range(longest, 0, -1) if self._marker.startswith(data[-n:])), 0)
