"""What the supervisor tells at the end, decoded strictly: it comes out of the sandbox."""

from typing import Annotated, Literal

import msgspec

from harness.sandbox.harvest import Harvest, readable
from harness.sandbox.interface import Limits

_LONGEST_LINE = 16 << 20
_MAX_LEFT_OUT = 100

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class ClosingError(Exception):
    """The supervisor's last words cannot be believed."""


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the job ended, by the first process inside. ``files`` are (path, size in bytes)."""

    status: Annotated[int, msgspec.Meta(ge=-128, le=255)] | None
    limit: Literal["wall", "cpu", "stopped"] | None
    setup: str
    memory_kills: Count
    seconds: Seconds
    cpu_seconds: Seconds
    peak_memory_bytes: Count | None
    files: list[tuple[str, Count]]
    left_out: list[str]


_decoder = msgspec.json.Decoder(Closing)


class Reader:
    """Gathers the last words: one line of JSON, then the files' contents."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._data = bytearray()
        self._body = 0
        self.closing: Closing | None = None

    def feed(self, data: bytes) -> None:
        """Take what came behind the marker; raises ClosingError."""
        searched = len(self._data)
        self._data += data
        if self.closing is None:
            self._read_line(searched)

    @property
    def complete(self) -> bool:
        """Whether everything that was announced has come."""
        return self.closing is not None and len(self._data) >= self._body + _total(self.closing)

    def harvest(self) -> Harvest:
        """The files whose names are acceptable, and what was left out; call it when complete."""
        found = Harvest(self._limits.collect_files, self._limits.collect_bytes)
        if self.closing is None:
            return found
        for text in self.closing.left_out[:_MAX_LEFT_OUT]:
            found.left_out.append(readable(text))
        at = self._body
        for path, size in self.closing.files:
            reason = found.accept(path, size)
            if reason:
                found.leave_out(path, reason)
            else:
                found.add(path, bytes(self._data[at : at + size]))
            at += size
        return found

    def _read_line(self, searched: int) -> None:
        end = self._data.find(b"\n", searched)
        if end < 0:
            if len(self._data) > _LONGEST_LINE:
                raise ClosingError("the sandbox's last message is too long")
            return
        try:
            closing = _decoder.decode(self._data[:end])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ClosingError(f"the sandbox's last message is malformed: {error}") from error
        self._check(closing)
        self._body = end + 1
        self.closing = closing

    def _check(self, closing: Closing) -> None:
        if len(closing.files) > self._limits.collect_files or _total(closing) > self._limits.collect_bytes:
            raise ClosingError("the sandbox hands back more files than it may")


def _total(closing: Closing) -> int:
    return sum(size for _, size in closing.files)
