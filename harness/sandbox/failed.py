"""A job that could not be started, as a Running like any other."""

from types import TracebackType
from typing import Self

from harness.sandbox.interface import Failed, Result


class NotStarted:
    """Ignores input, has no output, and ends as Failed with the reason."""

    def __init__(self, reason: str) -> None:
        self._result = Result(Failed(reason))

    def send(self, data: bytes) -> None:
        """Dropped: there is nobody to read it."""

    def close_stdin(self) -> None:
        """Nothing to close."""

    def read_line(self, timeout: float | None = None) -> bytes | None:
        """The end of the output."""
        return b""

    def kill(self) -> None:
        """Nothing to kill."""

    def wait(self) -> Result:
        """The failure."""
        return self._result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
