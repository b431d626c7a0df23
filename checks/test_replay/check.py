"""Tests as evidence: base's and head's tests on base's and head's code."""

import dataclasses

from harness.check.interface import Context, Outcome, Side, Unverified

from .awaited import forgotten
from .command.check import check_command
from .evidence import gather
from .findings import Verdicts, limited
from .flaky import steadily_declaring, steady
from .honesty import dishonesty, unreliable
from .indirect import differences
from .matrix import Failure, declaring, failures
from .mutation.check import changed_lines_under_test, mutating
from .mutation.weaker import weaker_tests
from .narrowing import narrowed
from .proofs import declaring_tests
from .runs import Four, four_runs
from .special import special_cases
from .suite import Suite, read_suite

MAX_LISTED = 10
UNRECORDED = (
    "its calls could not be recorded in time, so only the functions that it names count as declared by it; "
    "a difference elsewhere that it intends may be told as undeclared"
)


def check(context: Context) -> Outcome:
    """Run the tests four times, compare, and say what of the change they show."""
    if context.tests.command:
        return check_command(context)
    suite = read_suite(context)
    if suite.empty:
        return Outcome(unverified=[Unverified("the behaviour of the code", "the repository has no tests")])
    context.progress("running the tests of both sides on the code of both sides")
    four = four_runs(context, suite)
    problems = [run.problem for _, _, run in four.every() if run.problem]
    if four.bb.problem and four.hh.problem:
        return Outcome(unverified=unreliable(suite, four), failed=problems[0])
    broken, flaky = steady(context, suite, list(failures(suite, four)))
    shown, by_chance = steadily_declaring(context, suite, declaring(four, suite.canary_ids))
    context.progress("comparing what the tests reach")
    hanging = {one for one in shown if four.hb.result(one).ended == "timed out"}
    evidence = gather(context, suite, shown, [failure.ids[0] for failure in broken], hanging)
    silent = [nodeid for nodeid in shown if nodeid not in evidence.declared]
    told = differences(context, suite, silent, four.hb)
    evidence = dataclasses.replace(evidence, declared={**told, **evidence.declared})
    verdicts = Verdicts(context, suite, evidence)
    for failure in broken:
        verdicts.add(failure)
    # Handed over at once, so that their proofs are confirmed while the check goes on.
    at_once = [*dishonesty(context, suite, four), *limited(verdicts.weakened), *limited(verdicts.failing)]
    for draft in [*at_once, *forgotten(context, suite, four)]:
        context.draft(draft)
    special = special_cases(context, suite)
    notice = changed_lines_under_test(context, suite)
    weaker = weaker_tests(context, suite, four) if mutating(context) else []
    return Outcome(
        findings=[*special, *narrowed(context, suite, four, broken), *weaker, *notice.findings],
        unverified=[
            *unreliable(suite, four),
            *not_runnable(suite, four),
            *flaky[:MAX_LISTED],
            *by_chance[:MAX_LISTED],
            *[Unverified(one, UNRECORDED) for one in evidence.lost[:MAX_LISTED]],
            *notice.unverified,
        ],
        declarations=evidence.declarations,
        declaring=declaring_tests(context, suite, shown) if evidence.declared else None,
        notes=[*summary(suite, four, broken), *_brief(verdicts.notes), *notice.notes],
        weights=notice.weights,
        failed=_incomplete(four),
    )


def _incomplete(four: Four) -> str:
    """Why the check counts as failed: a run that counts did not come to its end."""
    for tests, code, run in four.every():
        if tests is Side.BASE and run.timed_out and code is Side.BASE:
            return f"the tests of base did not end in time on base's code; the last test was {run.last}"
        if tests is code and run.problem:
            return run.problem
    return ""


def not_runnable(suite: Suite, four: Four) -> list[Unverified]:
    """Base's tests that do not pass on base's own code, by reason."""
    entries = []
    for path, text in list(four.bb.collect_errors.items())[:MAX_LISTED]:
        entries.append(Unverified(path, f"its tests cannot be collected on base: {text}"))
    bad = [r for r in four.bb.tests.values() if r.failed and r.id not in suite.canary_ids]
    for result in bad[:MAX_LISTED]:
        entries.append(Unverified(result.id, f"it fails on base already: {result.text}"))
    if len(bad) > MAX_LISTED:
        entries.append(Unverified(f"{len(bad) - MAX_LISTED} more tests", "they fail on base already"))
    return entries


def summary(suite: Suite, four: Four, broken: list[Failure]) -> list[str]:
    """Counts in one sentence."""
    passing = [nodeid for nodeid, result in four.bb.tests.items() if result.passed]
    count = len([nodeid for nodeid in passing if nodeid not in suite.canary_ids])
    failing = sum(len(failure.ids) for failure in broken)
    return [f"{count} tests of base pass on base's code; {failing} of them fail on head's code"]


def _brief(notes: list[str]) -> list[str]:
    rest = len(notes) - MAX_LISTED
    return [*notes[:MAX_LISTED], *([f"{rest} more tests were updated"] if rest > 0 else [])]
