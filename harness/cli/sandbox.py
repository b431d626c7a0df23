"""``harness sandbox``: run commands in sandboxes, see what works here, clean up."""

import contextlib
from pathlib import Path

import click

from harness.cli.connected import Size, finish
from harness.errors import HarnessError, UsageError
from harness.replay.prepare import state_folder
from harness.sandbox import registry
from harness.sandbox.interface import Job, Limits, Settings
from harness.sandbox.staging import remove_leftovers, staged


@click.group("sandbox")
def sandbox_group() -> None:
    """Run commands in sandboxes; see what works here."""


def _settings(python: Path | None = None, image: str | None = None) -> Settings:
    return Settings(state=state_folder(), python=python.absolute() if python else None, image=image)


@sandbox_group.command(
    "run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.option("--sandbox", default="auto", show_default=True, metavar="NAME",
              help="Sandbox driver: auto, docker or bubblewrap.")  # fmt: skip
@click.option("--tree", type=click.Path(path_type=Path), metavar="DIR",
              help="Folder to copy in as the private writable working folder /tree.")  # fmt: skip
@click.option("--env", "environment", multiple=True, metavar="NAME=VALUE",
              help="Environment variable for the command (repeatable).")  # fmt: skip
@click.option("--wall", type=click.FloatRange(min=0, min_open=True), default=Limits.wall_seconds,
              show_default=True, metavar="SECONDS", help="Wall-clock limit.")  # fmt: skip
@click.option("--cpu", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
              help="Processor time limit [default: the wall-clock limit].")  # fmt: skip
@click.option("--memory", type=Size(), default=Limits.memory_bytes, metavar="SIZE",
              help="Memory limit, such as 512M [default: 1G].")  # fmt: skip
@click.option("--processes", type=click.IntRange(min=1), default=Limits.processes, show_default=True,
              help="Most processes and threads at a time.")  # fmt: skip
@click.option("--python", type=click.Path(path_type=Path), metavar="FILE",
              help="Python interpreter to have inside, such as .venv/bin/python.")  # fmt: skip
@click.option("--image", metavar="IMAGE", help="Container image (docker).")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Folder for what the command leaves in /out.")  # fmt: skip
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run_command(
    sandbox: str, tree: Path | None, environment: tuple[str, ...], wall: float, cpu: float | None, memory: int,
    processes: int, python: Path | None, image: str | None, out: Path | None, command: tuple[str, ...],
) -> int:  # fmt: skip
    """Run one command with the isolation that checks get.

    Exits with the command's status; 128+N after signal N, 124 on timeout, 137 when another
    limit ended it, 70 when the sandbox itself failed.
    """
    limits = Limits(wall_seconds=wall, cpu_seconds=cpu or wall, memory_bytes=memory, processes=processes)
    variables = dict(_variable(text) for text in environment)
    settings = _settings(python, image)
    with contextlib.ExitStack() as stack:
        driver = registry.choose(sandbox, settings)
        stack.callback(driver.shutdown)
        folder = None
        if tree is not None:
            copy = stack.enter_context(staged(tree, settings.state))
            folder = copy.path
            if copy.missing:
                names = "; ".join(copy.named)
                click.echo(f"harness: {copy.missing} entries of {tree} were left out: {names}", err=True)
        job = Job(argv=command, tree=folder, env=variables, interactive=True, limits=limits, label="run")
        return finish(driver, job, out)


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(f"--env {text!r} is not of the form NAME=VALUE.")
    return name, value


@sandbox_group.command("list")
def list_command() -> int:
    """List the drivers that are installed."""
    for info in registry.available():
        click.echo(f"{info.name:<12} {info.title}: {info.description}")
    return 0


@sandbox_group.command("doctor")
@click.option("--python", type=click.Path(path_type=Path), metavar="FILE", help="Interpreter to try.")
def doctor_command(python: Path | None) -> int:
    """Say which drivers work here.

    For each that does not, why and what to do.
    Exit status: 0 when one works, 2 when none does.
    """
    settings = _settings(python)
    working = [info.name for info in registry.available() if _diagnose(info.name, settings)]
    if working:
        preferred = next(name for name in registry.preferred() if name in working)
        click.echo(f"auto chooses {preferred}.")
        return 0
    click.echo("No sandbox works here: follow one of the remedies above.", err=True)
    return 2


def _diagnose(name: str, settings: Settings) -> bool:
    try:
        driver = registry.load(name, settings)
    except HarnessError as problem:
        click.echo(f"{name}: cannot be loaded\n  {problem}")
        return False
    try:
        state = driver.probe()
        if not state.works:
            click.echo(f"{name}: does not work\n  why: {state.reason}\n  remedy: {state.remedy}")
            return False
        click.echo(f"{name}: works")
        for sentence in driver.describe():
            click.echo(f"  - {sentence}")
    finally:
        driver.shutdown()
    return True


@sandbox_group.command("clean")
def clean_command() -> int:
    """Remove what killed harnesses left behind.

    Those that live are not touched.
    """
    settings = _settings()
    removed = remove_leftovers(settings.state)
    for info in registry.available():
        driver = registry.load(info.name, settings)
        with contextlib.ExitStack() as stack:
            stack.callback(driver.shutdown)
            removed += driver.clean()
    for name in removed:
        click.echo(f"removed {name}")
    if not removed:
        click.echo("Nothing was left behind.")
    return 0


@sandbox_group.command("build")
@click.option("--sandbox", default="docker", show_default=True, metavar="NAME", help="Driver to prepare.")
def build_command(sandbox: str) -> int:
    """Build the image that a driver's sandboxes run in."""
    known = {info.name: info for info in registry.available()}
    if sandbox not in known:
        raise UsageError(f"There is no sandbox driver {sandbox!r}. Choose one of: {', '.join(known)}.")
    module = registry.driver_module(known[sandbox])
    build = getattr(module, "build_image", None)
    if build is None:
        raise UsageError(f"The driver {sandbox} needs no image: there is nothing to build.")
    said: list[str] = []

    def progress(text: str) -> None:
        said.append(text)
        click.echo(text, err=True)

    image = build(_settings(), progress)
    # A driver that has something to build says so; silence means that it found it made.
    click.echo(f"built {image}" if said else f"The image is there already: {image}")
    return 0


@sandbox_group.command("conformance")
@click.argument("name")
@click.option("--python", type=click.Path(path_type=Path), metavar="FILE", help="Interpreter to use.")
@click.option("--only", metavar="TEXT", help="Only behaviours whose name contains TEXT.")
def conformance_command(name: str, python: Path | None, only: str | None) -> int:
    """Run the conformance suite on a driver. Exit status 0 when every behaviour holds."""
    from harness.sandbox.conformance import run_suite

    settings = _settings(python)
    driver = registry.choose(name, settings)
    failed = total = 0
    try:
        for verdict in run_suite(driver, settings, only):
            total += 1
            failed += not verdict.holds
            click.echo(f"{'ok  ' if verdict.holds else 'FAIL'} {verdict.name} ({verdict.seconds:.2f} s)")
            if not verdict.holds:
                click.echo(f"     {verdict.problem}")
    finally:
        driver.shutdown()
    click.echo(f"{name}: {total - failed} of {total} behaviours hold.")
    return 1 if failed or not total else 0
