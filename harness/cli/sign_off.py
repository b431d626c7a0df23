"""``harness sign-off``: whether the people that a report asks for have approved its head commit."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from harness.errors import UsageError
from harness.report import story
from harness.report.escape import terminal_text
from harness.report.json_report import read_report
from harness.risk import reviews
from harness.risk.approvals import Approval, Asked, judge


@click.group("sign-off")
def sign_off_group() -> None:
    """Check approvals against what a report asks for."""


@sign_off_group.command("verify")
@click.argument("report_dir", type=click.Path(path_type=Path))
@click.option("--approvals", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="JSON list of {who, commit, state}, oldest first.")  # fmt: skip
@click.option("--github", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Answer of GitHub's API: the reviews of the pull request.")  # fmt: skip
@click.option("--gitlab", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Answer of GitLab's API: the approvals of the merge request.")  # fmt: skip
@click.option("--gitlab-head", metavar="COMMIT", help="The commit that GitLab's approvals were given for.")
@click.option("--author", "authors", multiple=True, metavar="WHO",
              help="Who opened the request, and so cannot sign it off (repeatable).")  # fmt: skip
def verify_command(
    report_dir: Path, approvals: Path | None, github: Path | None, gitlab: Path | None,
    gitlab_head: str | None, authors: tuple[str, ...],
) -> int:  # fmt: skip
    """Say whether every sign-off of REPORT_DIR is given for its head commit.

    Exit status: 0 when it is, 1 when not, 2 wrong usage.
    """
    if gitlab and not gitlab_head:
        raise UsageError(
            "--gitlab needs --gitlab-head COMMIT: GitLab does not say what an approval was given for."
        )
    if not (approvals or github or gitlab):
        raise UsageError("Give the approvals: --approvals, --github or --gitlab with a FILE.")
    given: list[Approval] = []
    given += _read(approvals, reviews.own)
    given += _read(github, reviews.github)
    given += _read(gitlab, lambda data, source: reviews.gitlab(data, source, gitlab_head or ""))
    report = read_report(report_dir)
    judgement = judge(report, given, authors)
    for one in judgement.asked:
        click.echo(_line(one))
    for who, why in judgement.void:
        click.echo(f"does not count: {terminal_text(who, 80)} {terminal_text(why, 200)}")
    if not judgement.asked:
        click.echo("The report asks for no sign-off.")
    if report.outcome in ("block", "inconclusive"):
        click.echo(f"The outcome is {report.outcome}: approvals do not change that.")
    return 0 if judgement.met else 1


def _read(file: Path | None, decode: Callable[[bytes, str], Sequence[Approval]]) -> Sequence[Approval]:
    if file is None:
        return ()
    try:
        with file.open("rb") as stream:
            data = stream.read(reviews.MAX_BYTES + 1)
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}.") from None
    return decode(data, str(file))


def _line(asked: Asked) -> str:
    role = terminal_text(asked.sign_off.role, 60)
    given = ", ".join(terminal_text(name, 60) for name in asked.given) or "nobody"
    if asked.met:
        return f"given: {role} by {given}"
    missing = story.count(asked.sign_off.count - len(asked.given), "approval")
    if not asked.sign_off.people:
        return (
            f"missing: {missing} for {role}; nobody has that role, so name people in [roles] of harness.toml"
        )
    people = ", ".join(terminal_text(name, 60) for name in asked.sign_off.people[:10])
    return f"missing: {missing} for {role}; given by {given}, possible by {people}"
