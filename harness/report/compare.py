"""What changed between two reports of one change: new, fixed and remaining findings."""

from dataclasses import dataclass

from harness.model.finding import Finding
from harness.model.report import Report
from harness.report import story
from harness.report.escape import terminal_text


@dataclass(frozen=True)
class Comparison:
    """Findings by fingerprint, each list with what a reviewer needs first in front.

    ``missed`` are findings of checks that completed before and did not now: they are
    neither fixed nor there, because nobody looked.
    """

    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    missed: tuple[Finding, ...]


def compare(before: Report, after: Report) -> Comparison:
    """Compare an earlier report with a later one."""
    known = {finding.fingerprint for finding in before.findings}
    present = {finding.fingerprint for finding in after.findings}
    gone = [finding for finding in story.ranked(before) if finding.fingerprint not in present]
    later = story.ranked(after)
    return Comparison(
        tuple(finding for finding in later if finding.fingerprint not in known),
        tuple(finding for finding in gone if _looked_again(finding, after)),
        tuple(finding for finding in later if finding.fingerprint in known),
        tuple(finding for finding in gone if not _looked_again(finding, after)),
    )


def _looked_again(finding: Finding, after: Report) -> bool:
    """Whether the finding's check completed, or was skipped because its file changes no more."""
    status = {check.id: check.status for check in after.checks}.get(finding.check)
    if status == "skipped":
        return finding.location.path not in {file.path for file in after.change.files}
    return status in ("passed", "findings")


def plain(comparison: Comparison, before: Report, after: Report) -> str:
    """The comparison as lines for a terminal or a log."""
    lines = [
        f"{before.outcome} then {after.outcome}: {len(comparison.new):,} new, {len(comparison.fixed):,} fixed, "
        f"{len(comparison.remaining):,} still there, {len(comparison.missed):,} not looked at again"
    ]
    for label, findings in (
        ("new", comparison.new), ("fixed", comparison.fixed), ("still", comparison.remaining),
        ("missed", comparison.missed),
    ):  # fmt: skip
        lines += [
            f"{label:<7} {finding.severity:<8} {terminal_text(story.where(finding), 80)}  "
            f"{terminal_text(finding.title, 100)}"
            for finding in findings
        ]
    return "\n".join(lines) + "\n"
