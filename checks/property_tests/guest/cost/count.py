"""Counting the work of a call: lines run, operations on elements, CPU seconds.

Lines and operations are the same in every run. Lines miss what is done in C (``x in list``),
which operations on elements see; copying and moving memory is seen by neither, only by time.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
import typing

MAX_COUNT = 2_000_000
TOOL = 3


class TooMuch(BaseException):
    """Raised into the code under test when it was counted up to MAX_COUNT."""


class Tally:
    """Counts up to a limit."""

    def __init__(self) -> None:
        self.count = 0

    def one(self) -> None:
        self.count += 1
        if self.count > MAX_COUNT:
            raise TooMuch


def lines(call: typing.Callable[[], typing.Any]) -> int:
    """Lines, calls and jumps that ``call`` runs in Python. Raises what the call raises, and TooMuch."""
    tally = Tally()
    if sys.version_info >= (3, 12):
        _monitored(call, tally)
    else:
        _traced(call, tally)
    return tally.count


def _monitored(call: typing.Callable[[], typing.Any], tally: Tally) -> None:
    monitoring: typing.Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
    events = (monitoring.events.LINE, monitoring.events.JUMP, monitoring.events.PY_START)
    monitoring.use_tool_id(TOOL, "work")
    try:
        for event in events:
            monitoring.register_callback(TOOL, event, lambda *_: tally.one())
        monitoring.set_events(TOOL, events[0] | events[1] | events[2])
        call()
    finally:
        monitoring.set_events(TOOL, 0)
        for event in events:
            monitoring.register_callback(TOOL, event, None)
        monitoring.free_tool_id(TOOL)


def _traced(call: typing.Callable[[], typing.Any], tally: Tally) -> None:
    def trace(frame: typing.Any, event: str, argument: typing.Any) -> typing.Any:
        tally.one()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
        threading.settrace(None)  # type: ignore[arg-type,unused-ignore]


def seconds(call: typing.Callable[[], typing.Any]) -> float:
    """CPU seconds of the call in this thread, the collector of cycles at rest.

    The clock of the whole process is coarse while an interval timer on it runs.
    """
    gc.collect()
    gc.disable()
    try:
        started = time.thread_time()
        call()
        return time.thread_time() - started
    finally:
        gc.enable()


OPERATIONS = Tally()


class CountedInt(int):
    """An int whose comparisons and hashes are counted."""

    def __eq__(self, other: object) -> typing.Any:
        OPERATIONS.one()
        return int.__eq__(self, other)

    def __ne__(self, other: object) -> typing.Any:
        OPERATIONS.one()
        return int.__ne__(self, other)

    def __lt__(self, other: int) -> bool:
        OPERATIONS.one()
        return int.__lt__(self, other)

    def __gt__(self, other: int) -> bool:
        OPERATIONS.one()
        return int.__gt__(self, other)

    def __hash__(self) -> int:
        OPERATIONS.one()
        return int.__hash__(self)


class CountedText(str):
    """A text whose comparisons and hashes are counted."""

    __slots__ = ()

    def __eq__(self, other: object) -> typing.Any:
        OPERATIONS.one()
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> typing.Any:
        OPERATIONS.one()
        return str.__ne__(self, other)

    def __lt__(self, other: str) -> bool:
        OPERATIONS.one()
        return str.__lt__(self, other)

    def __gt__(self, other: str) -> bool:
        OPERATIONS.one()
        return str.__gt__(self, other)

    def __hash__(self) -> int:
        OPERATIONS.one()
        return str.__hash__(self)


def counted(value: typing.Any, depth: int = 0) -> typing.Any:
    """The value with ints and texts in lists, tuples, sets and dicts replaced by counted ones."""
    kind = type(value)
    if kind is int:
        return CountedInt(value)
    if kind is str:
        return CountedText(value)
    if depth > 3 or kind not in (list, tuple, set, frozenset, dict):
        return value
    if kind is dict:
        return {counted(key, depth + 1): counted(item, depth + 1) for key, item in value.items()}
    return kind([counted(item, depth + 1) for item in value])


def operations(call: typing.Callable[[], typing.Any]) -> int:
    """Operations on counted elements during the call."""
    OPERATIONS.count = 0
    call()
    return OPERATIONS.count
