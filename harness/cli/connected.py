"""Runs a job with its streams connected to those of the command line."""

import os
import re
import sys
from pathlib import Path

import click

from harness.cli.terminal import Plain
from harness.errors import FULL, UsageError
from harness.sandbox.interface import Driver, Ended, Failed, Job, Limited, Limits, Result, Running
from harness.sandbox.streams import Following, StreamName

TIMED_OUT, KILLED, SANDBOX_FAILED, INTERRUPTED = 124, 137, 70, 130
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class Size(click.ParamType[int]):
    """A number of bytes: ``1048576``, ``512K``, ``256M``, ``2G``."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+)([kmg]?)(i?b)?", str(value).strip().lower())
        if match is None or int(match[1]) == 0:
            self.fail(f"{value!r} is no size; write for instance 512M or 2G.", param, ctx)
        return int(match[1]) * _UNITS[match[2]]


def finish(driver: Driver, job: Job, out: Path | None) -> int:
    """Run the job with its streams connected to ours; the exit status for the command line."""
    try:
        with driver.start(job) as running:
            result = _follow(running)
    except KeyboardInterrupt:  # leaving the context has ended the sandbox
        click.echo("harness: interrupted; the sandbox was ended.", err=True)
        return INTERRUPTED
    if out is not None:
        _keep(result, out)
    end = result.end
    if isinstance(end, Ended):
        return end.status if end.status >= 0 else 128 - end.status
    if isinstance(end, Limited):
        click.echo(f"harness: the command was killed: {_limit_text(end, job.limits)}.", err=True)
        return TIMED_OUT if end.limit == "wall" else KILLED
    assert isinstance(end, Failed)
    click.echo(f"harness: the sandbox failed, this says nothing about the command: {end.reason}.", err=True)
    return SANDBOX_FAILED


def _limit_text(end: Limited, limits: Limits) -> str:
    texts = {
        "wall": f"it ran longer than {limits.wall_seconds:g} s (--wall)",
        "cpu": f"it used more than {limits.cpu_seconds:g} s of processor time (--cpu)",
        "memory": f"it used more than {limits.memory_bytes >> 20} MiB of memory (--memory)",
        "output": f"it printed more than {limits.output_bytes >> 20} MiB",
    }
    return texts.get(end.limit, f"it exceeded the limit {end.limit}")


def _follow(running: Running) -> Result:
    show = _Printer()
    try:
        if isinstance(running, Following):
            return running.follow(show, _standard_input())
        running.close_stdin()
        while line := running.read_line():
            show("stdout", line)
        result = running.wait()
        show("stdout", result.stdout)
        show("stderr", result.stderr)
        return result
    finally:
        show.end()


class _Printer:
    """Passes bytes on: unchanged into files and pipes, without control of it to a terminal."""

    def __init__(self) -> None:
        self._plain = {"stdout": Plain(), "stderr": Plain()}

    def __call__(self, stream: StreamName, data: bytes, *, final: bool = False) -> None:
        target = sys.stdout if stream == "stdout" else sys.stderr
        if target.isatty():
            target.write(self._plain[stream].feed(data, final=final))
            target.flush()
        elif data:
            target.buffer.write(data)
            target.buffer.flush()

    def end(self) -> None:
        """Nothing more comes: show what was held back."""
        self("stdout", b"", final=True)
        self("stderr", b"", final=True)


def _standard_input() -> int | None:
    try:
        descriptor = sys.stdin.fileno()
        os.fstat(descriptor)
    except (AttributeError, OSError, ValueError):
        return None
    return descriptor


def _keep(result: Result, out: Path) -> None:
    for name, content in result.files.items():
        target = out / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as problem:
            if problem.errno in FULL:  # half a file is none
                target.unlink(missing_ok=True)
            raise UsageError(
                f"What the command left in /out cannot be written to {target}: {problem.strerror or problem}. "
                "The command itself has run; name another folder with --out."
            ) from problem
    for sentence in result.left_out:
        click.echo(f"harness: not kept from /out: {sentence}", err=True)
