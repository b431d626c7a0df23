"""Why a report came out as it did, and how stored reports would come out under another policy."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from harness.config.schema import Config
from harness.model.finding import Category, Finding
from harness.model.report import Decision, Outcome, Report
from harness.risk.people import People
from harness.risk.policy import decide
from harness.risk.score import assess_risk

RANK: dict[Outcome, int] = {"pass": 0, "review": 1, "inconclusive": 2, "block": 3}
"""Outcomes from the best to the worst."""
_OF_ACTION: dict[str, Outcome] = {
    "block": "block",
    "inconclusive": "inconclusive",
    "review": "review",
    "sign-off": "review",
}
_DECLARABLE: frozenset[Category] = frozenset({"regression", "property", "test-failure"})


@dataclass(frozen=True)
class Step:
    """One thing that would have to change, with the findings that it is about."""

    what: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """``deciding`` are the rules that made the outcome, ``silent`` those that spoke and were outranked.

    ``steps`` together lead to ``afterwards``, the outcome that the remaining rules would give;
    for an outcome of pass there are none.
    """

    outcome: Outcome
    deciding: tuple[Decision, ...]
    silent: tuple[Decision, ...]
    steps: tuple[Step, ...]
    afterwards: Outcome


@dataclass(frozen=True)
class Trial:
    """One stored report under another policy: its outcome then and now, and every rule that speaks now."""

    report: Report
    now: Outcome
    decisions: tuple[Decision, ...]

    @property
    def then(self) -> Outcome:
        return self.report.outcome

    @property
    def deciding(self) -> tuple[Decision, ...]:
        """The decisions that make the outcome of now."""
        return _deciding(self.now, self.decisions)


def explain(report: Report) -> Explanation:
    """Which decisions made the outcome and what would have to change for a better one."""
    deciding = _deciding(report.outcome, report.decisions)
    silent = tuple(one for one in report.decisions if one not in deciding)
    known = {finding.id: finding for finding in report.findings}
    steps = tuple(_step(report, one, known) for one in deciding)
    gone = {name for one in deciding for name in one.findings}
    left = [one for one in silent if not one.findings or set(one.findings) - gone]
    outcomes: list[Outcome] = ["pass", *(_OF_ACTION[one.action] for one in left)]
    afterwards = max(outcomes, key=RANK.__getitem__)
    return Explanation(report.outcome, deciding, silent, steps, afterwards if steps else report.outcome)


def rerun(report: Report, config: Config) -> Trial:
    """The outcome of a stored report under ``config``: risk, rules and required checks anew.

    The findings are those that were found then; nothing is executed.
    """
    checks = report.checks
    if config.run.required is not None or config.run.also_required:
        checks = tuple(
            msgspec.structs.replace(check, required=_required(check.id, check.required, config))
            for check in checks
        )
    policy = config.policy
    risk = assess_risk(report.change, report.findings, checks, report.unverified, policy, report.weights)
    verdict = decide(report.change, report.findings, checks, risk, policy, People(config.roles).of)
    return Trial(report, verdict.outcome, verdict.decisions)


def never_spoke(trials: Sequence[Trial], config: Config) -> tuple[str, ...]:
    """Names of the policy's own block and review rules that decided nothing in any trial.

    Such a rule may be right and unneeded, or mistaken: the person who wrote it should know.
    """
    spoken = {decision.rule for trial in trials for decision in trial.decisions}
    rules = (*config.policy.block, *config.policy.review)
    return tuple(rule.name for rule in rules if rule.name not in spoken)


def _required(check: str, stored: bool, config: Config) -> bool:
    wanted = config.run.required
    return check in config.run.also_required or (stored if wanted is None else check in wanted)


def _deciding(outcome: Outcome, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    return tuple(one for one in decisions if _OF_ACTION[one.action] == outcome)


def _step(report: Report, decision: Decision, known: dict[str, Finding]) -> Step:
    findings = tuple(known[name] for name in decision.findings if name in known)
    if decision.action == "inconclusive":
        return Step(f"Make the check complete ({decision.because}), then verify again.")
    if decision.action == "sign-off":
        asked = [one for one in report.sign_offs if one.because == decision.because]
        people = ", ".join(f"{one.count} × {one.role}" for one in asked) or "the people it names"
        return Step(f"Get the approval of {people} on this head commit; `harness sign-off verify` checks it.")
    if not findings:
        return Step(_lower_risk(report))
    if decision.action == "block" and all(one.category in _DECLARABLE for one in findings):
        what = "Restore what base did, or commit a test that states the new behaviour"
    elif decision.action == "review":
        what = "Mend, or have a person look and decide"
    else:
        what = "Mend"
    return Step(f"{what}: {', '.join(one.id for one in findings)}.", findings)


def _lower_risk(report: Report) -> str:
    factors = [factor for factor in report.risk.factors if factor.points > 0][:3]
    if not factors:
        return "Have a person look: the rule speaks for the change as a whole."
    named = ", ".join(f"{factor.name} ({factor.points})" for factor in factors)
    return f"Have a person look, or lower the risk of {report.risk.score}; its heaviest factors are {named}."
