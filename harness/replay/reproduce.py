"""Replaying one proof of a stored report."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.change.arrange import empty_tree
from harness.change.git import Shadow
from harness.change.snapshots import SnapshotStore
from harness.check.interface import ProofPlan, Side
from harness.check.loader import Pack, find_packs
from harness.config.load import FILE_NAME, nearest, parse_config
from harness.config.schema import Config
from harness.errors import ReportError, UsageError
from harness.model.change import Change
from harness.model.finding import Finding, ReplayResult
from harness.model.report import Report
from harness.model.snapshot import Snapshot
from harness.replay.confirm import expected, judge
from harness.replay.context import Workbench
from harness.replay.projects import own_config, trees_of, without
from harness.replay.proofs import StoredProof, read_files, read_proof
from harness.replay.setup import set_up
from harness.replay.slots import PROOF, Slots
from harness.report.json_report import read_report
from harness.sandbox.interface import Driver, Job, Limits

DriverFor = Callable[[str, str | None], Driver]
BUDGET = 600.0
SHELL_SECONDS = 3600.0
# The interpreter starts the shell, so that the shell knows where it lies. +m: without a terminal of its
# own there is no job control, and the shell need not say so.
_SHELL = "import os, sys; os.environ['PYTHON'] = sys.executable; os.execv('/bin/sh', ['sh', '+m', '-i'])"
_SHELL_START = """PS1='@SIDE@ $ '
python() { "$PYTHON" "$@"; }
pytest() { "$PYTHON" -m pytest -p no:cacheprovider "$@"; }
echo "A shell in a fresh sandbox on @SIDE@, without a terminal. The files of the proof:"
ls /in/proof
"""


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


@dataclass(frozen=True)
class Prepared:
    """One proof of a stored report with all that its replay needs."""

    finding: Finding
    plan: ProofPlan
    files: Mapping[str, bytes]
    pack: Pack
    bench: Workbench


def prepare(
    folder: Path, finding_id: str, repository: Path | None, state: Path, driver_for: DriverFor
) -> Prepared:
    """Find a proof, its trees and its pack. Raises ReportError or UsageError with what is missing."""
    report = read_report(folder)
    finding = _finding(report, finding_id)
    if finding.proof.path is None:
        raise ReportError(f"{finding.id} has no proof to replay; it was found by reading the change.")
    stored, plan = read_proof(folder / "proofs" / finding.id)
    pack = _pack(stored.check)
    base, head = _trees(report, stored, repository, state)
    driver = driver_for(report.sandbox.driver, None)
    change = Change(report.change.base, report.change.head, stored.base_tree, stored.head_tree)
    layers = _layers(stored, base, head, driver, state)
    bench = Workbench(change, base, head, driver, Slots(2), time.monotonic() + BUDGET, layers)
    return Prepared(finding, plan, read_files(folder / "proofs" / finding.id), pack, bench)


def reproduce(prepared: Prepared, times: int = 1) -> Reproduction:
    """Replay a proof ``times`` times on each of its sides, in fresh sandboxes."""
    plan, bench = prepared.plan, prepared.bench
    results: dict[Side, list[tuple[ReplayResult, str]]] = {side: [] for side in plan.sides}
    assert plan.probe.limits is not None
    try:
        for _ in range(times):
            for side in plan.sides:
                reply = bench.run(prepared.pack, side, plan.probe, plan.probe.limits, PROOF)
                results[side].append(judge(plan, reply))
    except BaseException:
        bench.driver.shutdown()
        raise
    return Reproduction(prepared.finding, plan, results)


def shell_job(prepared: Prepared, side: Side) -> Job:
    """A shell on one side of the change, in ``/tree``, with the proof's files in ``/in/proof``."""
    files = {f"proof/{name}": content for name, content in prepared.files.items()}
    files["shellrc"] = _SHELL_START.replace("@SIDE@", side.value).encode()
    return Job(
        argv=("{python}", "-c", _SHELL), tree=prepared.bench.trees[side].path, files=files,
        env={"ENV": "/in/shellrc", "PYTHONPATH": "/tree:/support"}, interactive=True,
        deps=prepared.bench.layers.get(side), tools=prepared.plan.probe.tools, mounts=prepared.plan.probe.mounts,
        limits=Limits(wall_seconds=SHELL_SECONDS, cpu_seconds=SHELL_SECONDS), label=f"shell on {side.value}",
    )  # fmt: skip


def _layers(
    stored: StoredProof, base: Snapshot, head: Snapshot, driver: Driver, state: Path
) -> dict[Side, Path]:
    """Both sides' dependencies as base's policy sets them up. Raises ReportError when it cannot."""
    policy = SnapshotStore(state / "snapshots").get(stored.whole_base_tree) or base
    config = _policy(policy)
    if stored.project in config.project:
        config = own_config(config, config.project[stored.project])
    setup = config.sandbox.setup
    done = set_up(setup, {Side.BASE: base, Side.HEAD: head}, driver, state, lambda said: None, offline=True)
    if done.results:
        driver.shutdown()
        raise ReportError(f"The proof cannot be replayed: {done.results[0].reason}.")
    return done.layers


def _policy(base: Snapshot) -> Config:
    """harness.toml on base; nobody vouches for it here, so it runs without a network."""
    return parse_config(base.read_text(FILE_NAME) or "", f"{FILE_NAME} on base")


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
    if found[0] and found[1] and (not stored.whole_base_tree or store.get(stored.whole_base_tree)):
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
            if stored.whole_base_tree and not _remake(shadow, stored, store):
                return None
            if not (shadow.resolve(stored.base_tree, "tree") and shadow.resolve(stored.head_tree, "tree")):
                return None
            base = store.materialise(shadow, stored.base_tree)
            return base, store.materialise(shadow, stored.head_tree, like=base)
    except UsageError:
        return None


def _remake(shadow: Shadow, stored: StoredProof, store: SnapshotStore) -> bool:
    """Make the trees of a project anew from those of the repository; whether they are the proof's."""
    whole = [shadow.resolve(tree, "tree") for tree in (stored.whole_base_tree, stored.whole_head_tree)]
    if whole[0] is None or whole[1] is None:
        return False
    policy = _policy(store.materialise(shadow, whole[0]))
    projects = policy.project
    if stored.project and stored.project not in projects:
        return False
    seen = [without(shadow, tree, policy.run.leave_out) for tree in whole if tree]
    trees = trees_of(shadow, projects, stored.project, seen[0], seen[1])
    return [tree or empty_tree(shadow) for tree in trees] == [stored.base_tree, stored.head_tree]
