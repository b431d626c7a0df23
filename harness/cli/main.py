"""Entry point: the command groups, loaded when they are used, and the one error boundary."""

import contextlib
import importlib
import os
import signal
import sys
import types
from collections.abc import Iterator

import click

import harness
from harness.errors import HarnessError

COMMANDS = {
    "verify": ("harness.cli.verify", "verify_command", "Verify a change and write the report folder."),
    "reproduce": ("harness.cli.reproduce", "reproduce_command", "Replay one proof of a report."),
    "report": ("harness.cli.report", "report_group", "Render a stored report again; compare two."),
    "policy": ("harness.cli.policy", "policy_group", "Explain an outcome; try a policy on stored reports."),
    "sign-off": ("harness.cli.sign_off", "sign_off_group", "Check approvals against what a report asks for."),
    "attest": ("harness.cli.attest", "attest_group", "Sign what was verified, and gate a deployment on it."),
    "sandbox": ("harness.cli.sandbox", "sandbox_group", "Run commands in sandboxes; see what works here."),
    "check": ("harness.cli.check", "check_group", "List checks, begin one, run its samples."),
    "cache": ("harness.cli.cache", "cache_group", "See and limit what is kept of earlier runs."),
    "ci": ("harness.cli.ci", "ci_group", "Publish a report to a pull request; outputs for later steps."),
    "mcp": ("harness.cli.mcp", "mcp_command", "Serve verification to an assistant (extra mcp)."),
    "demo": ("harness.cli.demo", "demo_command", "Verify a small repository with an AI-assisted change."),
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is used, so that --help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _help = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, _function, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as problem:
            from harness.config.load import nearest

            raise click.UsageError(
                problem.message.rstrip(".") + nearest(args[0], list(COMMANDS)), ctx
            ) from None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(harness.__version__, prog_name="harness", message="%(prog)s %(version)s")
def cli() -> None:
    """Replays AI-assisted changes in disposable sandboxes and reports executed proof."""


def run() -> None:
    """The ``harness`` command: runs it and exits with its status."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run a command line and return its exit status. Every expected error is one sentence."""
    try:
        with _terminated_like_interrupted():
            result = cli.main(arguments, prog_name="harness", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        return _interrupted()
    except KeyboardInterrupt:
        return _interrupted()
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except HarnessError as problem:
        click.echo(f"harness: {problem}", err=True)
        return problem.exit_status
    except BrokenPipeError:
        # The reader went away (`harness … | head`); Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as problem:
        if os.environ.get("HARNESS_DEBUG"):
            raise
        click.echo(f"harness: the system refused: {problem}. Nothing was reported.", err=True)
        return 2


def _interrupted() -> int:
    click.echo("harness: interrupted; every sandbox was ended, no report was written.", err=True)
    return 130


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: sandboxes are taken down first."""

    def raise_interrupt(number: int, frame: types.FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, raise_interrupt)
    except ValueError:  # not the main thread: the embedding program decides about signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    run()
