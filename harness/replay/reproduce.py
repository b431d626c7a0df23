"""Replaying one proof of a stored report."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.change.git import Shadow
from harness.change.snapshots import SnapshotStore
from harness.check.interface import ProofPlan, Side
from harness.check.loader import Pack, find_packs
from harness.config.load import FILE_NAME, nearest, parse_config
from harness.errors import ReportError, UsageError
from harness.model.change import Change
from harness.model.finding import Finding, ReplayResult
from harness.model.report import Report
from harness.model.snapshot import Snapshot
from harness.replay.confirm import expected, judge
from harness.replay.context import Workbench
from harness.replay.proofs import StoredProof, read_proof
from harness.replay.setup import set_up
from harness.replay.slots import PROOF, Slots
from harness.report.json_report import read_report
from harness.sandbox.interface import Driver

DriverFor = Callable[[str, str | None], Driver]
BUDGET = 600.0


@dataclass(frozen=True)
class Reproduction:
    """What the replays gave, a list of (result, observation) a side."""

    finding: Finding
    plan: ProofPlan
    results: dict[Side, list[tuple[ReplayResult, str]]]

    @property
    def shows(self) -> bool:
        """Every replay of base passed and every replay of head failed."""
        return all(result == expected(side) for side, pairs in self.results.items() for result, _ in pairs)


def reproduce(
    folder: Path, finding_id: str, repository: Path | None, state: Path, driver_for: DriverFor, times: int = 1
) -> Reproduction:
    """Replay a proof. Raises ReportError or UsageError with what is missing."""
    report = read_report(folder)
    finding = _finding(report, finding_id)
    if finding.proof.path is None:
        raise ReportError(f"{finding.id} has no proof to replay; it was found by reading the change.")
    stored, plan = read_proof(folder / "proofs" / finding.id)
    pack = _pack(stored.check)
    base, head = _trees(report, stored, repository, state)
    driver = driver_for(report.sandbox.driver, None)
    change = Change(report.change.base, report.change.head, stored.base_tree, stored.head_tree)
    layers = _layers(base, head, driver, state)
    bench = Workbench(change, base, head, driver, Slots(2), time.monotonic() + BUDGET, layers)
    results: dict[Side, list[tuple[ReplayResult, str]]] = {side: [] for side in plan.sides}
    assert plan.probe.limits is not None
    try:
        for _ in range(times):
            for side in plan.sides:
                reply = bench.run(pack, side, plan.probe, plan.probe.limits, PROOF)
                results[side].append(judge(plan, reply))
    except BaseException:
        driver.shutdown()
        raise
    return Reproduction(finding, plan, results)


def _layers(base: Snapshot, head: Snapshot, driver: Driver, state: Path) -> dict[Side, Path]:
    """Both sides' dependencies as base's policy sets them up. Raises ReportError when it cannot."""
    text = base.read_text(FILE_NAME)
    if text is None:
        return {}
    setup = parse_config(text, f"{FILE_NAME} on base").sandbox.setup
    done = set_up(setup, {Side.BASE: base, Side.HEAD: head}, driver, state, lambda said: None, offline=True)
    if done.results:
        driver.shutdown()
        raise ReportError(f"The proof cannot be replayed: {done.results[0].reason}.")
    return done.layers


def _finding(report: Report, finding_id: str) -> Finding:
    for finding in report.findings:
        if finding.id.lower() == finding_id.lower():
            return finding
    known = [finding.id for finding in report.findings]
    if not known:
        raise UsageError("The report has no findings.")
    raise UsageError(f"The report has no finding {finding_id!r}{nearest(finding_id, known)}")


def _pack(check: str) -> Pack:
    packs = {pack.id: pack for pack in find_packs()}
    if check not in packs:
        raise ReportError(
            f"The proof needs the check {check!r}, which is not installed here; install its pack."
        )
    return packs[check]


def _trees(
    report: Report, stored: StoredProof, repository: Path | None, state: Path
) -> tuple[Snapshot, Snapshot]:
    """Snapshots by tree id: from this user's store, else from the repository."""
    store = SnapshotStore(state / "snapshots")
    found = [store.get(stored.base_tree), store.get(stored.head_tree)]
    if found[0] and found[1]:
        return found[0], found[1]
    places = [repository] if repository else [Path(report.repository), Path()]
    for place in places:
        trees = _from_repository(place, stored, store)
        if trees:
            return trees
    named = repository or report.repository
    raise UsageError(
        f"The files of {report.change.base[:10]} and {report.change.head[:10]} are not in {named}; "
        "pass --repo with a clone that has both commits."
    )


def _from_repository(
    place: Path, stored: StoredProof, store: SnapshotStore
) -> tuple[Snapshot, Snapshot] | None:
    try:
        with Shadow(place) as shadow:
            if not (shadow.resolve(stored.base_tree, "tree") and shadow.resolve(stored.head_tree, "tree")):
                return None
            return store.materialise(shadow, stored.base_tree), store.materialise(shadow, stored.head_tree)
    except UsageError:
        return None
