"""``harness reproduce``."""

from pathlib import Path

import click

from harness.check.interface import Side
from harness.cli.connected import finish
from harness.replay.prepare import state_folder
from harness.replay.reproduce import Reproduction, prepare, reproduce, shell_job
from harness.report.escape import terminal_text
from harness.sandbox.interface import Driver, Settings
from harness.sandbox.registry import choose


@click.command("reproduce")
@click.argument("report_dir", type=click.Path(path_type=Path))
@click.argument("finding_id")
@click.option(
    "--repo", type=click.Path(path_type=Path), help="The repository [default: the one in the report]."
)
@click.option("--sandbox", default=None, metavar="NAME", help="Sandbox driver [default: the report's].")
@click.option("--python", type=click.Path(path_type=Path), metavar="FILE", help="Interpreter of the project.")
@click.option(
    "--times", type=click.IntRange(min=1, max=20), default=1, show_default=True, help="Replays a side."
)
@click.option(
    "--shell", type=click.Choice([side.value for side in Side]),
    help="Open a shell in the sandbox on this side instead, with the proof's files at hand.",
)  # fmt: skip
def reproduce_command(
    report_dir: Path, finding_id: str, repo: Path | None, sandbox: str | None, python: Path | None, times: int,
    shell: str | None,
) -> int:  # fmt: skip
    """Replay the proof of FINDING_ID in REPORT_DIR on base and on head, in fresh sandboxes.

    Exit status: 0 when it still shows the difference, 1 when not; with --shell, the shell's.
    """

    def driver_for(name: str, image: str | None) -> Driver:
        settings = Settings(state=state_folder(), python=python.absolute() if python else None, image=image)
        driver = choose(sandbox or name, settings)
        driver.clean()
        return driver

    prepared = prepare(report_dir, finding_id, repo, state_folder(), driver_for)
    if shell is not None:
        try:
            return finish(prepared.bench.driver, shell_job(prepared, Side(shell)), None)
        finally:
            prepared.bench.driver.shutdown()
    done = reproduce(prepared, times)
    _tell(done)
    return 0 if done.shows else 1


def _tell(done: Reproduction) -> None:
    click.echo(terminal_text(f"{done.finding.id}: {done.finding.title}", 200))
    click.echo(f"input: {terminal_text(done.plan.input, 1000)}")
    for side, results in done.results.items():
        for result, observed in results:
            click.echo(f"{side.value:<5} {result}: {terminal_text(observed, 2000)}")
    click.echo("The difference still shows." if done.shows else "The difference does not show any more.")
