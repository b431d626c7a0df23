"""Which lines of the tree an input runs: inputs that run new ones are worth varying further."""

from __future__ import annotations

import os
import sys
import time
import types
import typing

SLOW = 0.01


class Reach:
    """Watches runs one by one. Stops by itself where watching would cost too much."""

    def __init__(self, tree: str) -> None:
        self.inside = tree + os.sep
        self.seen: set[tuple[types.CodeType, int, int]] = set()
        self.now: set[tuple[types.CodeType, int, int]] = set()
        self.runs = 0
        self.seconds = 0.0

    def watch(self, call: typing.Callable[[], typing.Any]) -> tuple[typing.Any, bool]:
        """The result of ``call`` and whether it went from one line to another as no call before."""
        if self.runs > 20 and self.seconds > SLOW * self.runs:
            return call(), False
        self.now = set()
        before = time.process_time()
        sys.settrace(self._enter)
        try:
            result = call()
        finally:
            sys.settrace(None)
        self.runs += 1
        self.seconds += time.process_time() - before
        fresh = not self.now <= self.seen
        self.seen |= self.now
        return result, fresh

    def _enter(self, frame: types.FrameType, event: str, arg: object) -> typing.Any:
        code = frame.f_code
        if not code.co_filename.startswith(self.inside):
            return None
        now, last = self.now, 0

        def line(frame: types.FrameType, event: str, arg: object) -> typing.Any:
            nonlocal last
            if event == "line":
                now.add((code, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line
