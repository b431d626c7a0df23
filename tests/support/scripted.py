"""A sandbox driver whose jobs end as a test says; it runs nothing."""

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from harness.sandbox.interface import Availability, Ended, Failed, Job, Result

Script = Callable[[Job], Result]
CLOSED = b'{"type":"closed"}\n'


def says(*lines: bytes, status: int = 0, closed: bool = True) -> Result:
    """A guest that sent these lines."""
    return Result(Ended(status), b"".join(line + b"\n" for line in lines) + (CLOSED if closed else b""))


class ScriptedRunning:
    def __init__(self, result: Result) -> None:
        self._result = result
        self._lines = result.stdout.splitlines(keepends=True)
        self.sent: list[bytes] = []
        self.killed = False

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def close_stdin(self) -> None:
        pass

    def read_line(self, timeout: float | None = None) -> bytes | None:
        return self._lines.pop(0) if self._lines else b""

    def kill(self) -> None:
        self.killed = True

    def wait(self) -> Result:
        return Result(self._result.end, b"".join(self._lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


class ScriptedDriver:
    """Calls ``script`` for every job and counts how many ran at the same time."""

    name = "scripted"

    def __init__(self, script: Script) -> None:
        self._script = script
        self._lock = threading.Lock()
        self.jobs: list[Job] = []
        self.now = self.most = 0
        self.down = False

    def probe(self) -> Availability:
        return Availability(True)

    def describe(self) -> Sequence[str]:
        return ["runs nothing"]

    def python_version(self) -> tuple[int, int]:
        return 3, 11

    def image(self) -> str | None:
        return None

    def start(self, job: Job) -> ScriptedRunning:
        return ScriptedRunning(self.run(job))

    def run(self, job: Job) -> Result:
        with self._lock:
            self.jobs.append(job)
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return Result(Failed("shut down")) if self.down else self._script(job)
        finally:
            with self._lock:
                self.now -= 1

    def shutdown(self) -> None:
        self.down = True

    def clean(self) -> Sequence[str]:
        return []
