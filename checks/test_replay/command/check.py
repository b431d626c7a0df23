"""Tests as evidence for a project whose tests its own command runs."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from harness.check.interface import Context, Draft, Location, Outcome, ProofPlan, Side, Unverified

from ..runs import Four, Run, TestResult
from .runs import Plan, contradictions, four_runs, plan, probe

MAX_PROVEN = 8
MAX_LISTED = 200
GONE = re.compile(
    r"is not a function|is not defined|not found|no such|cannot find|cannot import|undefined|unresolved"
    r"|ImportError|ModuleNotFound|does not exist|command not found|no method",
    re.IGNORECASE,
)
WEAKER = (
    "the results are those that the command reports: no collector of the harness watched the tests, no test "
    "that must fail was put among them, and neither coverage nor defects in changed lines were tried"
)

State = Literal["passes", "fails", "skipped", "absent"]


@dataclass(frozen=True)
class Broken:
    """A test that base's code passes and head's code fails; how head's version of it ends."""

    result: TestResult
    on_head: State
    on_base: State


def check_command(context: Context) -> Outcome:
    """The four runs of ``[tests] command`` and what they show."""
    of = plan(context)
    context.progress("running the test command of both sides on the code of both sides")
    four = four_runs(context, of)
    unverified = [Unverified("the honesty of the test results", WEAKER), *_unreliable(four)]
    if four.bb.problem and not four.bb.tests:
        return Outcome(unverified=unverified, failed=f"the test command on base: {four.bb.problem}")
    declaring = [
        name for name, one in four.hh.tests.items() if one.passed and _state(four.hb, name) == "fails"
    ]
    drafts, notes = [], []
    for broken in _broken(four):
        drafts_of_test, note = _judge(context, of, broken, bool(declaring))
        drafts += drafts_of_test
        notes += note
    passing = sum(one.passed for one in four.bb.tests.values())
    summary = f"{passing} tests of base pass on base's code; {len(drafts)} findings about them on head's code"
    for number, draft in enumerate(drafts):
        if number < MAX_PROVEN:
            context.draft(draft)
    left = [
        Unverified(draft.title, "more than could be replayed") for draft in drafts[MAX_PROVEN:][:MAX_LISTED]
    ]
    return Outcome(unverified=[*unverified, *left], notes=[summary, *notes[:10]], failed=_incomplete(four))


def _incomplete(four: Four) -> str:
    for tests, code, run in four.every():
        if tests is code and run.problem:
            return f"the test command on {code.value}: {run.problem}"
    return ""


def _unreliable(four: Four) -> list[Unverified]:
    entries = []
    for tests, code, run in four.every():
        what = f"{tests.value}'s tests on {code.value}'s code"
        if run.problem:
            entries.append(Unverified(what, run.problem))
        entries += [Unverified(what, text) for text in contradictions([run])]
    bad = [one for one in four.bb.tests.values() if one.failed]
    entries += [Unverified(one.id, f"it fails on base already: {one.text}") for one in bad[:10]]
    return list(dict.fromkeys(entries))


def _broken(four: Four) -> Iterator[Broken]:
    """Base's tests that pass on base's code and do not on head's."""
    for name, result in four.bb.tests.items():
        after = _state(four.bh, name)
        # A run that broke off says nothing of the tests that it did not reach.
        unreached = after == "absent" and bool(four.bh.problem) and bool(four.bh.tests)
        if result.passed and after != "passes" and not unreached:
            yield Broken(_result(four.bh, name), _state(four.hh, name), _state(four.hb, name))


def _state(run: Run, name: str) -> State:
    result = run.tests.get(name)
    if result is None:
        return "absent"
    if result.outcome == "passed":
        return "passes"
    return "fails" if result.failed else "skipped"


def _result(run: Run, name: str) -> TestResult:
    return run.tests.get(name) or TestResult(name, "missing", text=run.problem or "it was not run")


def _judge(context: Context, of: Plan, broken: Broken, declared: bool) -> tuple[list[Draft], list[str]]:
    """(findings, notes) about one test, by how head's version of it ends."""
    name = broken.result.id
    updated = broken.on_head == "passes" and broken.on_base != "passes"
    removed = broken.on_head == "absent" and bool(of.overlay)
    if updated or (removed and (declared or GONE.search(broken.result.text))):
        return [], [f"{name} was {'updated' if updated else 'removed'} together with the code that it tests"]
    if not of.overlay or broken.on_head == "fails":
        return [_failing(context, of, broken)], []
    return [_weakened(context, of, broken), _failing(context, of, broken)], []


def _failing(context: Context, of: Plan, broken: Broken) -> Draft:
    name = broken.result.id
    return Draft(
        rule="base-test-fails",
        category="test-failure",
        severity="high",
        title=f"{name} passes on base and not on head",
        message=f"Base's test {name} passes on base's code; on head's code: {broken.result.text or 'it fails'}.",
        location=_place(context, of, code=True),
        key=name,
        proof=_proof(context, of, broken),
        drop_unconfirmed=True,
        suggestion="Mend the code, or change the test so that it fails on base and passes on head.",
        group=f"test:{name}",
    )


def _weakened(context: Context, of: Plan, broken: Broken) -> Draft:
    name = broken.result.id
    now = {
        "passes": "passes on the code of both sides: it no longer tells them apart",
        "skipped": "is skipped",
        "absent": "is not run any more",
        "fails": "fails",
    }[broken.on_head]
    return Draft(
        rule="loosened-test",
        category="test-tampering",
        severity="high",
        title=f"{name} was weakened, and hides a failure",
        message=f"Base's version of {name} does not pass on head's code ({broken.result.text or 'it fails'}); "
        f"head's version {now}.",
        location=_place(context, of, code=False),
        key=f"loosened-test:{name}",
        proof=_proof(context, of, broken),
        drop_unconfirmed=True,
        suggestion="Restore the test as it stands on base and mend the code.",
        group=f"test:{name}",
    )


def _place(context: Context, of: Plan, *, code: bool) -> Location:
    """The first changed file of the code, or of the tests; a report of a command names no lines."""
    changed = [file.path for file in context.change.files]
    wanted = [path for path in changed if (path in of.overlay) != code]
    return Location(next(iter([*wanted, *changed]), "."), 1)


def _proof(context: Context, of: Plan, broken: Broken) -> ProofPlan:
    name = broken.result.id
    run = probe(context, of, Side.BASE, f"proof {name}"[:120], verdict={"ids": [name]})
    lines = ["#!/bin/sh", "# In a checkout of base, then of head with the test files of base:"]
    lines += [f"#   git checkout {context.change.base} -- {shlex.quote(path)}" for path in of.overlay]
    script = "\n".join([*lines, of.command, ""]).replace("\r", " ")
    return ProofPlan(
        probe=run, input=f"{of.command}  # {name}", base="passed", head=broken.result.text or broken.result.outcome,
        files={"run.sh": script.encode("utf-8", "replace")},
    )  # fmt: skip
