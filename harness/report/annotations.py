"""GitHub workflow commands that put findings beside the changed lines."""

from harness.model.finding import Finding, Severity
from harness.model.report import Report
from harness.report import story
from harness.report.escape import one_line, workflow_data, workflow_property

# GitHub shows ten errors and ten warnings of one step and drops the rest silently.
MAX_ERRORS = MAX_WARNINGS = 10
_SEVERE: frozenset[Severity] = frozenset({"critical", "high"})


def render(report: Report) -> str:
    """One command a line: errors for what blocks or is severe, warnings for the rest."""
    named = story.blocking(report)
    findings = story.ranked(report)
    errors = [finding for finding in findings if finding.id in named or _is_error(finding)]
    severe = {finding.id for finding in errors}
    warnings = [finding for finding in findings if finding.id not in severe]
    lines = [_command("error", finding) for finding in errors[:MAX_ERRORS]]
    lines += [_command("warning", finding) for finding in warnings[:MAX_WARNINGS]]
    return "".join(f"{line}\n" for line in lines)


def _is_error(finding: Finding) -> bool:
    return finding.severity in _SEVERE and not finding.declared


def _command(level: str, finding: Finding) -> str:
    place = finding.location
    properties = [f"file={workflow_property(place.path)}", f"line={place.line}"]
    if place.end_line is not None:
        properties.append(f"endLine={place.end_line}")
    properties.append(f"title={workflow_property(one_line(f'{finding.id} {finding.title}', 200))}")
    return f"::{level} {','.join(properties)}::{workflow_data(_message(finding))}"


def _message(finding: Finding) -> str:
    proof = finding.proof
    lines = [one_line(finding.message, 600)]
    for label, value in (("input", proof.input), ("base", proof.base), ("head", proof.head)):
        if value is not None:
            lines.append(f"{label}: {one_line(value, 300)}")
    return "\n".join(lines)
