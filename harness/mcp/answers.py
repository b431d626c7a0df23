"""What the tools answer, as plain tables made of a report. Pure functions.

Texts of a report come from the change under test. They are made visible and short, and only
ever stand as values: they are data for the assistant, never instructions to it.
"""

from typing import Any

from harness.errors import UsageError
from harness.model.finding import SEVERITIES, Category, Finding, Severity
from harness.model.report import Report
from harness.report import story
from harness.report.escape import clipped, one_line, visible

Table = dict[str, Any]
MAX_FINDINGS = 100
MAX_TEXT = 4000


def verdict(report: Report) -> Table:
    """The outcome in a sentence, the counts, and what to look at next."""
    sure = story.confidence(report)
    return {
        "outcome": report.outcome,
        "sentence": one_line(story.sentence(report), 400),
        "risk": {"score": report.risk.score, "level": report.risk.level},
        "base": report.change.base,
        "head": report.change.head,
        "worktree": report.change.worktree,
        "confirmed": sure.confirmed,
        "unconfirmed": sure.unconfirmed,
        "by_reading": sure.by_reading,
        "not_verified": sure.unverified,
        "findings": [_brief(finding) for finding in story.foremost(report, 5)],
        "checks": {one_line(check.id, 60): check.status for check in report.checks},
    }


def findings(report: Report, at_least: Severity = "info", category: Category | None = None) -> Table:
    """The findings of a severity and above, the most urgent first; at most ``MAX_FINDINGS``."""
    lowest = SEVERITIES.index(at_least)
    kept = [
        finding
        for finding in story.ranked(report)
        if SEVERITIES.index(finding.severity) >= lowest and category in (None, finding.category)
    ]
    return {
        "findings": [_brief(finding) for finding in kept[:MAX_FINDINGS]],
        "left_out": max(0, len(kept) - MAX_FINDINGS),
    }


def proof(report: Report, identity: str) -> Table:
    """Everything about one finding: input, base, head, replays, how to replay it by hand.

    Raises UsageError when the report has no finding of that id.
    """
    found = next((finding for finding in report.findings if finding.id == identity), None)
    if found is None:
        known = ", ".join(finding.id for finding in report.findings[:20]) or "none"
        raise UsageError(f"The report has no finding {identity[:40]!r}; it has: {known}.")
    evidence = found.proof
    return {
        **_brief(found),
        "message": _text(found.message),
        "input": _text(evidence.input),
        "base": _text(evidence.base),
        "head": _text(evidence.head),
        "replays": {"base": list(evidence.replays.base), "head": list(evidence.replays.head)},
        "command": _text(evidence.command),
        "declared_by": [one_line(name, 200) for name in found.declared_by[:20]],
        "suggestion": _text(found.suggestion),
        "cwe": [one_line(name, 20) for name in found.cwe[:10]],
    }


def explained(report: Report) -> Table:
    """Which rules of the policy decided, who must sign, what the risk is made of, what is unverified."""
    return {
        "outcome": report.outcome,
        "policy": one_line(report.policy, 200),
        "decisions": [
            {
                "rule": one_line(one.rule, 100),
                "action": one.action,
                "because": one_line(one.because, 400),
                "findings": list(one.findings[:MAX_FINDINGS]),
            }
            for one in report.decisions
        ],
        "sign_offs": [
            {"role": one_line(one.role, 100), "count": one.count, "because": one_line(one.because, 400)}
            for one in report.sign_offs
        ],
        "risk": [
            {"points": one.points, "name": one_line(one.name, 100), "because": one_line(one.because, 400)}
            for one in report.risk.factors
        ],
        "not_verified": [
            {"what": one_line(one.what, 200), "why": one_line(one.why, 400)} for one in report.unverified[:50]
        ],
        "checks_not_completed": [
            {"check": one_line(one.id, 60), "status": one.status, "reason": one_line(one.reason, 400)}
            for one in report.checks
            if one.status in ("failed", "timed_out", "skipped")
        ],
    }


def _brief(finding: Finding) -> Table:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "category": finding.category,
        "title": one_line(finding.title, 300),
        "where": one_line(story.where(finding), 300),
        "proof": finding.proof.status,
        "declared": finding.declared,
        "check": one_line(finding.check, 60),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else visible(clipped(text, MAX_TEXT))
