"""The terminal's story: who must look, what is wrong, how sure we are, in about thirty lines."""

from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from harness.model.finding import Finding, Proof
from harness.model.report import Report
from harness.report import story
from harness.report.escape import terminal_text

# A line is its parts, each with a rich style; styles never come from the report.
Line = list[tuple[str, str]]

_OUTCOME = {
    "block": "bold red",
    "review": "bold yellow",
    "pass": "bold green",
    "inconclusive": "bold magenta",
}
_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
_SHOWN = 4
_WIDTH = 100


def lines(report: Report, folder: Path | str) -> list[Line]:
    """The story as styled lines. ``folder`` is where the report was written."""
    told: list[Line] = [
        [
            (f"{story.headline(report)}. ", _OUTCOME[report.outcome]),
            (terminal_text(story.sentence(report)), ""),
        ],
        _risk(report),
    ]
    told += [
        [("  must look  ", "dim"), (terminal_text(story.who(ask), 60), "bold"), (_tail(ask.because, 120), "")]
        for ask in report.sign_offs[:4]
    ]
    for finding in story.foremost(report, _SHOWN):
        told += [[], *_finding(finding)]
    if len(report.findings) > _SHOWN:
        told += [
            [(f"… and {story.count(len(report.findings) - _SHOWN, 'more finding')} in the report", "dim")]
        ]
    told += [[], *_unverified(report), *_suppressed(report), *_checks(report)]
    took = f"  {report.seconds:.0f} s in the {terminal_text(report.sandbox.driver, 30)} sandbox"
    told.append(
        [("Report  ", "dim"), (terminal_text(str(Path(folder) / "report.html")), "bold"), (took, "dim")]
    )
    return told


def plain(report: Report, folder: Path | str) -> str:
    """The story without any control sequence, for pipes, files and CI logs."""
    return "".join("".join(part for part, _ in line).rstrip() + "\n" for line in lines(report, folder))


def print_story(report: Report, folder: Path | str, stream: TextIO) -> None:
    """Print the story: coloured where ``stream`` is a terminal (unless ``NO_COLOR``), else plain."""
    if not stream.isatty():
        stream.write(_encodable(plain(report, folder), stream))
        return
    console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines(report, folder):
        console.print(Text.assemble(*line))


def _encodable(text: str, stream: TextIO) -> str:
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _risk(report: Report) -> Line:
    sure = story.confidence(report)
    return [
        ("  risk       ", "dim"),
        (f"{report.risk.score} of 100, {report.risk.level}", "bold"),
        (
            f"  ·  {sure.confirmed} confirmed, {sure.unconfirmed} unconfirmed, {sure.by_reading} by reading",
            "",
        ),
        (f"  ·  {sure.unverified} not verified", ""),
    ]


def _tail(text: str, limit: int) -> str:
    shown = terminal_text(text, limit)
    return f"  {shown}" if shown else ""


def _finding(finding: Finding) -> list[Line]:
    proof = finding.proof
    declared = ", declared" if finding.declared else ""
    told: list[Line] = [
        [
            (f"{finding.id:<4} ", "bold"), (f"{finding.severity:<8} ", _SEVERITY[finding.severity]),
            (terminal_text(finding.title, _WIDTH), "bold"),
        ],
        [
            ("     ", ""), (terminal_text(story.where(finding), 70), "cyan"),
            (f"  {finding.category}, {_status(finding)}{declared}", "dim"),
        ],
    ]  # fmt: skip
    if proof.input is not None:
        told.append([("     input  ", "dim"), (terminal_text(proof.input, _WIDTH), "")])
        told += _sides(proof)
    return told


def _sides(proof: Proof) -> list[Line]:
    """Base and head beside each other where both fit, else one below the other."""
    sides: list[Line] = []
    for name, observed, style in (("base", proof.base, "green"), ("head", proof.head, "red")):
        if observed is not None:
            sides.append([(f"     {name}   ", "dim"), (terminal_text(observed, _WIDTH), style)])
    if sum(len(text) for side in sides for text, _ in side) <= _WIDTH:
        return [[part for side in sides for part in side]]
    return sides


def _status(finding: Finding) -> str:
    return "by reading" if finding.proof.status == "none" else finding.proof.status


def _unverified(report: Report) -> list[Line]:
    told: list[Line] = [
        [("Not verified  ", "dim"), (f"{terminal_text(item.what, 50)}: {terminal_text(item.why, 80)}", "")]
        for item in report.unverified[:2]
    ]
    if len(report.unverified) > 2:
        told.append([(f"              … and {len(report.unverified) - 2:,} more", "dim")])
    return told


def _suppressed(report: Report) -> list[Line]:
    told: list[Line] = []
    if report.suppressed:
        said = f"{story.count(len(report.suppressed), 'finding')} that base accepts; the report names them"
        told.append([("Suppressed    ", "dim"), (said, "")])
    told += [
        [("              ", "dim"), (terminal_text(story.expiry(one), 160), "")]
        for one in report.expiries[:3]
    ]
    return told


def _checks(report: Report) -> list[Line]:
    marks = {"passed": "✓", "findings": "✗", "skipped": "-", "failed": "!", "timed_out": "!"}
    summary = "  ".join(
        f"{marks[check.status]} {terminal_text(check.id, 30)}" for check in report.checks[:14]
    )
    told: list[Line] = [[("Checks  ", "dim"), (summary, "")]] if summary else []
    broken = [check for check in report.checks if check.status in ("failed", "timed_out")]
    for check in broken[:3]:
        said = check.status.replace("_", " ")
        told.append(
            [
                (f"        {terminal_text(check.id, 30)} {said}: ", "bold"),
                (terminal_text(check.reason, 120), ""),
            ]
        )
    return told
