"""What one run does, complete before anything is run."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.check.loader import Pack
from harness.config.schema import Config
from harness.model.change import Change
from harness.model.finding import Finding
from harness.model.report import Unverified
from harness.model.snapshot import Snapshot
from harness.replay.projects import WHOLE, Part
from harness.risk.people import People

DEFAULT_BUDGET = 600.0


@dataclass(frozen=True)
class Plan:
    """What one run does: the change, its trees, the packs to run and the ones left out.

    ``left_out`` maps a check id to the reason it is skipped. ``budget`` is in seconds.
    """

    change: Change
    base: Snapshot
    head: Snapshot
    packs: Sequence[Pack]
    left_out: Mapping[str, str]
    config: Config
    policy_source: str
    repository: str
    report_name: str
    jobs: int
    budget: float = DEFAULT_BUDGET
    extra: Sequence[Finding] = ()
    people: People = field(default_factory=lambda: People({}))
    notes: Sequence[str] = ()
    unverified: Sequence[Unverified] = ()
    parts: Sequence[Part] = ()
    """What is verified together; empty: the repository as a whole."""

    def divided(self) -> Sequence[Part]:
        """The parts of the change, at least one."""
        return self.parts or [Part(WHOLE, self.change, self.base, self.head, self.config)]


def default_jobs() -> int:
    """Sandboxes at a time: one more than there are cores, so that none idles while one starts."""
    return len(os.sched_getaffinity(0)) + 1
