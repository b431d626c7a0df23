"""``harness report``."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from harness.model.report import Report
from harness.report import html, json_report, junit, markdown, sarif, terminal

FORMATS = ("terminal", "json", "html", "md", "sarif", "junit")


@click.command("report")
@click.argument("report_dir", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="terminal", show_default=True)
def report_command(report_dir: Path, form: str) -> int:
    """Render the report in REPORT_DIR again and print it.

    The diffs and pictures of report.html are not part of report.json, so HTML made here has none.
    """
    report = json_report.read_report(report_dir)
    if form == "terminal":
        terminal.print_story(report, report_dir, sys.stdout)
        return 0
    renderers: dict[str, Callable[[Report], str | bytes]] = {
        "json": json_report.render,
        "html": html.render,
        "md": markdown.render,
        "sarif": sarif.render,
        "junit": junit.render,
    }
    click.echo(renderers[form](report), nl=False)
    return 0
