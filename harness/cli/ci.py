"""``harness ci``."""

import os
from pathlib import Path

import click

from harness.errors import UsageError
from harness.publish import github, gitlab
from harness.publish.interface import PARTS, Settings
from harness.report.escape import terminal_text
from harness.report.json_report import read_report

HOSTS = {"github": github.publish, "gitlab": gitlab.publish}


@click.group("ci")
def ci_group() -> None:
    """Tell a pull request what a report says; hand its figures to later steps."""


@ci_group.command("publish")
@click.argument("report_dir", type=click.Path(path_type=Path))
@click.option(
    "--to", "host", type=click.Choice(list(HOSTS)), required=True, help="Where the change is reviewed."
)
@click.option("--skip", multiple=True, type=click.Choice(PARTS), help="Leave this part out (repeatable).")
@click.option("--author", default=Settings.author, show_default=True, metavar="LOGIN",
              help="GitHub account whose comment is updated in place: that of the token.")  # fmt: skip
@click.option("--name", default=Settings.name, show_default=True, help="Name of the check run or status.")
def publish_command(report_dir: Path, host: str, skip: tuple[str, ...], author: str, name: str) -> int:
    """Publish the report in REPORT_DIR from a pipeline: summary, comment, check and SARIF.

    Everything is rendered anew from report.json, which is read as the hostile file that it may
    be. Tokens come from GITHUB_TOKEN or GITLAB_TOKEN. Exit status: 0, or 2 when a part failed.
    """
    report = read_report(report_dir)
    settings = Settings(author=author, name=name, skip=frozenset(skip))
    for sentence in HOSTS[host](report, os.environ, settings):
        click.echo(terminal_text(sentence, 400))
    return 0


@ci_group.command("outputs")
@click.argument("report_dir", type=click.Path(path_type=Path))
def outputs_command(report_dir: Path) -> int:
    """Write outcome, risk-level, risk-score and report of REPORT_DIR as outputs of a step.

    They go to the file that GITHUB_OUTPUT names, else are printed, one NAME=VALUE a line.
    """
    report = read_report(report_dir)
    folder = str(report_dir)
    if any(ord(character) < 32 for character in folder):
        raise UsageError("The report's folder has a control character in its name; choose another one.")
    values = {
        "outcome": report.outcome, "risk-level": report.risk.level, "risk-score": report.risk.score,
        "report": folder,
    }  # fmt: skip
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    target = os.environ.get("GITHUB_OUTPUT")
    if target:
        with Path(target).open("a", encoding="utf-8") as stream:
            stream.write(text)
    else:
        click.echo(text, nl=False)
    return 0
