"""Which lines of the tree an input runs: inputs that run new ones are worth varying further.

Those that run a line of the change are worth most: ``aims`` are such lines, by path below the tree.
"""

from __future__ import annotations

import os
import sys
import time
import types
import typing

from .operands import Operands

SLOW = 0.01
Edge = typing.Tuple[str, int, int]
"""A file, and a line of it that was run after another one; that one is 0 where a function was entered."""


class Reach:
    """Watches runs one by one. Stops by itself where watching would cost too much."""

    def __init__(
        self,
        tree: str,
        aims: typing.Iterable[tuple[str, list[int]]] = (),
        asks: typing.Iterable[tuple[str, list[int], str, str, str]] = (),
    ) -> None:
        self.inside = tree + os.sep
        self.operands = Operands((os.path.join(tree, one[0]), *one[1:]) for one in asks)
        self.aims: dict[str, set[int]] = {}
        for path, lines in aims:
            self.aims.setdefault(os.path.join(tree, path), set()).update(lines)
        self.near: set[Edge] | None = None
        """Ways of the last run to or from lines that are aimed at; None where that was not watched."""
        self.seen: set[tuple[types.CodeType, int, int]] = set()
        self.now: set[tuple[types.CodeType, int, int]] = set()
        self.runs = 0
        self.seconds = 0.0

    def watch(self, call: typing.Callable[[], typing.Any]) -> tuple[typing.Any, bool]:
        """The result of ``call`` and whether it went from one line to another as no call before."""
        self.near = None
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
        self.near = {
            (code.co_filename, last, line)
            for code, last, line in self.now
            if code.co_filename in self.aims and not self.aims[code.co_filename].isdisjoint((last, line))
        }
        return result, fresh

    def _enter(self, frame: types.FrameType, event: str, arg: object) -> typing.Any:
        code = frame.f_code
        if not code.co_filename.startswith(self.inside):
            return None
        now, last = self.now, 0
        operands = self.operands if self.operands.asked else None

        def line(frame: types.FrameType, event: str, arg: object) -> typing.Any:
            nonlocal last
            if event == "line":
                now.add((code, last, frame.f_lineno))
                last = frame.f_lineno
                if operands is not None:
                    operands.look(frame)
            return line

        return line
