"""Limits around one call of the code under test, set from inside its own process.

The limits here are the first line: they give a clean outcome in the common case. Code that
sits in C, swallows every exception or blocks its signals is ended by the supervisor, which
watches from another process.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import resource
import signal
import sys
import time
import typing

MAX_PRINTED = 4000


class Hang(BaseException):
    """Raised into the code under test when its CPU time is used up."""


def _on_timer(number: int, frame: object) -> None:
    raise Hang


@contextlib.contextmanager
def cpu_limit(seconds: float) -> typing.Iterator[None]:
    """Raise :class:`Hang` in the main thread after ``seconds`` of CPU time, and again and again."""
    signal.signal(signal.SIGPROF, _on_timer)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def cap_memory(size: int) -> None:
    """Cap the address space of this process in bytes."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def steady() -> None:
    """Fix what makes equal code behave differently: the seed of ``random``.

    The seed follows the hash seed of the process, so that a run under another hash seed shows
    what depends on either.
    """
    random.seed("steady " + os.environ.get("PYTHONHASHSEED", "0"))


def hurry() -> None:
    """Let ``time.sleep`` return at once from now on: who tries again and again waits for nobody here."""
    time.sleep = lambda seconds: None  # type: ignore[assignment]


class Printed(io.TextIOBase):
    """Stands in for standard output and keeps the first MAX_PRINTED characters."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.size < MAX_PRINTED:
            self.parts.append(text[: MAX_PRINTED - self.size])
        self.size += len(text)
        return len(text)

    def text(self) -> str:
        return "".join(self.parts)


@contextlib.contextmanager
def captured() -> typing.Iterator[Printed]:
    """Collect what is printed to ``sys.stdout`` meanwhile."""
    before = sys.stdout
    sys.stdout = printed = Printed()  # type: ignore[assignment]
    try:
        yield printed
    finally:
        sys.stdout = before


def silence_logging() -> None:
    """Send what is written to standard error to nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
