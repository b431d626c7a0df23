"""``harness sign-off``: whether the people that a report asks for have approved its head commit."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from harness.attest import approval, keys
from harness.errors import UsageError
from harness.model.report import Report
from harness.publish.reviews import Given, from_github, from_gitlab
from harness.report import story
from harness.report.escape import terminal_text
from harness.report.json_report import read_report
from harness.risk import reviews
from harness.risk.approvals import Approval, Asked, judge

HOSTS = {"github": from_github, "gitlab": from_gitlab}


@click.group("sign-off")
def sign_off_group() -> None:
    """Check approvals against what a report asks for."""


@sign_off_group.command("sign")
@click.argument("report_dir", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE",
              help="Your private key, of `harness attest keygen`.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE",
              help="Where to write the approval.")  # fmt: skip
def sign_command(report_dir: Path, key: Path, out: Path) -> int:
    """Approve the head commit of REPORT_DIR in a signed file (extra: attest)."""
    report = read_report(report_dir)
    content = approval.sign(report, keys.private_key(key))
    try:
        out.write_bytes(content)
    except OSError as problem:
        raise UsageError(f"{out} cannot be written: {problem.strerror}.") from None
    click.echo(f"Approved {report.change.head[:10]} ({report.outcome}) in {out}.")
    return 0


@sign_off_group.command("verify")
@click.argument("report_dir", type=click.Path(path_type=Path))
@click.option("--ask", type=click.Choice(list(HOSTS)),
              help="Ask this host, as the job's environment names it, for approvals and author.")  # fmt: skip
@click.option("--approvals", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="JSON list of {who, commit, state}, oldest first.")  # fmt: skip
@click.option("--github", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Answer of GitHub's API: the reviews of the pull request.")  # fmt: skip
@click.option("--gitlab", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Answer of GitLab's API: the approvals of the merge request.")  # fmt: skip
@click.option("--gitlab-head", metavar="COMMIT", help="The commit that GitLab's approvals were given for.")
@click.option("--signed", type=click.Path(path_type=Path, dir_okay=False), multiple=True, metavar="FILE",
              help="An approval of `harness sign-off sign` (repeatable).")  # fmt: skip
@click.option("--key", "owners", multiple=True, metavar="WHO=PUB",
              help="Whose public key is whose, for --signed (repeatable).")  # fmt: skip
@click.option("--author", "authors", multiple=True, metavar="WHO",
              help="Who opened the request, and so cannot sign it off (repeatable).")  # fmt: skip
def verify_command(
    report_dir: Path, ask: str | None, approvals: Path | None, github: Path | None, gitlab: Path | None,
    gitlab_head: str | None, signed: tuple[Path, ...], owners: tuple[str, ...], authors: tuple[str, ...],
) -> int:  # fmt: skip
    """Say whether every sign-off of REPORT_DIR is given for its head commit.

    Tokens come from GITHUB_TOKEN or GITLAB_TOKEN. Exit status: 0 when every one is, 1 when not, 2
    wrong usage or no answer.
    """
    if gitlab and not gitlab_head:
        raise UsageError(
            "--gitlab needs --gitlab-head COMMIT: GitLab does not say what an approval was given for."
        )
    if not (ask or approvals or github or gitlab or signed):
        raise UsageError(
            "Give the approvals: --ask HOST, or --approvals, --github, --gitlab or --signed with a FILE."
        )
    report = read_report(report_dir)
    given = [
        *_read(approvals, reviews.own),
        *_read(github, reviews.github),
        *_read(gitlab, lambda data, source: reviews.gitlab(data, source, gitlab_head or "")),
        *_signed(signed, owners),
    ]
    if ask:
        answer = _asked(ask, report)
        given += answer.approvals
        authors += answer.authors
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


def _asked(host: str, report: Report) -> Given:
    answer = HOSTS[host](report, os.environ)
    for team in answer.unasked:
        click.echo(
            f"{terminal_text(team, 80)}: the token may not see its members, so nobody counts as one.",
            err=True,
        )
    return answer


def _signed(files: Sequence[Path], owners: Sequence[str]) -> list[Approval]:
    public = {}
    for text in owners:
        who, equals, name = text.partition("=")
        if not who or not equals:
            raise UsageError(f"--key {text!r} is not of the form WHO=PUB.")
        public[who] = keys.public_key(Path(name))
    if files and not public:
        raise UsageError("--signed needs --key WHO=PUB: only a key tells who has signed.")

    def decoded(data: bytes, source: str) -> Sequence[Approval]:
        return [Approval(*approval.read(data, public, source))]

    return [one for file in files for one in _read(file, decoded)]


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
