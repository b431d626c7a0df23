"""``harness policy``: why a report came out as it did, and what another policy would have said."""

from pathlib import Path

import click

from harness.model.finding import Finding
from harness.model.report import Decision, Report
from harness.replay.prepare import read_policy_file, under_organisation
from harness.report import story
from harness.report.escape import terminal_text
from harness.report.json_report import read_report
from harness.risk.explain import Explanation, Trial, explain, never_spoke, rerun


@click.group("policy")
def policy_group() -> None:
    """Explain a report's outcome; try a policy on stored reports."""


@policy_group.command("explain")
@click.argument("report_dir", type=click.Path(path_type=Path))
def explain_command(report_dir: Path) -> int:
    """Say which rules decided REPORT_DIR, by which findings, and what would have to change."""
    report = read_report(report_dir)
    _tell(report, explain(report))
    return 0


def _tell(report: Report, why: Explanation) -> None:
    click.echo(f"Outcome: {why.outcome} (risk {report.risk.score} of 100, {report.risk.level})")
    click.echo(f"Policy:  {terminal_text(report.policy, 200) or 'not recorded'}")
    if not why.deciding:
        click.echo("No rule spoke against the change.")
    for decision in why.deciding:
        _tell_rule("decided", report, decision)
    for decision in why.silent:
        _tell_rule("also spoke", report, decision)
    if not why.steps:
        return
    settled = "What settles the review, all of this:"
    click.echo(settled if why.outcome == "review" else f"For an outcome of {why.afterwards}, all of this:")
    for step in why.steps:
        click.echo(f"  - {terminal_text(step.what, 500)}")
    click.echo("The outcome of the next run rests on what that run finds.")


def _tell_rule(word: str, report: Report, decision: Decision) -> None:
    click.echo(f"{word}: {decision.action} by rule {_name(decision)}: {terminal_text(decision.because, 300)}")
    named = set(decision.findings)
    for finding in report.findings:
        if finding.id in named:
            click.echo(f"    {_line(finding)}")


def _line(finding: Finding) -> str:
    proof = (
        "declared"
        if finding.declared
        else {"none": "by reading"}.get(finding.proof.status, finding.proof.status)
    )
    place = terminal_text(story.where(finding), 100)
    return f"{finding.id} {finding.severity} {finding.category}, {proof}: {terminal_text(finding.title, 120)} ({place})"


def _name(decision: Decision) -> str:
    return repr(terminal_text(decision.rule, 80))


@policy_group.command("test")
@click.option("--policy", "file", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE",
              help="The policy to try, in the form of harness.toml.")  # fmt: skip
@click.argument("report_dirs", type=click.Path(path_type=Path), nargs=-1, required=True)
def test_command(file: Path, report_dirs: tuple[Path, ...]) -> int:
    """Say what the policy in FILE would have made of the findings in REPORT_DIRS. Nothing is executed."""
    config, source = under_organisation(read_policy_file(file), str(file))
    reports = sorted(((read_report(place), place) for place in report_dirs), key=lambda one: one[0].started)
    trials = [rerun(report, config) for report, _place in reports]
    for trial, (_report, place) in zip(trials, reports, strict=True):
        click.echo(_trial(trial, place))
    click.echo(_summary(trials))
    for name in never_spoke(trials, config):
        click.echo(f"The rule {name!r} of {source} matched none of these changes.")
    return 0


def _trial(trial: Trial, place: Path) -> str:
    head = terminal_text(trial.report.change.head[:10], 10)
    then = trial.then if trial.then == trial.now else f"{trial.then} → {trial.now}"
    rules = ", ".join(dict.fromkeys(_name(one) for one in trial.deciding))
    return f"{head} {then}{f' by {rules}' if rules else ''} ({terminal_text(str(place), 200)})"


def _summary(trials: list[Trial]) -> str:
    now = sum(trial.now == "block" for trial in trials)
    then = sum(trial.then == "block" for trial in trials)
    other = sum(trial.now != trial.then for trial in trials)
    return (
        f"On your last {story.count(len(trials), 'change').removeprefix('1 ')} this policy would have blocked {now} "
        f"({then} blocked then); {story.count(other, 'outcome')} would differ."
    )
