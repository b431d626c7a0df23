"""Operations scripts by command replay: which destructive calls does head newly issue?"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.check.interface import (
    CheckFailed,
    CheckSkipped,
    Context,
    Draft,
    Outcome,
    Probe,
    Side,
    Unverified,
)

from .drafts import draft_of, written_draft
from .judging import Verdict, judge, unreached
from .proof import plan_for
from .runs import Effect, Runs, read
from .scenarios import Scenario, for_side, scenarios
from .scripts import MAX_SCRIPTS, Script, concerned

MAX_FINDINGS = 10
MAX_SECONDS = 60.0


@dataclass
class _Results:
    findings: list[Draft] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def doubt(self, what: str, why: str) -> None:
        self.unverified.append(Unverified(what, why, "ops"))


@dataclass(frozen=True)
class _Job:
    """One script with its scenarios and its runs on both sides."""

    script: Script
    scenarios: Sequence[Scenario]
    probe: Probe
    base: Runs
    head: Runs


def check(context: Context) -> Outcome:
    """Run every script that the change concerns on both sides and compare what it would destroy."""
    scripts = concerned(context.change, context.base, context.head)
    if not scripts:
        raise CheckSkipped("The change concerns no operations script.")
    results = _Results()
    for script in scripts[MAX_SCRIPTS:]:
        results.doubt(script.path, f"Only {MAX_SCRIPTS} scripts are replayed in one run.")
    shared = {"table": _table(context), "answers": _answers(context.settings)}
    jobs = [job for script in scripts[:MAX_SCRIPTS] if (job := _run(context, script, shared, results))]
    known: dict[str, Effect] = {}
    for job in jobs:
        known.update(job.base.effects())
    for job in jobs:
        _judge(context, job, known, results)
    return Outcome(results.findings, results.unverified, notes=results.notes)


def _table(context: Context) -> Mapping[str, Any]:
    return tomllib.loads((context.pack / "rules" / "tools.toml").read_text("utf-8"))


def _answers(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``[[checks.ops.answers]]``: what a tool prints. Raises CheckFailed for another shape."""
    found = settings.get("answers", [])
    for one in found if isinstance(found, list) else [{}]:
        shape = (
            isinstance(one, dict)
            and set(one) <= {"match", "output", "status"}
            and isinstance(one.get("match"), str)
        )
        if (
            not shape
            or not isinstance(one.get("output", ""), str)
            or not isinstance(one.get("status", 0), int)
        ):
            raise CheckFailed(
                '[[checks.ops.answers]] takes match = "regular expression", output = "text" and status = number.'
            )
    return list(found)


def _run(context: Context, script: Script, shared: Mapping[str, Any], results: _Results) -> _Job | None:
    found = scenarios(script, context.base, context.head)
    if not found:
        return None
    seconds = max(5.0, min(MAX_SECONDS, context.remaining() / 4))
    probes = {}
    for side, path in ((Side.BASE, script.base), (Side.HEAD, script.path)):
        request = {
            **shared, "scenarios": for_side(found, path or script.path), "seconds": seconds,
            "texts": sorted({script.base or script.path, script.path}), "script": path or script.path,
            "shell": script.kind in ("sh", "bash"),
        }  # fmt: skip
        probes[side] = Probe(
            entry="replay.py", request=request, limits=context.limits, label=f"replay {script.path}"
        )
    wanted = [side for side in Side if side is Side.HEAD or script.base]
    replies = dict(zip(wanted, context.run_all(*((side, probes[side]) for side in wanted)), strict=True))
    base, head = (read(replies[side]) if side in replies else Runs() for side in Side)
    for side, runs in ((Side.BASE, base), (Side.HEAD, head)):
        if not runs.complete:
            results.doubt(script.path, f"Its replay on {side} did not complete ({replies[side].end}).")
    if not (base.complete and head.complete):
        return None
    _note(script, found, base, head, results)
    return _Job(script, found, probes[Side.HEAD], base, head)


def _note(script: Script, found: Sequence[Scenario], base: Runs, head: Runs, results: _Results) -> None:
    left = max(base.left, head.left)
    if left:
        results.doubt(script.path, f"{left} of {len(found)} runs did not fit into the time.")
    slow = [name for name, ran in head.by_name.items() if ran.ended.startswith("stopped")]
    if slow:
        results.doubt(
            script.path,
            f"{len(slow)} run(s) were stopped, the first with {slow[0]}; what comes later was not seen.",
        )
    missing = [name for name, ran in head.by_name.items() if ran.ended in ("status 126", "status 127")]
    if len(missing) == len(head.by_name):
        results.doubt(script.path, "Its interpreter or a program that it needs is not in the sandbox.")
    results.notes.append(f"{script.path}: {len(found)} runs a side under recording stand-ins.")


def _judge(context: Context, job: _Job, known: dict[str, Effect], results: _Results) -> None:
    by_name = {one["name"]: one for one in job.scenarios}
    order = ("critical", "high", "medium", "low", "info")
    verdicts = sorted(
        judge(job.scenarios, job.base, job.head, known), key=lambda v: order.index(v.effect.severity)
    )
    for verdict in _distinct(verdicts)[:MAX_FINDINGS]:
        runs = {Side.BASE: job.base, Side.HEAD: job.head}
        plan = plan_for(verdict, job.script, by_name[verdict.scenario], job.probe, runs, context.pack)
        results.findings.append(draft_of(verdict, job.script, job.base, job.head, context.head, plan))
    for one in unreached(job.base, job.head, known):
        if one.effect.severity in ("critical", "high"):
            results.findings.append(written_draft(one, job.script))


def _distinct(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """One finding for each call of the script: what one command destroys belongs together."""
    found: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        found.setdefault((verdict.what, verdict.effect.call), verdict)
    return list(found.values())
