"""The main job: one change in, one report out."""

import datetime
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec

import harness
from harness.cache.interface import Nowhere, Store
from harness.check.interface import Declaration, Figure, Side
from harness.check.loader import Pack
from harness.config.digest import digest_of
from harness.config.schema import Config
from harness.model.change import Change
from harness.model.finding import Finding
from harness.model.report import ChangeSummary, CheckResult, Report, RiskWeight, SandboxInfo, Unverified
from harness.model.snapshot import Snapshot
from harness.replay import suppressing
from harness.replay.checking import Executor, check_once, is_required
from harness.replay.collect import Collector
from harness.replay.context import Workbench
from harness.replay.events import Listener
from harness.replay.results import Results, environment_of
from harness.replay.runner import Ran, not_applicable
from harness.replay.setup import SetUp
from harness.replay.slots import Slots, Stopped
from harness.replay.taint import brought_together
from harness.risk.people import People
from harness.risk.policy import decide
from harness.risk.score import assess_risk
from harness.sandbox.interface import Driver

DEFAULT_BUDGET = 600.0
MAX_WEIGHTS = 4
"""Weights on the risk that one check may give."""
PROOF_RESERVE = 0.15
"""Share of the budget that checks leave to the confirmation of their last proofs."""


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
    setup: SetUp = field(default_factory=SetUp)


@dataclass(frozen=True)
class Verified:
    """The report with what is written beside it: proof folders by finding id, and pictures."""

    report: Report
    proofs: Mapping[str, Mapping[str, bytes]]
    figures: Sequence[Figure] = ()


@dataclass
class _Gathered:
    results: list[CheckResult] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    weights: list[RiskWeight] = field(default_factory=list)


def default_jobs() -> int:
    """Sandboxes at a time: one more than there are cores, so that none idles while one starts."""
    return len(os.sched_getaffinity(0)) + 1


def verify(
    plan: Plan, driver: Driver, listener: Listener, debug: Callable[[str], None] = lambda text: None,
    store: Store | None = None, executor: Executor | None = None,
) -> Verified:  # fmt: skip
    """Run the plan's checks and make the report.

    ``store`` has and gets results of other runs; ``executor`` runs checks on other machines.

    KeyboardInterrupt ends every sandbox at once and is raised again.
    """
    begin = time.monotonic()
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    slots = Slots(plan.jobs)
    results = _results(plan, driver, store or Nowhere())
    bench = Workbench(
        plan.change, plan.base, plan.head, driver, slots, begin + plan.budget, plan.setup.layers, results
    )
    collector = Collector(bench, listener)
    try:
        gathered = _run_all(plan, bench, collector, listener, debug, results, executor)
        trees = {Side.BASE: plan.base.digest, Side.HEAD: plan.head.digest}
        findings, proofs = collector.finish(gathered.declarations, trees, plan.report_name)
    except BaseException:
        slots.stop()
        driver.shutdown()
        collector.cancel()
        raise
    gathered.unverified += collector.unverified()
    gathered.notes += [*results.problems(), *(executor.notes() if executor else ())]
    first = collector.first_finding - begin if collector.first_finding else None
    report = _report(plan, driver, gathered, findings, started, time.monotonic() - begin, first)
    return Verified(report, proofs, (*gathered.figures, *collector.figures))


def _results(plan: Plan, driver: Driver, store: Store) -> Results:
    trees = {Side.BASE: plan.base, Side.HEAD: plan.head}
    environment = environment_of(driver) if not isinstance(store, Nowhere) else None
    return Results(store, environment, plan.change, trees, plan.config, plan.setup.layers, plan.budget)


def _run_all(
    plan: Plan, bench: Workbench, collector: Collector, listener: Listener, debug: Callable[[str], None],
    results: Results, executor: Executor | None,
) -> _Gathered:  # fmt: skip
    gathered = _Gathered([*plan.setup.results], notes=[*plan.setup.notes])
    gathered.unverified += [Unverified("dependencies", one.reason, one.id) for one in plan.setup.results]
    for check, reason in plan.left_out.items():
        gathered.results.append(CheckResult(check, "skipped", reason))
    applicable = []
    for pack in plan.packs:
        reason_not = not_applicable(pack, plan.change)
        if reason_not:
            gathered.results.append(
                CheckResult(pack.id, "skipped", reason_not, version=pack.manifest.version)
            )
        else:
            applicable.append(pack)
    lock = threading.Lock()

    def one(pack: Pack) -> None:
        listener.started(pack.id, pack.manifest.title)
        ran = check_once(plan.config, bench, collector, listener, debug, results, executor, pack)
        listener.ended(ran.result)
        with lock:
            _gather(gathered, ran, pack.id)

    with ThreadPoolExecutor(max(1, len(applicable)), thread_name_prefix="check") as pool:
        futures = [pool.submit(one, pack) for pack in applicable]
        try:
            for future in futures:
                future.result()
        except BaseException:
            bench.slots.stop()
            bench.driver.shutdown()
            raise
    gathered.results.sort(key=lambda result: result.id)
    return gathered


def _gather(gathered: _Gathered, ran: Ran, check: str) -> None:
    gathered.results.append(ran.result)
    for item in ran.outcome.unverified:
        gathered.unverified.append(Unverified(item.what, item.why, item.check or check))
    if ran.result.status in ("failed", "timed_out"):
        gathered.unverified.append(Unverified(f"check {check}", ran.result.reason, check))
    gathered.declarations += ran.outcome.declarations
    gathered.notes += [f"{check}: {note}" for note in ran.outcome.notes]
    gathered.figures += ran.outcome.figures
    gathered.weights += [
        msgspec.structs.replace(weight, check=check) for weight in ran.outcome.weights[:MAX_WEIGHTS]
    ]


def _report(
    plan: Plan,
    driver: Driver,
    gathered: _Gathered,
    findings: Sequence[Finding],
    started: str,
    seconds: float,
    first: float | None,
) -> Report:
    findings = brought_together(findings, gathered.results)
    judged = suppressing.judged(findings, plan.change, plan.base, plan.head, plan.config, plan.policy_source)
    every = findings
    findings = [*judged.findings, *plan.extra]
    summary = ChangeSummary.of(plan.change)
    checks = _final_states(gathered.results, every)
    unverified = [*gathered.unverified, *_left_out_files(plan)]
    weights = sorted(gathered.weights, key=lambda weight: (weight.check or "", weight.name))
    risk = assess_risk(summary, findings, checks, unverified, plan.config.policy, weights)
    verdict = decide(summary, findings, checks, risk, plan.config.policy, plan.people.of)
    version = ".".join(map(str, driver.python_version()))
    return Report(
        harness_version=harness.__version__, change=summary, outcome=verdict.outcome, risk=risk,
        sign_offs=verdict.sign_offs, decisions=verdict.decisions, checks=tuple(checks), findings=tuple(findings),
        unverified=tuple(unverified), suppressed=judged.suppressed, expiries=judged.expiries,
        weights=tuple(weights), notes=(*plan.notes, *gathered.notes, *judged.notes),
        sandbox=SandboxInfo(driver.name, tuple(driver.describe()), version, driver.image()),
        policy=plan.policy_source, policy_digest=digest_of(plan.config), repository=plan.repository,
        started=started, seconds=round(seconds, 3),
        first_finding_seconds=round(first, 3) if first is not None else None,
    )  # fmt: skip


def _final_states(results: Sequence[CheckResult], findings: Sequence[Finding]) -> list[CheckResult]:
    """Findings may come early or be dropped unconfirmed, so ``findings`` is decided at the end."""
    found = {finding.check for finding in findings}
    states = []
    for result in results:
        status = result.status
        if status in ("passed", "findings"):
            status = "findings" if result.id in found else "passed"
        states.append(
            CheckResult(result.id, status, result.reason, result.seconds, result.version, result.required)
        )
    return states


def _left_out_files(plan: Plan) -> list[Unverified]:
    """Changed paths that are not in the snapshots, or not with their content."""
    changed = {file.path for file in plan.change.files}
    return [
        Unverified(entry.path, entry.left_out)
        for entry in plan.head.entries
        if entry.left_out and entry.path in changed
    ]


__all__ = ["Plan", "Stopped", "Verified", "default_jobs", "is_required", "verify"]
