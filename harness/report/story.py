"""What every renderer tells in the same words and the same order. Pure functions."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.model.finding import SEVERITIES, Category, Finding
from harness.model.report import Decision, Report, SignOff
from harness.model.suppression import Expiry, Suppressed

HEADLINES = {
    "block": "Do not merge",
    "review": "A person must look",
    "pass": "Nothing stands against merging",
    "inconclusive": "Not vouched for",
}
BEHAVIOUR: frozenset[Category] = frozenset({"regression", "property", "exploit", "effect", "cost"})
INFRASTRUCTURE: frozenset[Category] = frozenset({"infra", "data-loss", "ops"})
TESTS: frozenset[Category] = frozenset({"test-failure", "test-tampering", "untested"})

MEANINGS: dict[Category, str] = {
    "regression": "Head returns, raises, mutates, prints or hangs differently from base.",
    "property": "Head breaks a property that the repository states or that base held on every input tried.",
    "exploit": "Head lets an attacker's input reach a dangerous operation.",
    "static": "Head contains a dangerous pattern that base did not.",
    "secret": "Head contains a credential.",
    "test-failure": "Head fails a test that base passed.",
    "test-tampering": "Head weakens, skips, deletes or games what verifies it.",
    "untested": "Head changes lines that no test runs, or that no test notices when they are broken.",
    "infra": "Head would delete, replace, expose or over-privilege infrastructure.",
    "data-loss": "Head has a migration that loses data or locks a table.",
    "dependency": "Head adds a package that is unknown, look-alike, vulnerable or unpinned.",
    "pipeline": "Head weakens the delivery pipeline.",
    "effect": "Head newly does something visible from outside.",
    "cost": "Head needs asymptotically more work than base.",
    "ops": "Head has an operations script that newly issues destructive commands.",
}
_DESTRUCTIVE = re.compile(r"destroy|delet|replac|drop|remov", re.IGNORECASE)


@dataclass(frozen=True)
class Confidence:
    """How many findings rest on what: replayed, executed but not confirmed, text only."""

    confirmed: int
    unconfirmed: int
    by_reading: int
    unverified: int


@dataclass(frozen=True)
class Sections:
    """The findings in reading order, each in exactly one place."""

    behaviour: tuple[Finding, ...]
    infrastructure: tuple[Finding, ...]
    others: tuple[Finding, ...]
    tests: tuple[Finding, ...]


def count(number: int, noun: str, many: str = "") -> str:
    """``1 finding``, ``2 findings``, ``no finding``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {many or noun + 's'}" if number else f"no {noun}"


def blocking(report: Report) -> frozenset[str]:
    """Ids of the findings that a blocking decision of the policy names."""
    return frozenset(
        finding
        for decision in report.decisions
        if decision.action == "block"
        for finding in decision.findings
    )


def confidence(report: Report) -> Confidence:
    """Counts by the status of the proof, and of what nobody vouches for."""
    states = [finding.proof.status for finding in report.findings]
    return Confidence(
        states.count("confirmed"), states.count("unconfirmed"), states.count("none"), len(report.unverified)
    )


def headline(report: Report) -> str:
    """The verdict in a few words."""
    return HEADLINES[report.outcome]


def sentence(report: Report) -> str:
    """Why the verdict is what it is, in one sentence, the most certain thing first."""
    if report.outcome == "inconclusive":
        return _inconclusive(report)
    if report.outcome == "block":
        named = blocking(report)
        findings = [finding for finding in report.findings if finding.id in named]
        if findings:
            verb = "blocks" if len(findings) == 1 else "block"
            return f"{count(len(findings), 'finding')} {verb} this change; {_of_them(findings)}."
        return "The policy blocks this change."
    if report.findings:
        return f"{count(len(report.findings), 'finding')}, none of which blocks; {_of_them(report.findings)}."
    done = sum(check.status == "passed" for check in report.checks)
    return f"{count(done, 'check')} completed and found nothing."


def _inconclusive(report: Report) -> str:
    broken = [check for check in report.checks if check.status in ("failed", "timed_out")]
    required = [check for check in broken if check.required] or broken
    names = ", ".join(check.id for check in required)
    if not names:
        return "A required check could not be completed, so nothing is vouched for."
    noun = "required check" if any(check.required for check in required) else "check"
    verb = "was" if len(required) == 1 else "were"
    return (
        f"The {noun}{'' if len(required) == 1 else 's'} {names} {verb} not completed: nothing is vouched for."
    )


def _of_them(findings: Sequence[Finding]) -> str:
    confirmed = sum(finding.proof.status == "confirmed" for finding in findings)
    if not confirmed:
        return "not confirmed by execution"
    if confirmed == len(findings):
        return "confirmed by execution" if confirmed == 1 else "all confirmed by execution"
    return f"{confirmed:,} of them confirmed by execution"


def deciding(report: Report) -> tuple[Decision, ...]:
    """The decisions that made the outcome what it is, blocking ones first."""
    made = {"block": ("block", "inconclusive"), "inconclusive": ("inconclusive",)}.get(report.outcome)
    found = [decision for decision in report.decisions if decision.action in (made or ("review", "sign-off"))]
    return tuple(sorted(found, key=lambda decision: decision.action != "block"))


def further(report: Report) -> tuple[Decision, ...]:
    """The other decisions: what would still be asked for if these were mended."""
    decided = deciding(report)
    return tuple(decision for decision in report.decisions if decision not in decided)


def reasons(report: Report) -> tuple[str, ...]:
    """Why the policy decided so, without repetition; sign-offs are told apart."""
    spoken = [decision.because for decision in deciding(report) if decision.action != "sign-off"]
    return tuple(dict.fromkeys(spoken))


def foremost(report: Report, number: int) -> tuple[Finding, ...]:
    """The first findings to name: what blocks, one of each cause or kind before a second one of any."""
    named = blocking(report)
    seen: set[tuple[str, ...]] = set()
    placed: list[tuple[bool, bool, Finding]] = []
    for finding in ranked(report):
        kind = (finding.group,) if finding.group else (finding.check, finding.rule)
        placed.append((finding.id not in named, kind in seen, finding))
        seen.add(kind)
    placed.sort(key=lambda entry: entry[:2])
    return tuple(finding for _, _, finding in placed[:number])


def who(sign_off: SignOff) -> str:
    """``1 senior``, ``2 database owners (ann, bo)``; without the sign that would notify people."""
    asked = count(sign_off.count, sign_off.role)
    if not sign_off.people:
        return asked
    named = ", ".join(name.removeprefix("@") for name in sign_off.people[:3])
    return f"{asked} ({named}{', …' if len(sign_off.people) > 3 else ''})"


def ranked(report: Report, findings: Iterable[Finding] | None = None) -> tuple[Finding, ...]:
    """Findings by what a reviewer needs first: blocking, confirmed, undeclared, severe."""
    named = blocking(report)
    proof = {"confirmed": 0, "unconfirmed": 1, "none": 2}

    def key(finding: Finding) -> tuple[object, ...]:
        return (
            finding.id not in named, finding.declared, -SEVERITIES.index(finding.severity),
            proof[finding.proof.status], not _DESTRUCTIVE.search(finding.rule),
            finding.location.path, finding.location.line, len(finding.id), finding.id,
        )  # fmt: skip

    return tuple(sorted(report.findings if findings is None else findings, key=key))


def sections(findings: Iterable[Finding]) -> Sections:
    """Each finding in one section; behaviour without an executed input is a matter of reading."""
    places: dict[str, list[Finding]] = {"behaviour": [], "infrastructure": [], "others": [], "tests": []}
    for finding in findings:
        places[_place(finding)].append(finding)
    return Sections(**{name: tuple(found) for name, found in places.items()})


def _place(finding: Finding) -> str:
    if finding.category in INFRASTRUCTURE:
        return "infrastructure"
    if finding.category in TESTS:
        return "tests"
    if finding.category in BEHAVIOUR and finding.proof.input is not None:
        return "behaviour"
    return "others"


def accepted(one: Suppressed) -> str:
    """By whom and until when a finding is accepted: ``until 2027-01-31 by jobs/load.py:12: the reason``."""
    return f"until {one.by.until.isoformat()} by {one.by.source}: {one.by.reason}"


def expiry(one: Expiry) -> str:
    """A suppression that ends soon or has ended, as a sentence."""
    by = one.suppression
    when = "does not count any more since its end on" if one.over else f"ends in {count(one.days, 'day')}, on"
    if one.days == 0:
        when = "ends today,"
    return f"The suppression of {by.rule} ({by.source}) {when} {by.until.isoformat()}: {by.reason}"


def where(finding: Finding) -> str:
    """``path:line``, the place a reviewer opens."""
    return f"{finding.location.path}:{finding.location.line}"


def replays(finding: Finding) -> str:
    """``base 3 of 3 pass, head 3 of 3 fail``; empty when nothing was replayed."""
    sides = []
    for name, results, wanted in (
        ("base", finding.proof.replays.base, "pass"), ("head", finding.proof.replays.head, "fail"),
    ):  # fmt: skip
        if results:
            sides.append(f"{name} {results.count(wanted)} of {len(results)} {wanted}")
    return ", ".join(sides)
