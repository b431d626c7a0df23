"""Which lines of the tree an input runs: inputs that run new ones are worth varying further.

Those that run a line of the change are worth most: ``aims`` are such lines, by path below the tree.
"""

from __future__ import annotations

import dis
import os
import time
import types
import typing

from guestlib.outcome import WATCHER

from .operands import Ask, Operands

SLOW = 0.01
OUTSIDE = -1.0
ALWAYS = float("inf")
PATIENCE = 48.0
"""Calls of a function that go no new way before it is watched in some runs only: watching costs most of a run."""
WHOLE = 8
"""Each eighth run is watched as a whole."""
NOWHERE: set[int] = set()
Way = typing.Tuple[types.CodeType, int, int]
Edge = typing.Tuple[str, int, int]
"""A file, and a line of it that was run after another one; that one is 0 where a function was entered."""


class Reach:
    """Watches runs one by one. Stops by itself where watching would cost too much.

    ``always``: watch all of every run. Otherwise only functions with lines of the change are watched all the time.
    """

    def __init__(
        self,
        tree: str,
        aims: typing.Iterable[tuple[str, list[int]]] = (),
        asks: typing.Iterable[Ask] = (),
        beside: typing.Iterable[Ask] = (),
        always: bool = False,
    ) -> None:
        self.always = always
        self.left: dict[types.CodeType, float] = {}
        """Calls of each function that may still go no new way."""
        self.whole = True
        self.inside = tree + os.sep
        self.operands = Operands(
            *([(os.path.join(tree, one[0]), *one[1:]) for one in every] for every in (asks, beside))
        )
        self.aims: dict[str, set[int]] = {}
        for path, lines in aims:
            self.aims.setdefault(os.path.join(tree, path), set()).update(lines)
        self.near: set[Edge] | None = None
        """Ways of the last run to or from lines that are aimed at; None where that was not watched."""
        self.seen: set[Way] = set()
        self.now: set[Way] = set()
        self.marked: dict[str, set[int]] = {path: set(lines) for path, lines in self.aims.items()}
        for path, asked in self.operands.lines.items():
            self.marked.setdefault(path, set()).update(asked)
        self.runs = 0
        self.seconds = 0.0

    def watch(self, call: typing.Callable[[], typing.Any]) -> tuple[typing.Any, bool]:
        """The result of ``call`` and whether it went from one line to another as no call before."""
        self.near = None
        if self.runs > 20 and self.seconds > SLOW * self.runs:
            return call(), False
        self.now = set()
        self.whole = self.always or self.runs % WHOLE == 0
        before = time.process_time()
        WATCHER[0] = self._enter
        try:
            result = call()
        finally:
            WATCHER[0] = None
        self.runs += 1
        self.seconds += time.process_time() - before
        fresh = self.now - self.seen
        self.seen |= fresh
        self.left.update((code, max(self.left[code], PATIENCE)) for code, _, _ in fresh)
        self.near = {
            (code.co_filename, last, line)
            for code, last, line in self.now
            if code.co_filename in self.aims and not self.aims[code.co_filename].isdisjoint((last, line))
        }
        return result, bool(fresh)

    def _patience(self, code: types.CodeType) -> float:
        """How often a function is watched at least."""
        if not code.co_filename.startswith(self.inside):
            return OUTSIDE
        marked = self.marked.get(code.co_filename, set())
        lines = {line for _, line in dis.findlinestarts(code)}
        return PATIENCE if marked.isdisjoint(lines) else ALWAYS

    def _enter(self, frame: types.FrameType, event: str, arg: object) -> typing.Any:
        code = frame.f_code
        left = self.left.get(code)
        if left is None:
            left = self.left[code] = self._patience(code)
        if left <= 0 and not (self.whole and left != OUTSIDE):
            return None
        self.left[code] = left - (left > 0)
        return self._lines(code, self.now, self.operands.lines.get(code.co_filename, NOWHERE))

    def _lines(self, code: types.CodeType, now: set[Way], asked: set[int]) -> typing.Any:
        """A trace function for one call."""
        last = 0
        look = self.operands.look

        def line(frame: types.FrameType, event: str, arg: object) -> typing.Any:
            nonlocal last
            if event == "line":
                at = frame.f_lineno
                now.add((code, last, at))
                last = at
                if at in asked:
                    look(frame)
            return line

        return line
