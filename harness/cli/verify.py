"""``harness verify``."""

import contextlib
import dataclasses
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from harness.cache.choose import store_for
from harness.check.interface import Side
from harness.cli.progress import make_progress
from harness.errors import UsageError
from harness.model.report import Report
from harness.replay.checking import Executor
from harness.replay.engine import Verified, verify
from harness.replay.plan import Plan
from harness.replay.prepare import Prepared, Request, prepare, state_folder
from harness.replay.results import code_digest
from harness.replay.setup import set_up
from harness.report.html import load_templates
from harness.report.terminal import print_story
from harness.report.write import check_target, write_report
from harness.sandbox.interface import Driver, Settings
from harness.sandbox.registry import choose

EXIT_STATUS = {"pass": 0, "review": 0, "block": 1, "inconclusive": 3}

Option = Callable[[Callable[..., int]], Callable[..., int]]


def run_options(function: Callable[..., int]) -> Callable[..., int]:
    """The options that ``verify`` and ``demo`` share."""
    options: list[Option] = [
        click.option("--out", type=click.Path(path_type=Path), default=Path("harness-report"), show_default=True,
                     help="Report folder; replaced when it holds a report, refused when it holds anything else."),
        click.option("--sandbox", default=None, metavar="NAME",
                     help="Sandbox driver: auto, docker or bubblewrap. auto takes Docker where its daemon answers."),
        click.option("--only", multiple=True, metavar="CHECK", help="Run only this check (repeatable)."),
        click.option("--skip", multiple=True, metavar="CHECK", help="Leave this check out (repeatable)."),
        click.option("--budget", type=click.FloatRange(min=1), metavar="SECONDS",
                     help="Wall-clock budget of the whole run."),
        click.option("--jobs", type=click.IntRange(min=1, max=256), help="Sandboxes at a time."),
        click.option("--python", type=click.Path(path_type=Path), metavar="FILE",
                     help="Python interpreter of the project under test, such as .venv/bin/python."),
        click.option("--cache-dir", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
                     help="Where results of earlier runs are kept [default: a folder of this user's]."),
        click.option("--no-cache", is_flag=True, help="Run everything anew, and keep nothing."),
        click.option("--executor", metavar="URL",
                     help="Run checks on the workers of a cluster: dask://HOST:PORT (extra: cluster)."),
        click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command("verify")
@click.argument("repo", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--base", metavar="REV", help="Where the change starts [default: merge base with the default branch]."
)
@click.option("--head", metavar="REV", help="Where the change ends [default: HEAD].")
@click.option("--worktree", is_flag=True, help="Verify the files as they are on disk, committed or not.")
@click.option("--policy", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Policy file [default: harness.toml as it stands on base].")  # fmt: skip
@click.option("--plan", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="Head's plan, made elsewhere, as `terraform show -json` gives it; for infra_plan.")  # fmt: skip
@click.option("--state", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="State of the real infrastructure, to plan base and head on; for infra_plan.")  # fmt: skip
@run_options
def verify_command(
    repo: Path, base: str | None, head: str | None, worktree: bool, policy: Path | None, plan: Path | None,
    state: Path | None, out: Path,
    sandbox: str | None, only: tuple[str, ...], skip: tuple[str, ...], budget: float | None, jobs: int | None,
    python: Path | None, quiet: bool, cache_dir: Path | None, no_cache: bool, executor: str | None,
) -> int:  # fmt: skip
    """Verify the change base..head of REPO and write the report folder.

    Exit status: 0 pass or review, 1 block, 2 wrong usage, 3 inconclusive.
    """
    if worktree and head:
        raise click.UsageError("--worktree verifies the files on disk; it cannot be combined with --head.")
    request = Request(
        repository=repo, state=state_folder(), base=base, head=head, worktree=worktree, only=only, skip=skip,
        policy=policy, budget=budget, jobs=jobs, report_name=str(out),
        settings={"infra_plan": {k: str(v.absolute()) for k, v in (("plan", plan), ("state", state)) if v}},
    )  # fmt: skip
    using = Using(sandbox, python, quiet, cache_dir, no_cache, executor)
    return EXIT_STATUS[run_verification(request, out, using).outcome]


@dataclass(frozen=True)
class Using:
    """With what a run is done, as the command line says; None: as the policy on base says."""

    sandbox: str | None = None
    python: Path | None = None
    quiet: bool = False
    cache_dir: Path | None = None
    no_cache: bool = False
    executor: str | None = None


def run_verification(request: Request, out: Path, using: Using) -> Report:
    """Prepare, verify, write and tell; what both ``verify`` and ``demo`` do."""
    began = time.monotonic()
    check_target(out)
    prepared = prepare(request)
    _ahead()
    store = store_for(prepared.config.cache, request.state, using.cache_dir, off=using.no_cache)
    with (
        _workers(prepared, request.state, using) as (plan, driver, executor),
        make_progress(using.quiet) as progress,
    ):
        verified = verify(plan, driver, progress, _debug, store, executor, began)
    _write(out, verified, prepared)
    if not using.quiet:
        print_story(verified.report, out, sys.stdout)
    return verified.report


def _ahead() -> None:
    """Do what every run needs later while the driver waits for its first sandbox.

    A run whose results are all kept takes a second, and this a quarter of it.
    """

    def work() -> None:
        with contextlib.suppress(Exception):  # it fails again where it is needed, and is told there
            load_templates()
            code_digest()

    threading.Thread(target=work, daemon=True).start()


@contextlib.contextmanager
def _workers(prepared: Prepared, state: Path, using: Using) -> Iterator[tuple[Plan, Driver, Executor | None]]:
    """(the plan with the project's dependencies, the driver, who else runs checks)."""
    if using.executor is None:
        driver = make_driver(prepared, state, using.sandbox, using.python)
        try:
            yield _with_dependencies(prepared, driver, state, using.quiet), driver, None
        finally:
            driver.shutdown()
        return
    from harness.cluster.client import DaskExecutor
    from harness.cluster.driver import DistantDriver

    if using.python is not None:
        raise UsageError(
            "--python names an interpreter of this machine; with --executor the workers have theirs."
        )
    config = prepared.config
    executor = DaskExecutor(using.executor, using.sandbox or config.sandbox.driver, config)
    try:
        yield prepared.plan, DistantDriver(executor.hello), executor
    finally:
        executor.close()


def _with_dependencies(prepared: Prepared, driver: Driver, state: Path, quiet: bool) -> Plan:
    """The plan with what ``[sandbox.setup]`` of the policy gives both sides of each part."""

    def say(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    parts = []
    for part in prepared.plan.divided():
        trees = {Side.BASE: part.base, Side.HEAD: part.head}
        done = set_up(part.config.sandbox.setup, trees, driver, state, say)
        parts.append(dataclasses.replace(part, setup=done))
    return dataclasses.replace(prepared.plan, parts=parts)


def make_driver(prepared: Prepared, state: Path, name: str | None, python: Path | None) -> Driver:
    """The driver that the option, else the policy on base, names. Clears up after dead runs first."""
    config = prepared.config.sandbox
    interpreter = python.absolute() if python else None
    if interpreter and not os.access(interpreter, os.X_OK):
        raise UsageError(
            f"{interpreter} is no program; name the project's interpreter, such as .venv/bin/python."
        )
    if interpreter is None and config.python:
        interpreter = prepared.worktree / config.python
    settings = Settings(
        state=state,
        python=interpreter,
        image=config.image,
        runtime=config.runtime,
        allow_pull=config.allow_pull,
    )
    driver = choose(name or config.driver, settings)
    driver.clean()
    return driver


def _write(out: Path, verified: Verified, prepared: Prepared) -> None:
    write_report(out, verified.report, verified.proofs, verified.figures, prepared.diffs)


def _debug(text: str) -> None:
    if os.environ.get("HARNESS_DEBUG"):
        click.echo(text, err=True)
