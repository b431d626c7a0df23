"""From drafts to findings: proofs confirmed as drafts arrive, ids given at the end."""

import dataclasses
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import msgspec

from harness.check.interface import (
    BudgetExhausted,
    Declaration,
    Draft,
    Ended,
    Failed,
    Limits,
    ProofPlan,
    Reply,
    Side,
)
from harness.check.loader import Pack
from harness.model.finding import SEVERITIES, Finding, Proof, Replays
from harness.model.report import Figure, Unverified
from harness.replay.apart import Declaring, told_apart
from harness.replay.confirm import Runner, replay
from harness.replay.context import Workbench
from harness.replay.declared import DECLARABLE, declared_suggestion, declaring_tests, kindred_tests
from harness.replay.events import Listener
from harness.replay.fingerprint import fingerprint
from harness.replay.projects import Project
from harness.replay.proofs import Origin, proof_folder
from harness.replay.results import KeptCheck, KeptItem
from harness.replay.sharing import Sharing
from harness.replay.slots import PROOF

TEXT_LIMIT = 20_000
SANDBOX_TRIES = 2
"""Sandboxes that one replay may have when they fail by themselves."""
_Source = tuple[str, Project]
"""A check of one part."""


@dataclass
class _Item:
    bench: Workbench
    pack: Pack
    limits: Limits
    draft: Draft
    finding: Finding
    cut: str = ""
    """Why its proof could not be replayed: the time had ended, or a sandbox failed. Not empty: whether it
    holds is not known, and the check that handed it over is not complete."""
    timed_out: bool = False

    @property
    def dropped(self) -> bool:
        return self.draft.drop_unconfirmed and self.finding.proof.status != "confirmed"


class SandboxFailed(Exception):  # noqa: N818 - no result, and no error of ours
    """A replay was lost again and again; nothing is known of its proof."""


@dataclass(frozen=True)
class Settled:
    """Findings whose proofs are done, how many did not hold, and why others could not be tried."""

    items: tuple[KeptItem, ...]
    dropped: int
    cut: str = ""
    timed_out: bool = False


class Collector:
    """Takes drafts from all checks, confirms their proofs at once, and hands out findings."""

    def __init__(self, jobs: int, listener: Listener) -> None:
        self._listener = listener
        self._pool = ThreadPoolExecutor(max(2, jobs), thread_name_prefix="confirm")
        self._lock = threading.Lock()
        self._futures: list[tuple[_Source, Future[_Item]]] = []
        self._sharing = Sharing()
        self._seen: set[tuple[_Source, str]] = set()
        self._counts: dict[str, int] = {}
        self.first_finding: float | None = None
        self.dropped: dict[str, int] = {}
        self.figures: list[Figure] = []

    def add(self, bench: Workbench, pack: Pack, limits: Limits, draft: Draft) -> None:
        """Take a draft of a check of one part; a second one with the same fingerprint is ignored."""
        source, mark = _source(bench, pack), fingerprint(pack.id, draft)
        with self._lock:
            if (source, mark) in self._seen:
                return
            self._seen.add((source, mark))
            self._counts[pack.id] = self._counts.get(pack.id, 0) + 1
            self._futures.append((source, self._pool.submit(self._confirm, bench, pack, limits, draft, mark)))

    def _confirm(self, bench: Workbench, pack: Pack, limits: Limits, draft: Draft, mark: str) -> _Item:
        plan = draft.proof
        proof, cut, timed_out = Proof(), "", False
        if plan is not None:
            try:
                run = self._sharing.runner(plan, self._runner(bench, pack, plan, limits))
                status, replays = replay(plan, run)
            except BudgetExhausted:
                status, replays, timed_out = "unconfirmed", Replays(), True
                cut = "the time budget ended before the proof of a difference was replayed"
            except SandboxFailed as failed:
                status, replays = "unconfirmed", Replays()
                cut = f"a sandbox failed while a proof was replayed: {failed}"
            base = plan.base[:TEXT_LIMIT] if plan.base is not None and Side.BASE in plan.sides else None
            proof = Proof(status, plan.input[:TEXT_LIMIT], base, plan.head[:TEXT_LIMIT], replays)
        finding = Finding(
            id="", fingerprint=mark, check=pack.id, rule=draft.rule, category=draft.category,
            severity=draft.severity, title=draft.title[:300], message=draft.message[:TEXT_LIMIT],
            location=draft.location, cwe=draft.cwe, difference=draft.difference, proof=proof,
            suggestion=draft.suggestion, detail=draft.detail[:TEXT_LIMIT] if draft.detail else None,
            certainty=draft.certainty, group=draft.group,
        )  # fmt: skip
        item = _Item(bench, pack, limits, draft, finding, cut, timed_out)
        if not item.dropped:
            self._tell(bench.project.finding(finding))
        return item

    @staticmethod
    def _runner(bench: Workbench, pack: Pack, plan: ProofPlan, limits: Limits) -> Runner:
        def run(side: Side) -> Reply:
            why = ""
            for _ in range(SANDBOX_TRIES):
                reply = bench.run(pack, side, plan.probe, plan.probe.limits or limits, PROOF)
                why = _lost(reply)
                if not why:
                    return reply
            raise SandboxFailed(why)

        return run

    def _tell(self, finding: Finding) -> None:
        with self._lock:
            if self.first_finding is None:
                self.first_finding = time.monotonic()
        self._listener.found(finding)

    def restore(self, bench: Workbench, pack: Pack, kept: KeptCheck) -> None:
        """Take findings that an earlier run, or another machine, has confirmed."""
        source = _source(bench, pack)
        for item in kept.items:
            done: Future[_Item] = Future()
            done.set_result(_Item(bench, pack, item.limits, item.draft, item.finding))
            with self._lock:
                self._seen.add((source, item.finding.fingerprint))
                self._counts[pack.id] = self._counts.get(pack.id, 0) + 1
                self._futures.append((source, done))
            self._tell(bench.project.finding(item.finding))
        if kept.dropped:
            self.dropped[pack.id] = self.dropped.get(pack.id, 0) + kept.dropped

    def settled(self, bench: Workbench, pack: Pack) -> Settled:
        """What came of a check's findings once their proofs are done. Waits for them."""
        source = _source(bench, pack)
        with self._lock:
            futures = [future for one, future in self._futures if one == source]
        items = [future.result() for future in futures]
        held = [item for item in items if not item.dropped]
        cut = sorted((item for item in items if item.cut), key=lambda item: item.timed_out)
        return Settled(
            tuple(KeptItem(item.limits, item.draft, item.finding) for item in held),
            len([item for item in items if item.dropped and not item.cut]),
            cut[0].cut if cut else "",
            bool(cut) and cut[0].timed_out,
        )

    def finish(
        self,
        declarations: Mapping[Project, Sequence[Declaration]],
        report_name: str,
        declaring: Mapping[Project, Declaring] | None = None,
    ) -> tuple[list[Finding], dict[str, dict[str, bytes]]]:
        """(findings with ids, the worst first; proof folders by id). Waits for all proofs."""
        items = [future.result() for _, future in self._futures]
        self._pool.shutdown()
        kept = []
        for item in items:
            if item.dropped and item.cut:
                continue  # told by its check, which is not complete
            if item.dropped:
                self.dropped[item.pack.id] = self.dropped.get(item.pack.id, 0) + 1
            else:
                kept.append(item)
        findings, proofs = [], {}
        declared = [(item, _declaring(item, declarations, declaring or {})) for item in kept]
        declared = [one for pair in declared for one in self._apart(*pair, declaring or {})]
        for number, (item, tests) in enumerate(sorted(declared, key=_rank), start=1):
            name = f"F{number}"
            proof = item.finding.proof
            if item.draft.proof is not None:
                proofs[name] = proof_folder(
                    name, item.pack.id, item.draft.proof, item.limits, _origin(item.bench)
                )
                command = f"harness reproduce {report_name} {name}"
                proof = Proof(
                    proof.status,
                    proof.input,
                    proof.base,
                    proof.head,
                    proof.replays,
                    f"proofs/{name}",
                    command,
                )
            findings.append(_with(item.bench.project.finding(item.finding), name, proof, tests))
            if item.draft.picture is not None:
                picture = item.draft.picture
                self.figures.append(Figure(item.pack.id, picture.title, picture.svg, name))
        return findings, proofs

    def _apart(
        self, item: _Item, tests: tuple[str, ...], declaring: Mapping[Project, Declaring]
    ) -> list[tuple[_Item, tuple[str, ...]]]:
        """The finding, and beside it one of another cause than its declaring tests notice."""
        tellers = declaring.get(item.bench.project)
        other = tellers.other_cause(item.draft, item.pack, item.limits) if tests and tellers else None
        if other is None:
            return [(item, tests)]
        told = dataclasses.replace(
            other, message=f"{other.message} {told_apart(tests)}", key=f"{other.key} undeclared", others=()
        )
        second = self._confirm(item.bench, item.pack, item.limits, told, fingerprint(item.pack.id, told))
        if second.finding.proof.status != "confirmed":
            return [(item, tests)]
        return [(second, ())] if other is item.draft else [(item, tests), (second, ())]

    def cancel(self) -> None:
        """Give up all proofs that have not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def unverified(self) -> list[Unverified]:
        """A line for the differences that were seen but could not be shown again."""
        return [
            Unverified(
                f"{count} difference{'s' if count > 1 else ''} seen by {check}",
                "replaying did not show the same again three times, so nothing is reported",
                check,
            )
            for check, count in sorted(self.dropped.items())
        ]

    def count(self, check: str) -> int:
        """How many drafts a check has handed over."""
        return self._counts.get(check, 0)


def _lost(reply: Reply) -> str:
    """Why a replay says nothing: its sandbox failed, or something killed the guest that gives the verdict.

    The change may have done that, so it must not look as if the difference were gone. Empty for a result.
    """
    if isinstance(reply.end, Failed):
        return reply.end.reason
    if isinstance(reply.end, Ended) and reply.end.status < 0 and not reply.closed:
        return f"signal {-reply.end.status} ended it"
    return ""


def _source(bench: Workbench, pack: Pack) -> _Source:
    return pack.id, bench.project


def _origin(bench: Workbench) -> Origin:
    trees, whole = (
        tuple(snapshots[side].digest for side in (Side.BASE, Side.HEAD))
        for snapshots in (bench.trees, bench.repository)
    )
    commits = bench.change.base, bench.change.head
    return Origin((trees[0], trees[1]), bench.project.name, (whole[0], whole[1]), commits)


def _declaring(
    item: _Item,
    declarations: Mapping[Project, Sequence[Declaration]],
    tellers: Mapping[Project, Declaring],
) -> tuple[str, ...]:
    if item.finding.category not in DECLARABLE:
        return ()
    project = item.bench.project
    known, teller = declarations.get(project, ()), tellers.get(project)
    tests = declaring_tests(item.finding.difference, known)
    if not tests and teller is not None:
        kindred = kindred_tests(item.finding.difference, known)
        tests = kindred if kindred and teller.same_cause(item.draft, item.pack, item.limits) else ()
    return tuple(project.path(test) for test in tests)


def _rank(pair: tuple[_Item, tuple[str, ...]]) -> tuple[object, ...]:
    finding, tests = pair[0].finding, pair[1]
    proven = ("confirmed", "unconfirmed", "none").index(finding.proof.status)
    place = finding.location
    return (bool(tests), -SEVERITIES.index(finding.severity), proven, finding.category, place.path, place.line,
            finding.fingerprint)  # fmt: skip


def _with(finding: Finding, name: str, proof: Proof, tests: tuple[str, ...]) -> Finding:
    suggestion = declared_suggestion(tests) if tests else finding.suggestion
    return msgspec.structs.replace(
        finding, id=name, proof=proof, declared=bool(tests), declared_by=tests, suggestion=suggestion
    )
