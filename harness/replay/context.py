"""The Context that a check works with: probes through the driver, within slots and time."""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness.check.interface import (
    BudgetExhausted,
    Change,
    Draft,
    Limits,
    Probe,
    Reply,
    Session,
    Side,
    Snapshot,
    TestsConfig,
)
from harness.check.loader import Pack
from harness.config.schema import Config
from harness.replay.projects import WHOLE, Project
from harness.replay.results import Results
from harness.replay.sessions import LiveSession, make_job, run_once
from harness.replay.slots import SEARCH, Slots
from harness.sandbox.interface import Driver, Failed, Job, Limited

LAST_SECONDS = 0.5
"""A sandbox that its wall limit ended with so little left was cut short by the end of the budget."""


class Workbench:
    """What all checks of one part share: trees, policy, driver, slots and the end of the budget.

    ``deadline`` is a ``time.monotonic()`` value; ``layers`` are the dependencies by side, if any.
    ``project`` is where the trees lie in the trees of the ``repository``.
    """

    def __init__(
        self, change: Change, base: Snapshot, head: Snapshot, driver: Driver, slots: Slots, deadline: float,
        layers: Mapping[Side, Path] | None = None, results: Results | None = None, *,
        config: Config | None = None, project: Project = WHOLE, repository: Mapping[Side, Snapshot] | None = None,
    ) -> None:  # fmt: skip
        self.change = change
        self.trees = {Side.BASE: base, Side.HEAD: head}
        self.driver = driver
        self.slots = slots
        self.deadline = deadline
        self.layers = layers or {}
        self.results = results
        self.config = config or Config()
        self.project = project
        self.repository = repository or self.trees

    def remaining(self) -> float:
        """Seconds until the budget ends, never negative."""
        return max(0.0, self.deadline - time.monotonic())

    def run(self, pack: Pack, side: Side, probe: Probe, limits: Limits, priority: int) -> Reply:
        """Run a probe in a fresh sandbox once a slot is free."""
        try:
            with self.slots.take(1, priority, self.remaining()):
                job = self._job(pack, side, probe, limits, interactive=False)
                return run_once(self.driver, job)
        except TimeoutError:
            raise BudgetExhausted from None

    def open(
        self, pack: Pack, probes: Sequence[tuple[Side, Probe]], limits: Sequence[Limits],
        failed: Callable[[str], None],
    ) -> list[LiveSession]:  # fmt: skip
        """Start sessions together; each gives its slot back when it ends.

        ``failed`` is told why when the sandbox of one failed.
        """
        try:
            taken = self.slots.acquire(len(probes), SEARCH, self.remaining())
        except TimeoutError:
            raise BudgetExhausted from None
        tokens = [taken - len(probes) + 1, *[1] * (len(probes) - 1)] if taken >= len(probes) else [taken]
        tokens += [0] * (len(probes) - len(tokens))
        sessions: list[LiveSession] = []
        try:
            for (side, probe), limit, token in zip(probes, limits, tokens, strict=True):
                job = self._job(pack, side, probe, limit, interactive=True)
                release = self._releaser(token)
                sessions.append(LiveSession(self.driver.start(job), release, failed))
        except BaseException:
            for session in sessions:
                session.__exit__(None, None, None)
            self.slots.release(sum(tokens[len(sessions) :]))
            raise
        return sessions

    def _job(self, pack: Pack, side: Side, probe: Probe, limits: Limits, *, interactive: bool) -> Job:
        deps = self.layers.get(side)
        return make_job(pack, side, probe, self.trees, self._clip(limits), interactive, deps)

    def _releaser(self, token: int) -> Callable[[], None]:
        return lambda: self.slots.release(token)

    def _clip(self, limits: Limits) -> Limits:
        left = self.remaining()
        if left <= 0:
            raise BudgetExhausted
        return dataclasses.replace(limits, wall_seconds=min(limits.wall_seconds, left))


class CheckContext:
    """One check's view of the run; implements :class:`harness.check.interface.Context`."""

    def __init__(
        self,
        bench: Workbench,
        pack: Pack,
        settings: Mapping[str, Any],
        tests: TestsConfig,
        limits: Limits,
        on_draft: Callable[[Draft], None],
        on_progress: Callable[[str], None],
    ) -> None:
        self._bench = bench
        self._pack = pack
        # What is kept is found by the content of a change, so that a kept check may see no more of it.
        self.change = bench.change.content() if pack.manifest.keeps else bench.change
        self.base = bench.trees[Side.BASE]
        self.head = bench.trees[Side.HEAD]
        self.settings = settings
        self.tests = tests
        self.limits = limits
        self.python_version = bench.driver.python_version()
        self.pack: Path = pack.folder
        self.jobs = bench.slots.count
        self._on_draft = on_draft
        self._on_progress = on_progress
        self.sandbox_failures: list[str] = []
        self.out_of_time = False
        """The end of the budget has cut a sandbox short."""

    def snapshot(self, side: Side) -> Snapshot:
        return self._bench.trees[side]

    def run(self, side: Side, probe: Probe) -> Reply:
        limits, results = probe.limits or self.limits, self._bench.results
        key = results.reply_key(self._pack, side, probe, limits) if results else None
        known = results.reply(key) if results else None
        if known is not None:
            return known
        reply = self._bench.run(self._pack, side, probe, limits, SEARCH)
        if isinstance(reply.end, Limited) and reply.end.limit == "wall" and self.remaining() < LAST_SECONDS:
            self.out_of_time = True
        if isinstance(reply.end, Failed):
            self.sandbox_failures.append(reply.end.reason)
        elif results:
            results.keep_reply(key, reply)
        return reply

    def run_all(self, *probes: tuple[Side, Probe]) -> list[Reply]:
        if len(probes) <= 1:
            return [self.run(*probe) for probe in probes]
        with ThreadPoolExecutor(min(len(probes), self.jobs * 2), thread_name_prefix=self._pack.id) as pool:
            return list(pool.map(lambda pair: self.run(*pair), probes))

    def open(self, *probes: tuple[Side, Probe]) -> Sequence[Session]:
        limits = [probe.limits or self.limits for _, probe in probes]
        return self._bench.open(self._pack, probes, limits, self.sandbox_failures.append)

    def remaining(self) -> float:
        return self._bench.remaining()

    def draft(self, finding: Draft) -> None:
        self._on_draft(finding)

    def progress(self, text: str) -> None:
        self._on_progress(text)
