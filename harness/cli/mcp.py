"""``harness mcp``."""

import io
import os
import sys
import tempfile
from pathlib import Path

import click

from harness.cli.verify import Using, run_verification
from harness.mcp.server import Session, Verify, Wanted, make_server
from harness.model.report import Report
from harness.replay.prepare import Request, state_folder
from harness.report.json_report import read_report


@click.command("mcp")
@click.argument("repo", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path())
@click.option("--report", "report_dir", type=click.Path(path_type=Path), metavar="REPORT_DIR",
              help="Begin with this stored report.")  # fmt: skip
@click.option("--sandbox", default=None, metavar="NAME", help="Sandbox driver: auto, docker or bubblewrap.")
@click.option("--python", type=click.Path(path_type=Path), metavar="FILE",
              help="Python interpreter of the project under test, such as .venv/bin/python.")  # fmt: skip
def mcp_command(repo: Path, report_dir: Path | None, sandbox: str | None, python: Path | None) -> int:
    """Serve REPO to an assistant over standard input and output (Model Context Protocol).

    Its tools verify the change, list findings, show proofs and explain the verdict. They write
    nothing into REPO: reports go to a temporary folder that ends with the server.
    """
    first = read_report(report_dir) if report_dir else None
    with tempfile.TemporaryDirectory(prefix="harness-mcp-") as folder:
        session = Session(verifier(repo.absolute(), Path(folder) / "report", sandbox, python), first)
        server = make_server(session)
        _keep_streams_to_ourselves()
        server.run("stdio")
    return 0


def verifier(repo: Path, out: Path, sandbox: str | None, python: Path | None) -> Verify:
    """How the server verifies: as ``harness verify`` does, without printing."""

    def verify(wanted: Wanted) -> Report:
        request = Request(
            repository=repo, state=state_folder(), base=wanted.base, worktree=wanted.worktree, only=wanted.only,
            budget=wanted.budget, report_name=str(out),
        )  # fmt: skip
        return run_verification(request, out, Using(sandbox, python, quiet=True))

    return verify


def _keep_streams_to_ourselves() -> None:
    """The protocol moves to private descriptors, so that no child process reads or prints into it."""
    reading, writing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    sys.stdin = io.TextIOWrapper(os.fdopen(reading, "rb"), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(os.fdopen(writing, "wb"), encoding="utf-8")
