"""The body of a GitHub check run: conclusion, summary, at most 50 annotations."""

from typing import Any

from harness.model.finding import Finding
from harness.model.report import Outcome, Report
from harness.publish.event import Event
from harness.report import markdown, story
from harness.report.escape import clipped, one_line, visible

MAX_ANNOTATIONS = 50
MAX_TEXT = 60_000
# GitHub's branch rules take success, neutral and skipped for a pass; nothing vouched for is none.
CONCLUSIONS: dict[Outcome, str] = {
    "pass": "success", "review": "neutral", "block": "failure", "inconclusive": "failure",
}  # fmt: skip
_LEVELS = {"critical": "failure", "high": "failure", "medium": "warning", "low": "notice", "info": "notice"}


def render(report: Report, event: Event, name: str, altered: str = "") -> dict[str, Any]:
    """The JSON body. ``altered`` is a path by which the change alters its own verification.

    Such a run asks for action whatever the report says, because that run may have been forged.
    """
    title = f"{story.headline(report)}: {one_line(story.sentence(report), 180)}"
    conclusion = CONCLUSIONS[report.outcome]
    if altered:
        title = f"This change alters {one_line(altered, 100)}, which verifies it: a person must look"
        conclusion = "action_required"
    body: dict[str, Any] = {
        "name": name,
        "head_sha": event.commit,
        "status": "completed",
        "conclusion": conclusion,
        "output": {
            "title": title,
            "summary": markdown.render(report, MAX_TEXT),
            "annotations": [_annotation(finding) for finding in story.ranked(report)[:MAX_ANNOTATIONS]],
        },
    }
    if event.run_url.startswith("https://"):
        body["details_url"] = event.run_url
    return body


def _annotation(finding: Finding) -> dict[str, Any]:
    place, proof = finding.location, finding.proof
    lines = [clipped(visible(finding.message), 2000)]
    for label, value in (("input", proof.input), ("base", proof.base), ("head", proof.head)):
        if value is not None:
            lines.append(f"{label}: {one_line(value, 400)}")
    start = max(1, place.line)
    return {
        "path": _path(place.path),
        "start_line": start,
        "end_line": max(start, place.end_line or start),
        "annotation_level": _LEVELS[finding.severity],
        "title": one_line(f"{finding.id} {finding.title}", 200),
        "message": "\n".join(lines),
    }


def _path(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    return one_line("/".join(parts), 1000) or "unknown"
