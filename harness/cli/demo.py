"""``harness demo``."""

import tempfile
from pathlib import Path

import click

from harness.cli.verify import Using, run_options, run_verification
from harness.replay.prepare import Request, state_folder


@click.command("demo")
@run_options
def demo_command(
    out: Path, sandbox: str | None, only: tuple[str, ...], skip: tuple[str, ...], budget: float | None,
    jobs: int | None, python: Path | None, quiet: bool, cache_dir: Path | None, no_cache: bool, executor: str | None,
) -> int:  # fmt: skip
    """Make a small repository with an AI-assisted change in it, verify it, say where the report is.

    Ends with status 0 when the verification could be done, whatever it found.
    """
    from harness.demo.build import build_demo

    with tempfile.TemporaryDirectory(prefix="change-harness-demo-") as folder:
        repository = Path(folder) / "demo"
        base, head = build_demo(repository)
        request = Request(
            repository=repository, state=state_folder(), base=base, head=head, only=only, skip=skip, budget=budget,
            jobs=jobs, report_name=str(out),
        )  # fmt: skip
        report = run_verification(request, out, Using(sandbox, python, quiet, cache_dir, no_cache, executor))
    return 3 if report.outcome == "inconclusive" else 0
