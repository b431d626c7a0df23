"""Progress of a run: live lines on a terminal, plain lines in CI, nothing when quiet."""

import sys
import threading
import time
from types import TracebackType
from typing import IO, Self

from harness.model.finding import Finding
from harness.model.report import CheckResult
from harness.replay.events import Listener, Silent
from harness.report.escape import terminal_text

WIDTH = 100


class PlainProgress:
    """One line an event, prefixed with the elapsed seconds, on standard error."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._begin = time.monotonic()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def started(self, check: str, title: str) -> None:
        self._say(f"{check}: started")

    def progress(self, check: str, text: str) -> None:
        self._say(f"{check}: {terminal_text(text, WIDTH)}")

    def found(self, finding: Finding) -> None:
        self._say(f"{finding.check}: found: {_headline(finding)}")

    def ended(self, result: CheckResult) -> None:
        reason = f": {terminal_text(result.reason, WIDTH)}" if result.reason else ""
        self._say(f"{result.id}: {result.status} in {result.seconds:.1f} s{reason}")

    def _say(self, text: str) -> None:
        with self._lock:
            self._stream.write(f"[{time.monotonic() - self._begin:6.1f} s] {text}\n")
            self._stream.flush()


class LiveProgress:
    """One live line a running check with what it does; findings stay on the screen above."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._console = Console(stderr=True)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[doing]}"),
        )
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._tasks: dict[str, object] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def started(self, check: str, title: str) -> None:
        self._tasks[check] = self._progress.add_task(f"{check:<16}", total=None, doing="")

    def progress(self, check: str, text: str) -> None:
        if check in self._tasks:
            self._progress.update(self._tasks[check], doing=_plain(terminal_text(text, 60)))  # type: ignore[arg-type]

    def found(self, finding: Finding) -> None:
        self._console.print(f"  {_headline(finding)}", markup=False, highlight=False)

    def ended(self, result: CheckResult) -> None:
        task = self._tasks.pop(result.id, None)
        if task is not None:
            self._progress.remove_task(task)  # type: ignore[arg-type]


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _headline(finding: Finding) -> str:
    proof = f", {finding.proof.status}" if finding.proof.status != "none" else ""
    where = terminal_text(f"{finding.location.path}:{finding.location.line}", 60)
    return f"{finding.severity} {finding.category}{proof} in {where}: {terminal_text(finding.title, WIDTH)}"


class _Quiet(Silent):
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def make_progress(quiet: bool) -> "PlainProgress | LiveProgress | _Quiet":
    """The listener for this output: a terminal, a pipe or a log, or nothing."""
    if quiet:
        return _Quiet()
    return LiveProgress() if sys.stderr.isatty() else PlainProgress(sys.stderr)


_check: type[Listener] = PlainProgress
