"""Whether the runs can be believed, and what of the change made them unbelievable."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.check.interface import Context, Draft, Location, Side, Unverified

from .proofs import dishonest_run
from .runs import Four, Place, Run
from .suite import Suite

RESULT_HOOKS = (
    "pytest_runtest_makereport", "pytest_runtest_logreport", "pytest_report_teststatus", "pytest_pyfunc_call",
    "pytest_runtest_call", "pytest_runtest_protocol", "pytest_runtestloop", "pytest_exception_interact",
    "pytest_sessionfinish", "pytest_unconfigure", "pytest_collection_modifyitems", "pytest_ignore_collect",
    "pytest_collect_file", "pytest_pycollect_makeitem", "pytest_pycollect_makemodule", "pytest_itemcollected",
    "pytest_collection_finish", "pytest_deselected", "pytest_configure", "pytest_cmdline_main",
    "pytest_make_collect_report", "pytest_runtest_setup", "pytest_runtest_teardown", "pytest_collection",
    "pytest_load_initial_conftests", "pytest_sessionstart", "pytest_generate_tests",
)  # fmt: skip


LEFT_OUT = "some tests that stand beside the others were not run"


@dataclass
class Doubts:
    """What contradicts a run. ``signs`` are sentences, ``tests`` ids that were misreported."""

    signs: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    place: Place | None = None
    hooks: tuple[str, ...] = RESULT_HOOKS


def doubts(suite: Suite, run: Run) -> Doubts:
    """Everything about a run that an honest run does not show."""
    found = Doubts()
    if run.problem:
        return found
    lies = [result for result in run.tests.values() if result.rewritten]
    if lies:
        found.signs.append(f"{len(lies)} tests failed and were not reported as failed")
        found.tests = [result.id for result in lies if result.id not in suite.canary_ids][:20]
        found.hooks = RESULT_HOOKS
    _canaries(run, found)
    if run.replaced:
        found.signs.append(f"{run.replaced[0].name} was replaced by code of the tree")
        found.place = run.replaced[0]
    if run.forged:
        found.signs.append("forged results were written to the channel of the collector")
    _ending(run, found)
    return found


def _canaries(run: Run, found: Doubts) -> None:
    canaries = run.canaries
    dead = [
        nodeid
        for nodeid in canaries.must_fail
        if run.result(nodeid).outcome in ("passed", "skipped", "xfailed")
    ]
    if dead:
        how = run.result(dead[0]).outcome
        found.signs.append(f"a test that must fail {'passed' if how == 'passed' else 'was skipped'}")
    lost = [nodeid for nodeid in canaries.ids if run.result(nodeid).outcome == "missing"]
    if lost and len(lost) < len(canaries.ids):
        found.signs.append(LEFT_OUT)
    broken = [nodeid for nodeid in canaries.must_pass if run.result(nodeid).failed]
    if broken:
        found.signs.append("a test that must pass failed")


def _ending(run: Run, found: Doubts) -> None:
    ran = [nodeid for nodeid in run.canaries.must_fail if run.result(nodeid).outcome == "failed"]
    crashed = any(result.ended for result in run.tests.values()) or bool(run.crashed_files)
    if run.exit_overridden:
        found.signs.append("the process of the tests was ended with an exit status of the tree's choice")
    elif not run.finished and not run.timed_out and not crashed:
        found.signs.append("the process of the tests was ended before it could report")
    elif run.finished and ran and run.status != 1 and not run.timed_out:
        found.signs.append(f"tests failed and pytest ended with status {run.status}")


def dishonesty(context: Context, suite: Suite, four: Four) -> list[Draft]:
    """Findings for doubts that head's tests or head's code raise and base's do not."""
    known = set(doubts(suite, four.bb).signs)
    drafts = []
    seen: set[str] = set()
    for run, by_tests in ((four.bh, False), (four.hh, True)):
        found = doubts(suite, run)
        signs = [sign for sign in found.signs if sign not in known]
        if by_tests and _selects_otherwise(suite):
            # Options that choose tests leave out ours as well; what they leave out of the project's
            # is told by those tests.
            signs = [sign for sign in signs if sign != LEFT_OUT]
        if not signs or tuple(signs) == tuple(seen):
            continue
        seen |= set(signs)
        place = _culprit(context, suite, run, found, by_tests)
        drafts.append(_draft(context, suite, signs, found, place))
        break
    return drafts


def _selects_otherwise(suite: Suite) -> bool:
    """Whether head's configuration chooses tests in another way than base's."""
    base, head = (dataclasses.replace(suite.layout(side), config=None) for side in Side)
    return head != base


def _culprit(context: Context, suite: Suite, run: Run, found: Doubts, by_tests: bool) -> Location:
    """Where the change does it: what replaced something, a new hook, a changed support file."""
    changed = [file.path for file in context.change.files if file.status != "deleted"]
    if found.place is not None and found.place.path in changed:
        return Location(found.place.path, found.place.line)
    hooks = [hook for hook in run.hooks if hook.path in changed and hook.name in found.hooks]
    hooks.sort(key=lambda hook: found.hooks.index(hook.name))
    if hooks:
        return Location(hooks[0].path, hooks[0].line)
    support = [path for path in changed if path in suite.overlay and path.endswith("conftest.py")]
    tests = [path for path in changed if path in suite.overlay and path.endswith(".py")]
    code = [path for path in changed if path not in suite.overlay and path.endswith(".py")]
    ranked = [*support, *tests, *code] if by_tests else [*code, *support, *tests]
    return Location(next(iter([*ranked, *changed]), "."), 1)


def _draft(context: Context, suite: Suite, signs: Sequence[str], found: Doubts, place: Location) -> Draft:
    text = "; ".join(signs)
    return Draft(
        rule="results-rewritten",
        category="test-tampering",
        severity="critical",
        title=f"{place.path} changes what the tests report",
        message=f"On head the test run does not report what happens: {text}. On base it does.",
        location=place,
        key="results-rewritten",
        proof=dishonest_run(context, suite, found.tests, text),
        suggestion="Remove what changes the results; a failing test has to be reported as failed.",
        detail="\n".join(found.tests) or None,
    )


def unreliable(suite: Suite, four: Four) -> list[Unverified]:
    """Runs of which nothing, or not everything, can be vouched for."""
    entries = []
    for tests, code, run in four.every():
        what = f"{tests.value}'s tests on {code.value}'s code"
        if run.problem:
            entries.append(Unverified(what, run.problem))
        elif run.timed_out:
            entries.append(
                Unverified(what, f"it did not end in time; the last test was {run.last or 'none'}")
            )
        elif not run.finished:
            entries.append(
                Unverified(what, "the test process ended again and again before all tests had run")
            )
        if run.foreign:
            names = ", ".join(run.foreign[:5])
            entries.append(Unverified(what, f"an installed copy was imported instead of the tree's: {names}"))
    signs = doubts(suite, four.bb).signs
    if signs:
        entries.append(Unverified("the results of base's tests", "; ".join(signs)))
    return list(dict.fromkeys(entries))
