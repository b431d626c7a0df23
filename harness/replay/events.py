"""What a run tells while it goes on. The command line shows it; nothing depends on it."""

from typing import Protocol

from harness.model.finding import Finding
from harness.model.report import CheckResult


class Listener(Protocol):
    """Called from several threads; must be quick and must not raise."""

    def started(self, check: str, title: str) -> None: ...

    def progress(self, check: str, text: str) -> None: ...

    def found(self, finding: Finding) -> None: ...

    def ended(self, result: CheckResult) -> None: ...


class Silent:
    """A listener that does nothing."""

    def started(self, check: str, title: str) -> None:
        pass

    def progress(self, check: str, text: str) -> None:
        pass

    def found(self, finding: Finding) -> None:
        pass

    def ended(self, result: CheckResult) -> None:
        pass
