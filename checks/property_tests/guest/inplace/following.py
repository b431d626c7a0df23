"""Follows the tests of a tree and tells each call of a wanted symbol as it begins."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import types
import typing

from guestlib.record import GENERATOR_FLAGS
from guestlib.symbols import Symbols

TEST_SECONDS = 20.0


class Call:
    """A call that begins. ``index`` counts from 0 in its test; ``outside``: no code of the tree made it."""

    def __init__(self, symbol: str, test: str, index: int, frame: types.FrameType, outside: bool) -> None:
        self.symbol = symbol
        self.test = test
        self.index = index
        self.frame = frame
        self.outside = outside


class Follower:
    """A pytest plugin. ``meet`` is told of each call of the wanted symbols and of what lies in them.

    With ``tests`` only these run. Fixtures are followed like the test itself.
    """

    def __init__(
        self, tree: str, symbols: typing.Sequence[str], meet: typing.Callable[[Call], None],
        tests: typing.Sequence[str] | None, seconds: float,
    ) -> None:  # fmt: skip
        self.symbols = Symbols(tree)
        self.wanted = tuple(symbols)
        self.meet = meet
        self.tests = None if tests is None else set(tests)
        self.end = time.monotonic() + seconds
        self.test = ""
        self.counts: dict[str, int] = {}
        self.generators: list[types.FrameType] = []
        self.busy = False
        self.process = os.getpid()

    def pytest_collection_modifyitems(self, items: list[typing.Any]) -> None:
        if self.tests is not None:
            items[:] = [item for item in items if item.nodeid in self.tests]

    def pytest_runtest_logstart(self, nodeid: str, location: object) -> None:
        self.test = nodeid
        self.counts.clear()
        self.generators.clear()
        signal.signal(signal.SIGALRM, _expired)
        signal.setitimer(signal.ITIMER_REAL, TEST_SECONDS)
        threading.settrace(None)  # type: ignore[arg-type,unused-ignore]
        sys.settrace(self._on_call)

    def pytest_runtest_logfinish(self, nodeid: str, location: object) -> None:
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if os.getpid() != self.process:
            os._exit(0)  # the test forked, and its child came out of the test

    def pytest_runtest_teardown(self, item: typing.Any) -> None:
        if time.monotonic() > self.end:
            item.session.shouldstop = "the time was used up"

    def _on_call(self, frame: types.FrameType, event: str, argument: object) -> None:
        if self.busy or event != "call":
            return
        symbol = self.symbols.of(frame.f_code)
        if symbol is None or not self._is_wanted(symbol) or self._is_resumed(frame):
            return
        index = self.counts.get(symbol, 0)
        self.counts[symbol] = index + 1
        back = frame.f_back
        outside = back is None or self.symbols.of(back.f_code) is None
        self.busy = True
        try:
            self.meet(Call(symbol, self.test, index, frame, outside))
        finally:
            self.busy = False

    def _is_wanted(self, symbol: str) -> bool:
        return any(symbol == name or symbol.startswith(name + ".") for name in self.wanted)

    def _is_resumed(self, frame: types.FrameType) -> bool:
        if not frame.f_code.co_flags & GENERATOR_FLAGS:
            return False
        if any(known is frame for known in self.generators):
            return True
        if len(self.generators) < 1000:
            self.generators.append(frame)  # holding it keeps another frame from taking its place
        return False


class TestTookTooLong(BaseException):
    """Raised inside a test that does not end."""

    __test__ = False


def _expired(number: int, frame: object) -> None:
    raise TestTookTooLong("the test was not over after %d seconds" % TEST_SECONDS)
