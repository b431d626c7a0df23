"""The main job: one change in, one report out."""

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import harness
from harness.cache.interface import Nowhere, Store
from harness.check.interface import Figure, Side
from harness.config.digest import digest_of
from harness.model.finding import Finding
from harness.model.report import ChangeSummary, Report, SandboxInfo, Unverified
from harness.replay import suppressing
from harness.replay.checking import Executor
from harness.replay.collect import Collector
from harness.replay.context import Workbench
from harness.replay.events import Listener
from harness.replay.plan import Plan
from harness.replay.projects import Part
from harness.replay.results import Results, environment_of
from harness.replay.running import Gathered, Run
from harness.replay.slots import Slots
from harness.replay.states import final_states
from harness.replay.taint import brought_together
from harness.risk.policy import decide
from harness.risk.score import assess_risk
from harness.sandbox.interface import Driver

WRITING_SECONDS, WRITING_SHARE = 1.0, 0.05
"""What is kept of the budget to end sandboxes and to write the report: seconds, or a share of a small one."""


@dataclass(frozen=True)
class Verified:
    """The report with what is written beside it: proof folders by finding id, and pictures."""

    report: Report
    proofs: Mapping[str, Mapping[str, bytes]]
    figures: Sequence[Figure] = ()


def verify(
    plan: Plan, driver: Driver, listener: Listener, debug: Callable[[str], None] = lambda text: None,
    store: Store | None = None, executor: Executor | None = None, began: float | None = None,
) -> Verified:  # fmt: skip
    """Run the plan's checks and make the report.

    ``store`` has and gets results of other runs; ``executor`` runs checks on other machines.
    ``began`` is the ``time.monotonic()`` from which the budget counts, when preparing took some of it.

    KeyboardInterrupt ends every sandbox at once and is raised again.
    """
    begin = time.monotonic() if began is None else began
    deadline = begin + plan.budget - min(WRITING_SECONDS, plan.budget * WRITING_SHARE)
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    slots = Slots(plan.jobs)
    store = store or Nowhere()
    environment = environment_of(driver) if not isinstance(store, Nowhere) else None
    benches = [_bench(plan, part, driver, slots, deadline, store, environment) for part in plan.divided()]
    collector = Collector(slots.count, listener)
    run = Run(plan, benches, collector, listener, debug, executor)
    try:
        gathered = run.all()
        findings, proofs = collector.finish(gathered.declarations, plan.report_name, gathered.declaring)
    except BaseException:
        slots.stop()
        driver.shutdown()
        collector.cancel()
        raise
    gathered.unverified += collector.unverified()
    gathered.notes += [*store.problems(), *(executor.notes() if executor else ())]
    first = collector.first_finding - begin if collector.first_finding else None
    report = _report(plan, driver, gathered, findings, started, time.monotonic() - begin, first)
    return Verified(report, proofs, (*gathered.figures, *collector.figures))


def _bench(
    plan: Plan,
    part: Part,
    driver: Driver,
    slots: Slots,
    deadline: float,
    store: Store,
    environment: str | None,
) -> Workbench:
    trees = {Side.BASE: part.base, Side.HEAD: part.head}
    results = Results(store, environment, part.change, trees, part.config, part.setup.layers, plan.budget)
    return Workbench(
        part.change, part.base, part.head, driver, slots, deadline, part.setup.layers, results,
        config=part.config, project=part.project, repository={Side.BASE: plan.base, Side.HEAD: plan.head},
    )  # fmt: skip


def _report(
    plan: Plan,
    driver: Driver,
    gathered: Gathered,
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
    checks = final_states(gathered.results, every)
    unverified = [*plan.unverified, *gathered.unverified, *_left_out_files(plan)]
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


def _left_out_files(plan: Plan) -> list[Unverified]:
    """Changed paths that are not in the snapshots, or not with their content."""
    changed = {file.path for file in plan.change.files}
    return [
        Unverified(entry.path, entry.left_out)
        for entry in plan.head.entries
        if entry.left_out and entry.path in changed
    ]
