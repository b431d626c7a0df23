"""``harness report``."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from harness.model.report import Report
from harness.report import (
    annotations,
    code_quality,
    compare,
    html,
    json_report,
    junit,
    markdown,
    sarif,
    terminal,
)

RENDERERS: dict[str, Callable[[Report], str | bytes]] = {
    "json": json_report.render,
    "html": html.render,
    "md": markdown.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "annotations": annotations.render,
    "code-quality": code_quality.render,
}


class _ShowByDefault(click.Group):
    """``harness report FOLDER`` is ``harness report show FOLDER``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("report", cls=_ShowByDefault)
def report_group() -> None:
    """Render a stored report again (REPORT_DIR --format FORM), or compare two (diff)."""


@report_group.command("show")
@click.argument("report_dir", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["terminal", *RENDERERS]), default="terminal", show_default=True
)
def show_command(report_dir: Path, form: str) -> int:
    """Render the report in REPORT_DIR again and print it.

    The diffs and pictures of report.html are not part of report.json, so HTML made here has none.
    """
    report = json_report.read_report(report_dir)
    if form == "terminal":
        terminal.print_story(report, report_dir, sys.stdout)
    else:
        click.echo(RENDERERS[form](report), nl=False)
    return 0


@report_group.command("diff")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
def diff_command(before: Path, after: Path) -> int:
    """Say what is new, fixed and still there between two reports, such as those of two pushes."""
    old, new = json_report.read_report(before), json_report.read_report(after)
    click.echo(compare.plain(compare.compare(old, new), old, new), nl=False)
    return 0
