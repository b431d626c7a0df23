"""The four runs of a command, and the results that it reports."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.check.interface import Context, Limits, Probe, Reply, Side
from harness.globs import matches

from ..runs import Four, Run, TestResult

MAX_TESTS = 30_000
OUTCOMES = frozenset({"passed", "failed", "skipped", "xfailed"})
TEST_FILES = (
    "**/test/**", "**/tests/**", "**/__tests__/**", "**/spec/**", "**/testdata/**", "**/*.test.*",
    "**/*.spec.*", "**/*_test.*", "**/*_spec.*", "**/test_*", "**/*Test.*", "**/*Tests.*", "**/*.bats", "**/t/*.t",
)  # fmt: skip
"""What counts as a test where the configuration does not say."""


@dataclass(frozen=True)
class Plan:
    """What is run. ``overlay`` are the changed test files; ``code_changed`` says that others are too."""

    command: str
    format: str
    report: str | None
    overlay: tuple[str, ...]
    code_changed: bool


def plan(context: Context) -> Plan:
    """The plan of a change, by the configuration on base."""
    tests = context.tests
    patterns = tests.paths or TEST_FILES
    changed: list[str] = []
    for file in context.change.files:
        changed += [file.path] if file.old_path is None else [file.old_path, file.path]
    overlay = [path for path in changed if matches(patterns, path)]
    return Plan(tests.command, tests.format, tests.report, tuple(overlay), len(overlay) < len(changed))


def probe(context: Context, of: Plan, tests: Side, label: str, **more: Any) -> Probe:
    """A probe that runs one side's tests on whichever side's code it is run."""
    seconds = max(5.0, context.limits.wall_seconds - 5)
    request = {
        "overlay": {"from": tests.value, "paths": list(of.overlay)},
        "command": of.command, "format": of.format, "report": of.report, "seconds": seconds, **more,
    }  # fmt: skip
    limits = Limits(**dataclasses.asdict(context.limits))
    also = (tests,) if of.overlay else ()
    return Probe(entry="command/run.py", request=request, also=also, limits=limits, label=label)


def four_runs(context: Context, of: Plan) -> Four:
    """Run what differs, at the same time: two runs where only code or only tests changed."""
    pairs = [(Side.BASE, Side.BASE), (Side.HEAD, Side.HEAD)]
    if of.overlay and of.code_changed:
        pairs += [(Side.BASE, Side.HEAD), (Side.HEAD, Side.BASE)]
    jobs = [
        (code, probe(context, of, tests, f"{tests.value}'s tests on {code.value}'s code"))
        for tests, code in pairs
    ]
    runs = [decode(reply) for reply in context.run_all(*jobs)]
    bb, hh = runs[0], runs[1]
    if len(runs) == 4:
        return Four(bb, runs[2], runs[3], hh)
    return Four(bb, bb, hh, hh) if of.overlay else Four(bb, hh, bb, hh)


def decode(reply: Reply) -> Run:
    """A reply of the guest as a Run; whatever is not of the right shape is dropped."""
    facts = reply.of("run")
    if len(facts) != 1:
        return Run(problem="the test command gave no result")
    tests: dict[str, TestResult] = {}
    for message in reply.of("tests"):
        entries = message.get("tests")
        for entry in entries if isinstance(entries, list) else ():
            result = _result(entry)
            if result is not None and len(tests) < MAX_TESTS:
                tests[result.id] = result
    status = facts[0].get("status")
    problem = facts[0].get("problem")
    return Run(
        tests,
        finished=not problem,
        status=status if isinstance(status, int) else None,
        timed_out=facts[0].get("timed_out") is True,
        problem=problem[:400] if isinstance(problem, str) else "",
    )


def _result(entry: object) -> TestResult | None:
    if not isinstance(entry, dict) or entry.get("outcome") not in OUTCOMES:
        return None
    name, text = entry.get("id"), entry.get("text")
    if not isinstance(name, str) or not name:
        return None
    return TestResult(name[:420], entry["outcome"], text=text[:400] if isinstance(text, str) else "")


def contradictions(runs: Sequence[Run]) -> list[str]:
    """Runs whose exit status does not go with their results."""
    found = []
    for run in runs:
        failed = any(result.failed for result in run.tests.values())
        if not run.problem and failed and run.status == 0:
            found.append("it reported failing tests and ended with status 0")
        if not run.problem and not failed and run.status not in (0, None):
            found.append(f"it reported no failing test and ended with status {run.status}")
    return list(dict.fromkeys(found))
