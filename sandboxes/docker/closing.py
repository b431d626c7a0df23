"""What the supervisor tells at the end, decoded strictly: it comes out of the sandbox."""

from typing import Annotated, Any, Literal

import msgspec

from harness.sandbox.harvest import Harvest, readable
from harness.sandbox.interface import Limits

_LONGEST_WORDS = 16 << 20
_LONGEST_NUMBER = 8
_MAX_LEFT_OUT = 100

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class ClosingError(Exception):
    """The supervisor's last words cannot be believed."""


class Closing(msgspec.Struct, frozen=True):
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


_HEAD = ("status", "limit", "setup", "memory_kills", "seconds", "cpu_seconds", "peak_memory_bytes")
_OPTIONAL = {"status", "limit", "peak_memory_bytes"}


def decode(words: bytes) -> Closing:
    """The last words: fields with a NUL between them. Raises ClosingError."""
    try:
        fields = words.decode().split("\0")
        count = int(fields[len(_HEAD)])
        rest = fields[len(_HEAD) + 1 :]
        if not 0 <= count * 2 <= len(rest):
            raise ClosingError("the sandbox's last message names too few files")
        values: dict[str, Any] = dict(zip(_HEAD, fields, strict=False))
        for name in _OPTIONAL:
            values[name] = values[name] or None
        values["files"] = [(rest[2 * at], rest[2 * at + 1]) for at in range(count)]
        values["left_out"] = rest[2 * count :]
        return msgspec.convert(values, Closing, strict=False)
    except (ValueError, IndexError, msgspec.ValidationError) as error:
        raise ClosingError(f"the sandbox's last message is malformed: {error}") from error


class Reader:
    """Gathers the last words, which their length precedes, then the files' contents."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._data = bytearray()
        self._body = 0
        self.closing: Closing | None = None

    def feed(self, data: bytes) -> None:
        """Take what came behind the marker; raises ClosingError."""
        self._data += data
        if self.closing is None:
            self._read_words()

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

    def _read_words(self) -> None:
        end = self._data.find(b"\n", 0, _LONGEST_NUMBER + 1)
        if end < 0:
            if len(self._data) > _LONGEST_NUMBER:
                raise ClosingError("the sandbox's last message has no length")
            return
        number = bytes(self._data[:end])
        if not number.isdigit() or int(number) > _LONGEST_WORDS:
            raise ClosingError("the sandbox's last message has a wrong length")
        body = end + 1 + int(number)
        if len(self._data) < body:
            return
        closing = decode(bytes(self._data[end + 1 : body]))
        self._check(closing)
        self._body = body
        self.closing = closing

    def _check(self, closing: Closing) -> None:
        if len(closing.files) > self._limits.collect_files or _total(closing) > self._limits.collect_bytes:
            raise ClosingError("the sandbox hands back more files than it may")


def _total(closing: Closing) -> int:
    return sum(size for _, size in closing.files)
