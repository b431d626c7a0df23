"""Both sides' sessions, opened anew when one is lost."""

import contextlib
from types import TracebackType
from typing import Self

from harness.check.interface import Context, Probe
from harness.check.interface import Side as TreeSide

from .wire import Side

MOST_RENEWALS = 4
READY_SECONDS = 60.0


class Sides:
    """Two sessions that live at the same time. A context manager: leaving ends both."""

    base: Side
    head: Side

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open = contextlib.ExitStack()
        self._renewals = 0

    @property
    def lost(self) -> bool:
        """Whether a session gave no answer in time, or has ended."""
        return self.base.lost or self.head.lost

    def renew(self) -> bool:
        """Fresh sandboxes for both; False when that was done often enough."""
        if self._renewals >= MOST_RENEWALS:
            return False
        self._renewals += 1
        self._open.close()
        self._start()
        return not self.lost

    def _start(self) -> None:
        probe = Probe(entry="session.py", label="behaviour")
        sessions = self._context.open((TreeSide.BASE, probe), (TreeSide.HEAD, probe))
        for session in sessions:
            self._open.enter_context(session)
        self.base, self.head = (Side(session) for session in sessions)
        for side in (self.base, self.head):
            side.hear(READY_SECONDS, "ready")

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
