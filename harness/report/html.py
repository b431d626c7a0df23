"""report.html: one self-contained file that is readable without JavaScript.

The page's own style and script are the only ones that its content security policy admits
(by their digests), and nothing is fetched. Untrusted text reaches the page through
``visible`` (the environment's ``finalize``) and autoescape, never another way.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.model.finding import Finding
from harness.model.report import Figure, Report, RiskFactor
from harness.report import story
from harness.report.diff import Hunk, Line, around, parse
from harness.report.escape import clipped, code_parts, one_line, relative_uri, visible

TEMPLATES = Path(__file__).parent / "templates"
_MAX_FIGURE = 2_000_000
_SHOWN = 1000
_WITH_DIFF = 60
_OPEN = 5
_BAR = 160


def render(
    report: Report,
    *,
    figures: Sequence[Figure] = (),
    diffs: Mapping[str, str] | None = None,
    proofs: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The page. ``diffs`` maps a path to its unified diff, ``proofs`` an id to its file names."""
    ranked = story.ranked(report)[:_SHOWN]
    shown = story.sections(ranked)
    hunks = {path: parse(text) for path, text in (diffs or {}).items()}
    cards = {
        finding.id: _card(finding, index, len(ranked), hunks, figures, (proofs or {}).get(finding.id, ()))
        for index, finding in enumerate(ranked)
    }
    for part in (shown.behaviour, shown.infrastructure, shown.others, shown.tests):
        for finding in part[:_OPEN]:
            cards[finding.id]["open"] = True
    blocking = story.blocking(report)
    style, script = _asset("style.css"), _asset("script.js")
    return _environment().get_template("report.html.j2").render(
        report=report,
        story=story,
        sections=shown,
        cards=cards,
        top=story.foremost(report, 6),
        left_out=len(report.findings) - len(ranked),
        blocking=blocking,
        confidence=story.confidence(report),
        deciding=story.deciding(report),
        further=story.further(report),
        files=_by_file(shown.others),
        loose_figures=_loose(figures, cards, "infrastructure"),
        risk_figures=_loose(figures, cards, "risk"),
        bars=[_bar(factor, report) for factor in report.risk.factors],
        categories=sorted({finding.category for finding in ranked}),
        style=Markup(style),  # noqa: S704 - the package's own file
        script=Markup(script),  # noqa: S704 - the package's own file
        style_hash=_digest(style),
        script_hash=_digest(script),
    )  # fmt: skip


def _loose(figures: Sequence[Figure], cards: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
    """The figures of a section that belong to no finding."""
    return [_figure(one) for one in figures if one.finding not in cards and one.place == place]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["one_line"] = one_line
    environment.filters["clipped"] = clipped
    environment.filters["code_parts"] = code_parts
    environment.filters["uri"] = relative_uri
    environment.filters["name"] = lambda path: PurePosixPath(path).name or path
    environment.filters["short"] = lambda commit: commit[:12]
    return environment


def _shown(value: Any) -> Any:
    return value if hasattr(value, "__html__") else visible(str(value))


def load_templates() -> None:
    """Compile the templates, as the first page would: a fifth of a second that fits into any waiting."""
    for name in _environment().list_templates(["j2"]):
        _environment().get_template(name)


@cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _card(
    finding: Finding,
    rank: int,
    total: int,
    hunks: Mapping[str, tuple[Hunk, ...]],
    figures: Sequence[Figure],
    proof_files: Sequence[str],
) -> dict[str, Any]:
    """What the template needs beside the finding itself. Texts are cut so that 500 findings load."""
    lines: tuple[Line, ...] = ()
    if rank < _WITH_DIFF:
        place = finding.location
        lines = around(hunks.get(place.path, ()), place.line, place.end_line)
    return {
        "open": False,
        "limit": max(400, min(4000, 200_000 // max(total, 1))),
        "diff": lines,
        "figures": [_figure(figure) for figure in figures if figure.finding == finding.id],
        "proof_files": proof_files,
    }


def _figure(figure: Figure) -> dict[str, str]:
    """A figure as an image: nothing in an image can run or load, whatever its labels hold."""
    data = figure.svg.encode("utf-8", "backslashreplace")
    if len(data) > _MAX_FIGURE:
        return {"title": f"{figure.title} (left out: too large)", "source": ""}
    return {"title": figure.title, "source": "data:image/svg+xml;base64," + base64.b64encode(data).decode()}


def _by_file(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.location.path, []).append(finding)
    return list(files.items())


def _bar(factor: RiskFactor, report: Report) -> dict[str, Any]:
    most = max((abs(other.points) for other in report.risk.factors), default=0) or 1
    width = round(_BAR * abs(factor.points) / most)
    return {
        "factor": factor,
        "width": max(width, 2 if factor.points else 0),
        "full": _BAR,
        "adds": factor.points >= 0,
    }
