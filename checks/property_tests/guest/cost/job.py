"""Measures growing inputs on one side, size by size, until a size takes too long."""

from __future__ import annotations

import functools
import inspect
import itertools
import time
import typing

from guestlib.aio import finished
from guestlib.canon import canon, is_iterator
from guestlib.guard import Hang, captured, cpu_limit, steady
from guestlib.recipes import build, build_call

from ..target import Target
from . import count
from .grown import GrownSource, expand, fill

SMALL = 8
FIRST = 64
LARGEST = 1 << 17
ENOUGH_SECONDS = 0.06
LATE_SECONDS = 0.35
BUILD_SECONDS = 0.5
COUNT_SIZES = (32, 64, 128, 256, 512, 1024)

Report = typing.Callable[[typing.Dict[str, typing.Any]], None]


class Growth:
    """One growing scenario of a target: ``[receiver, steps]`` with tags of :mod:`.grown`.

    ``repeat`` true: the steps are done ``size`` times over, with the holes filled anew.
    """

    def __init__(self, target: Target, scenario: typing.Any, repeat: bool) -> None:
        self.target = target
        self.scenario = scenario
        self.repeat = repeat
        self.iterates = False

    def prepared(self, size: int, counted: bool = False) -> typing.Callable[[], typing.Any]:
        """The work at a size as a call without arguments; its inputs are made already."""
        receiver, steps = self.scenario
        thing = build(expand(receiver, size)) if receiver is not None else None
        calls = []
        for name, args, kwargs in self._steps(steps, size):
            made = None if args is None else build_call(args, kwargs)
            if made is not None and counted:
                made = ([count.counted(item) for item in made[0]],
                        {key: count.counted(item) for key, item in made[1].items()})  # fmt: skip
            calls.append((name, made))

        def work() -> typing.Any:
            value = None
            for name, made in calls:
                if made is None:
                    value = getattr(thing, name)
                    continue
                function = self.target.thing if thing is None else getattr(thing, name)
                value = self._finished(function(*made[0], **made[1]))
            return value

        return work

    def _finished(self, value: typing.Any) -> typing.Any:
        """The end of what a call began: coroutines are run, iterators read."""
        if inspect.isasyncgen(value) or inspect.isawaitable(value):
            return finished(value)
        if is_iterator(value) and not hasattr(value, "read"):
            self.iterates = True
            return list(itertools.islice(value, 2 * LARGEST))
        return value

    def _steps(self, steps: typing.Any, size: int) -> typing.Iterator[typing.Any]:
        if not self.repeat:
            yield from expand(steps, size)
            return
        for at in range(size):
            for step in steps:
                yield fill(step, at)

    def agreed(self) -> str | None:
        """Canonical text of the result at a small size, None when there is none."""
        value, fine = _guarded(lambda: self.prepared(SMALL)(), 0.4)
        return canon(value, loose=True, root=self.target.tree, numeric=True) if fine else None

    def times(self, say: Report) -> list[list[float]]:
        """``[size, seconds]`` for sizes that double, each size once: nothing is answered from a cache."""
        found: list[list[float]] = []
        size = FIRST
        while size <= LARGEST:
            say({"start": None})
            started = time.thread_time()
            work, fine = _guarded(lambda at=size: self.prepared(at), 2.0)  # type: ignore[misc]
            if not fine:
                break
            building = time.thread_time() - started
            say({"start": None})
            spent, fine = _guarded(functools.partial(count.seconds, work), 1.5)
            if not fine:
                break
            found.append([size, round(spent, 6)])
            if spent > LATE_SECONDS or building > BUILD_SECONDS:
                break
            if spent > ENOUGH_SECONDS and len(found) > 5:
                break
            size *= 2
        return found

    def counts(self, how: str, say: Report) -> list[list[int]]:
        """``[size, count]`` of lines or operations."""
        found: list[list[int]] = []
        for size in COUNT_SIZES:
            say({"start": None})
            work, fine = _guarded(lambda at=size: self.prepared(at, how == "operations"), 1.0)  # type: ignore[misc]
            if not fine:
                break
            made, fine = _guarded(functools.partial(getattr(count, how), work), 1.5)
            if not fine:
                break
            found.append([size, made])
        return found

    def source(self) -> dict[str, typing.Any]:
        """Parts of a test: imports, the receiver's and the arguments' sources in terms of ``size``."""
        source = GrownSource(taken={"work", "time", "sys", "thing", "count", "call"})
        receiver, steps = self.scenario
        made = None if receiver is None else source.expression(receiver)
        name = source.name(self.target.module, self.target.name) if receiver is None else ""
        lines = []
        for step, args, kwargs in steps:
            written = None if args is None else [source.expression(item) for item in args]
            named = [[key, source.expression(item)] for key, item in kwargs]
            lines.append({"call": name or "thing." + step, "args": written, "kwargs": named,
                          "inline": self.repeat, "iterates": self.iterates})  # fmt: skip
        return {"imports": source.imports(), "receiver": made, "steps": lines, "prelude": source.prelude,
                "repeat": self.repeat}  # fmt: skip


def _guarded(call: typing.Callable[[], typing.Any], limit: float) -> tuple[typing.Any, bool]:
    steady()
    try:
        with captured(), cpu_limit(limit):
            return call(), True
    except (Exception, Hang, SystemExit, count.TooMuch):
        return None, False


def measure(target: Target, job: dict[str, typing.Any], say: Report) -> list[dict[str, typing.Any]]:
    """What each growth of the job costs: ``times``, or ``lines`` and ``operations`` when asked to count."""
    found = []
    for item in job["growths"]:
        growth = Growth(target, item["scenario"], item["repeat"])
        say({"start": None})
        made: dict[str, typing.Any] = {"agreed": growth.agreed()}
        if made["agreed"] is None:
            pass
        elif job["counting"]:
            made["lines"] = growth.counts("lines", say)
            made["operations"] = growth.counts("operations", say)
            try:
                made["source"] = growth.source()
            except KeyError:
                made["source"] = None
        else:
            made["times"] = growth.times(say)
        found.append(made)
    return found
