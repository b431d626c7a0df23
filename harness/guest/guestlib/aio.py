"""Runs coroutines and asynchronous generators to their end, on a clock that does not wait.

A sleep ends as soon as nothing else can run: the time of the loop jumps to the next timer. So
what takes a minute takes no time, and the order of events depends on their times alone.
"""

from __future__ import annotations

import asyncio
import inspect
import selectors
import threading
import time
import typing

from guestlib.canon import MAX_ITEMS, Drained
from guestlib.guard import Hang

STUCK_SECONDS = 1.0
JUMPED = [0.0]
"""Seconds that the last run's clock moved without waiting."""


class _Selector(selectors.DefaultSelector):  # type: ignore[valid-type,misc,unused-ignore]
    """Moves the loop's clock in place of waiting; threads that were begun since then are waited for."""

    jump: typing.Callable[[float], None]

    def __init__(self) -> None:
        super().__init__()
        self.before = threading.active_count()

    def select(self, timeout: float | None = None) -> typing.Any:
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        if threading.active_count() > self.before:
            started = time.monotonic()
            found = super().select(0.05 if timeout is None else min(timeout, 0.05))
            self.jump(time.monotonic() - started)
            return found
        found = super().select(STUCK_SECONDS if timeout is None else 0)
        if not found and timeout is None:
            raise Hang  # nothing is ready, nothing is scheduled, and nobody else is there
        if not found and timeout is not None:
            self.jump(timeout)
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = 0.0
        selector = _Selector()
        selector.jump = self._jump
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def _jump(self, seconds: float) -> None:
        self.now += seconds


def run(awaitable: typing.Any) -> typing.Any:
    """What a coroutine or another awaitable gives. Raises what it raises, and Hang when it waits for nobody."""

    async def main() -> typing.Any:
        return await awaitable

    loop = _Loop()
    asyncio.events._set_running_loop(None)
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main())
    finally:
        JUMPED[0] = loop.now
        _finish(loop)


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left; what that raises is nobody's."""
    try:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    except BaseException:
        pass
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def collected(generator: typing.Any) -> Drained:
    """Items of an asynchronous generator (capped) and how it ended.

    As with other iterators, an error at the first item is raised.
    """
    items: list[typing.Any] = []

    async def collect() -> str:
        try:
            async for item in generator:
                items.append(item)
                if len(items) >= MAX_ITEMS:
                    return "more"
        except Exception as error:
            if not items:
                raise
            return type(error).__name__
        return "end"

    return Drained(items, run(collect()))


def finished(value: typing.Any) -> typing.Any:
    """The end of what a call began: awaitables are awaited, asynchronous generators read."""
    if inspect.isasyncgen(value):
        return collected(value)
    return run(value) if inspect.isawaitable(value) else value
