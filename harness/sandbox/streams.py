"""Capped capture of a job's two output streams, and its lines, shared by all drivers."""

from collections.abc import Callable
from typing import Literal, Protocol, runtime_checkable

from harness.sandbox.interface import Result

StreamName = Literal["stdout", "stderr"]
Sink = Callable[[StreamName, bytes], None]


class Capture:
    """Collects standard output and error up to a common cap in bytes.

    Output is either kept, taken as lines, or handed to ``sink`` as it arrives; what a sink
    or a line reader took is not kept. Not thread-safe.
    """

    def __init__(self, limit: int, sink: Sink | None = None) -> None:
        self._left = limit
        self._kept: dict[StreamName, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._searched = 0
        self.sink = sink
        self.flooded = False

    def add(self, stream: StreamName, data: bytes) -> bool:
        """Take over what arrived; False when it exceeded the cap (the excess is dropped)."""
        accepted = data[: self._left]
        self._left -= len(accepted)
        if self.sink is not None:
            if accepted:
                self.sink(stream, bytes(accepted))
        else:
            self._kept[stream] += accepted
        if len(accepted) < len(data):
            self.flooded = True
        return not self.flooded

    def take_line(self, *, at_end: bool = False) -> bytes | None:
        """Remove the first whole line of standard output; at the end also a rest without newline.

        None when there is none yet, ``b""`` when there will be none.
        """
        kept = self._kept["stdout"]
        position = kept.find(b"\n", self._searched)
        if position < 0 and not at_end:
            self._searched = len(kept)
            return None
        size = len(kept) if position < 0 else position + 1
        line = bytes(kept[:size])
        del kept[:size]
        self._searched = 0
        return line

    def kept(self, stream: StreamName) -> bytes:
        """What is still there of one stream."""
        return bytes(self._kept[stream])


@runtime_checkable
class Following(Protocol):
    """A running job whose output can be handed on as it arrives (an optional ability)."""

    def follow(self, sink: Sink, source: int | None = None) -> Result:
        """Like ``wait``, with output given to ``sink`` in pieces as they arrive.

        ``source`` is a descriptor whose content is passed on as standard input
        (``interactive`` jobs only).
        """
