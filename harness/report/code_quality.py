"""GitLab's code quality report: one entry a finding, as its merge request widget reads it."""

from typing import Any

import msgspec

from harness.model.finding import Finding, Severity
from harness.model.report import Report
from harness.report import story
from harness.report.escape import one_line, relative_uri

_SEVERITIES: dict[Severity, str] = {
    "critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info",
}  # fmt: skip


def render(report: Report) -> bytes:
    """A JSON array; the fingerprint lets GitLab tell new findings from known ones."""
    entries = [_entry(finding) for finding in story.ranked(report)]
    return msgspec.json.format(msgspec.json.encode(entries), indent=2) + b"\n"


def _entry(finding: Finding) -> dict[str, Any]:
    proof = "" if finding.proof.status == "none" else f" ({finding.proof.status})"
    return {
        "description": one_line(f"{finding.title}{proof}", 400),
        "check_name": one_line(f"{finding.check}/{finding.rule}", 200),
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": relative_uri(finding.location.path),
            "lines": {"begin": max(1, finding.location.line)},
        },
    }
