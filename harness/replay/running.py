"""Running all checks of all parts of a change, and gathering what they gave."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec

from harness.check.interface import Declaration, Figure
from harness.check.loader import Pack
from harness.model.report import CheckResult, RiskWeight, Unverified
from harness.replay.apart import Declaring
from harness.replay.checking import Executor, check_once
from harness.replay.collect import Collector
from harness.replay.context import Workbench
from harness.replay.events import Listener
from harness.replay.plan import Plan
from harness.replay.projects import Project
from harness.replay.runner import Ran, not_applicable
from harness.replay.states import merged

MAX_WEIGHTS = 4
"""Weights on the risk that one check may give."""


@dataclass
class Gathered:
    """What the checks gave besides findings."""

    results: list[CheckResult] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    declarations: dict[Project, list[Declaration]] = field(default_factory=dict)
    declaring: dict[Project, Declaring] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    weights: list[RiskWeight] = field(default_factory=list)


@dataclass
class Run:
    """The checks of all parts, each with a thread of its own."""

    plan: Plan
    benches: Sequence[Workbench]
    collector: Collector
    listener: Listener
    debug: Callable[[str], None]
    executor: Executor | None
    gathered: Gathered = field(default_factory=Gathered)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def all(self) -> Gathered:
        """Run everything that applies; what does not is a skipped result with the reason."""
        self._note_setup()
        for check, reason in self.plan.left_out.items():
            self.gathered.results.append(CheckResult(check, "skipped", reason))
        tasks = [task for pack in self.plan.packs for task in self._applicable(pack)]
        with ThreadPoolExecutor(max(1, len(tasks)), thread_name_prefix="check") as pool:
            futures = [pool.submit(self._one, pack, bench) for pack, bench in tasks]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self.benches[0].slots.stop()  # all parts share them
                self.benches[0].driver.shutdown()
                raise
        self.gathered.results = merged(self.gathered.results)
        return self.gathered

    def _note_setup(self) -> None:
        for part in self.plan.divided():
            for one in part.setup.results:
                self.gathered.results.append(one)
                self.gathered.unverified.append(
                    part.project.unverified(Unverified("dependencies", one.reason, one.id))
                )
            self.gathered.notes += [part.project.label(note) for note in part.setup.notes]

    def _applicable(self, pack: Pack) -> list[tuple[Pack, Workbench]]:
        """Where a check runs; a result that says why, where there is no such place."""
        found, reasons = [], []
        for part, bench in zip(self.plan.divided(), self.benches, strict=True):
            if part.takes(pack.manifest):
                reason = not_applicable(pack, part.change)
                reasons.append(reason)
                found += [] if reason else [(pack, bench)]
        if not found:
            said = next((reason for reason in reasons if reason), "no project is touched")
            self.gathered.results.append(CheckResult(pack.id, "skipped", said, version=pack.manifest.version))
        return found

    def _one(self, pack: Pack, bench: Workbench) -> None:
        label = bench.project.label(pack.id)
        self.listener.started(label, pack.manifest.title)
        ran = check_once(pack, bench, self.collector, self.listener, self.debug, self.executor)
        self.listener.ended(msgspec.structs.replace(ran.result, id=label))
        with self.lock:
            _gather(self.gathered, ran, pack.id, bench.project)
            if ran.outcome.declaring is not None:
                self.gathered.declaring[bench.project] = Declaring(bench, pack, ran.outcome.declaring)


def _gather(gathered: Gathered, ran: Ran, check: str, project: Project) -> None:
    result = ran.result
    if project.name:
        words = f"{project.name}: {result.reason}" if result.reason else f"in {project.name}"
        result = msgspec.structs.replace(result, reason=words)
    gathered.results.append(result)
    for item in ran.outcome.unverified:
        gathered.unverified.append(project.unverified(Unverified(item.what, item.why, item.check or check)))
    if ran.result.status in ("failed", "timed_out"):
        gathered.unverified.append(project.unverified(Unverified(f"check {check}", ran.result.reason, check)))
    gathered.declarations.setdefault(project, []).extend(ran.outcome.declarations)
    gathered.notes += [f"{project.label(check)}: {note}" for note in ran.outcome.notes]
    gathered.figures += ran.outcome.figures
    gathered.weights += [
        msgspec.structs.replace(weight, check=check) for weight in ran.outcome.weights[:MAX_WEIGHTS]
    ]
