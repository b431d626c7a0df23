"""report.md: a pull-request comment, verdict first, details folded, within the hosts' limit."""

from collections.abc import Iterator, Sequence

from harness.model.finding import Finding
from harness.model.report import Report
from harness.report import story
from harness.report.escape import clipped, markdown_block, markdown_code, markdown_text

LIMIT = 60_000
MARKER = "<!-- change-harness:report -->"
_SIGNS = {"block": "⛔", "review": "👀", "pass": "✅", "inconclusive": "❔"}
_FIELD, _BLOCK, _BLOCK_LINES = 400, 1500, 30
_DETAILED = 25


def render(report: Report, limit: int = LIMIT) -> str:
    """The comment, at most ``limit`` characters; whole sections are left out from the end.

    The hidden ``MARKER`` in the first line lets a publisher find and update its own comment.
    """
    head = "\n".join([MARKER, _verdict(report)])
    foot = "\n\n" + _provenance(report)
    room = limit - len(head) - len(foot) - 200
    kept: list[str] = []
    left_out = 0
    for section in _sections(report):
        if left_out or len(section) + 2 > room:
            left_out += 1
            continue
        kept.append(section)
        room -= len(section) + 2
    if left_out:
        kept.append(
            f"_{story.count(left_out, 'section')} left out for length; `report.html` holds everything._"
        )
    return "\n\n".join([head, *kept]) + foot + "\n"


def _verdict(report: Report) -> str:
    lines = [
        f"## {_SIGNS[report.outcome]} {story.headline(report)}",
        "",
        markdown_text(story.sentence(report)),
        "",
    ]
    lines += [
        f"- **{markdown_text(story.who(sign_off), 80)}** must look: {markdown_text(sign_off.because, 300)}"
        for sign_off in report.sign_offs[:8]
    ]
    lines += [f"- {markdown_text(reason, 300)}" for reason in story.reasons(report)[:8]]
    sure = story.confidence(report)
    lines += [
        "",
        f"Risk **{report.risk.score}** of 100 ({report.risk.level}) · {sure.confirmed} confirmed by replay · "
        f"{sure.unconfirmed} unconfirmed · {sure.by_reading} by reading · {sure.unverified} not verified",
    ]
    return "\n".join(lines)


def _sections(report: Report) -> Iterator[str]:
    findings = story.ranked(report)
    if findings:
        yield _table(report, findings)
    if report.unverified:
        yield _unverified(report)
    if report.suppressed or report.expiries:
        yield _suppressed(report)
    for finding in findings[:_DETAILED]:
        yield _detail(finding)
    if report.risk.factors:
        yield _risk(report)
    if report.checks:
        yield _checks(report)


def _table(report: Report, findings: Sequence[Finding]) -> str:
    named = story.blocking(report)
    rows = ["| | Finding | Where | Proof |", "|---|---|---|---|"]
    for finding in findings[:50]:
        mark = "⛔" if finding.id in named else ("📝" if finding.declared else "•")
        proof = finding.proof.status if finding.proof.status != "none" else "by reading"
        place = _cell(story.where(finding))
        rows.append(
            f"| {mark} {finding.id} | **{finding.severity}** {markdown_text(finding.title, 160)}{_glance(finding)} "
            f"| {place} | {proof} |"
        )
    if len(findings) > 50:
        rows.append(f"| | … and {len(findings) - 50:,} more in `report.html` | | |")
    return "\n".join(rows)


def _glance(finding: Finding) -> str:
    """Input, base and head in the table's row, where they are short enough for it."""
    proof = finding.proof
    if proof.input is None or proof.base is None or proof.head is None:
        return ""
    if len(proof.input) > 80 or len(proof.base) + len(proof.head) > 90:
        return ""
    return f"<br>{_cell(proof.input)}: {_cell(proof.base)} → {_cell(proof.head)}"


def _cell(text: str) -> str:
    # A pipe splits a table row even inside a code span; there `\|` is the escape for it.
    return markdown_code(text, 120).replace("|", "\\|")


def _unverified(report: Report) -> str:
    lines = [f"<details><summary>Not verified ({len(report.unverified)})</summary>", ""]
    lines += [
        f"- {markdown_code(item.what, 160)}: {markdown_text(item.why, 240)}"
        for item in report.unverified[:40]
    ]
    if len(report.unverified) > 40:
        lines.append(f"- … and {len(report.unverified) - 40:,} more")
    return "\n".join([*lines, "", "</details>"])


def _suppressed(report: Report) -> str:
    lines = [f"<details><summary>Suppressed on base ({len(report.suppressed)})</summary>", ""]
    for one in report.suppressed[:40]:
        title = markdown_text(one.finding.title, 160)
        place = markdown_code(story.where(one.finding), 160)
        lines.append(f"- {one.finding.id} {title}, {place}: {markdown_text(story.accepted(one), 400)}")
    if len(report.suppressed) > 40:
        lines.append(f"- … and {len(report.suppressed) - 40:,} more")
    lines += [f"- {markdown_text(story.expiry(one), 500)}" for one in report.expiries[:40]]
    return "\n".join([*lines, "", "</details>"])


def _detail(finding: Finding) -> str:
    proof = finding.proof
    lines = [
        f"<details><summary>{finding.id}: {markdown_text(finding.title, 200)}</summary>", "",
        markdown_text(finding.message, 1200), "",
        f"{markdown_code(story.where(finding), 200)} · {finding.category}"
        + "".join(f" · {markdown_text(name, 20)}" for name in finding.cwe[:4])
        + (" · declared by the change’s own test" if finding.declared else ""),
    ]  # fmt: skip
    if proof.input is not None:
        lines += ["", _block("input", proof.input)]
        lines += ["", _block("base", proof.base)] if proof.base is not None else []
        lines += ["", _block("head", proof.head)] if proof.head is not None else []
    if proof.status == "confirmed":
        lines += ["", f"Confirmed in fresh sandboxes: {story.replays(finding)}."]
    if proof.command:
        lines += ["", markdown_block(clipped(proof.command, _FIELD), "sh")]
    if finding.suggestion:
        lines += ["", f"**Suggestion:** {markdown_text(finding.suggestion, 600)}"]
    return "\n".join([*lines, "", "</details>"])


def _block(label: str, text: str) -> str:
    return f"**{label}**\n\n{markdown_block(clipped(text, _BLOCK, _BLOCK_LINES))}"


def _risk(report: Report) -> str:
    rows = [
        f"<details><summary>Risk {report.risk.score} of 100</summary>",
        "",
        "| Points | Because |",
        "|---:|---|",
    ]
    rows += [
        f"| {factor.points:+d} | {markdown_text(factor.because or factor.name, 240)} |"
        for factor in report.risk.factors[:30]
    ]
    return "\n".join([*rows, "", "</details>"])


def _checks(report: Report) -> str:
    rows = ["<details><summary>Checks</summary>", "", "| Check | Status | Seconds | |", "|---|---|---:|---|"]
    rows += [
        f"| {_cell(check.id)} | {check.status} | {check.seconds:.1f} | {markdown_text(check.reason, 240)} |"
        for check in report.checks[:40]
    ]
    return "\n".join([*rows, "", "</details>"])


def _provenance(report: Report) -> str:
    change = report.change
    return (
        f"<sub>{markdown_code(change.base[:12])} to {markdown_code(change.head[:12])} · "
        f"sandbox {markdown_code(report.sandbox.driver, 40)} · {report.seconds:.0f} s · "
        f"change-harness {markdown_text(report.harness_version, 40)}</sub>"
    )
