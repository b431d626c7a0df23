"""Two calls of asynchronous methods at the same time: what comes of the turns that they take.

A step ``["@together", [["tuple", [name, ["tuple", args]]], …], []]`` starts calls on one object as
tasks; where a call waits anyway, a seed says how often the others go first. Whatever the turns,
the outcome should be one that some order of the calls, one after the other, gives too
(Herlihy and Wing: Linearizability, 1990). An outcome that is not is a race.
"""

from __future__ import annotations

import asyncio
import random
import typing

from guestlib.outcome import Outcome

from .within import WITHIN, calls

TOGETHER = "@together"
FORWARD, BACKWARD = -1, -2
SEEDS = range(6)


class Stepped:
    """Awaits a coroutine and gives way to others behind each of its own waits."""

    def __init__(self, coroutine: typing.Any, turns: random.Random) -> None:
        self.coroutine = coroutine
        self.turns = turns

    def __await__(self) -> typing.Generator[typing.Any, typing.Any, typing.Any]:
        value, error = None, None
        while True:
            try:
                waited = self.coroutine.send(value) if error is None else self.coroutine.throw(error)
            except StopIteration as stop:
                return stop.value
            try:
                value, error = (yield waited), None
            except BaseException as raised:
                value, error = None, raised
            for _ in range(self.turns.randrange(3)):
                yield None


async def settled(awaitable: typing.Any) -> typing.Any:
    """The result, or the exception in words."""
    try:
        return await awaitable
    except Exception as error:
        return "raises " + type(error).__name__


async def together(seed: int, *coroutines: typing.Any) -> list[typing.Any]:
    """Results in the order of the calls; FORWARD and BACKWARD do them one after the other."""
    if seed in (FORWARD, BACKWARD):
        order = coroutines if seed == FORWARD else coroutines[::-1]
        results = [await settled(one) for one in order]
        return results if seed == FORWARD else results[::-1]
    turns = random.Random(seed)
    return list(await asyncio.gather(*(settled(Stepped(one, turns)) for one in coroutines)))


def combined(run: typing.Callable[[int], list[Outcome]]) -> list[Outcome]:
    """Outcomes of the calls in order, or up to the step that shows a race.

    ``run`` does the whole scenario on a new object with a seed.
    """
    forward, backward = run(FORWARD), run(BACKWARD)
    allowed = [list(map(_seen, forward)), list(map(_seen, backward))]
    for seed in SEEDS:
        seen = list(map(_seen, run(seed)))
        if seen in allowed:
            continue
        apart = [
            at
            for at in range(min(len(seen), len(forward)))
            if all(at >= len(one) or one[at] != seen[at] for one in allowed)
        ]
        at = apart[0] if apart else len(forward) - 1
        return [*forward[:at], {"kind": "races", "group": "collection"}]
    return forward


def _seen(outcome: Outcome) -> tuple[typing.Any, ...]:
    text = outcome.get("loose", outcome.get("text"))
    return outcome["kind"], text, outcome.get("mutated"), outcome.get("printed"), outcome.get("written")


def inner(step: list[typing.Any]) -> list[list[typing.Any]]:
    """The steps that a step stands for: its calls for one of TOGETHER or WITHIN, else itself."""
    if step[0] == WITHIN:
        return calls(step[1])
    if step[0] != TOGETHER:
        return [step]
    return [[item[1][0], item[1][1][1], []] for item in step[1]]
