"""Small functions that stand in for callbacks, by name, each with its Python source."""

from __future__ import annotations

import typing

SOURCES = {
    "identity": "lambda *args: args[0] if args else None",
    "negate": "lambda value: -value",
    "even": "lambda value: value % 2 == 0",
    "truth": "lambda *args: True",
    "falsehood": "lambda *args: False",
    "nothing": "lambda *args: None",
    "first": "lambda value: value[0]",
    "add": "lambda left, right: left + right",
    "text": "lambda value: str(value)",
    "size": "lambda value: len(value)",
    "increment": "lambda value: value + 1",
    "stops": "lambda *args: next(iter([]))",
    "fails": "lambda *args: int('no number')",
    "recovers": "recovering()",
    "counts": "counting()",
    "ticks": "ticking()",
}
TIME = [0]
"""What clocks of this process show; who runs steps moves it on before each."""


def recovering() -> typing.Callable[..., typing.Any]:
    """A function that fails twice before it answers."""
    left = [1, 2]

    def answer(*args: typing.Any) -> int:
        if left:
            left.pop()
            raise ValueError("not yet")
        return 7

    return answer


def counting() -> typing.Callable[..., typing.Any]:
    """A function that says how often it was called."""
    calls: list[typing.Any] = []

    def answer(*args: typing.Any) -> int:
        calls.append(args)
        return len(calls)

    return answer


def ticking() -> typing.Callable[..., typing.Any]:
    """A clock that stands still within a step, unless it is asked very often, as by a loop that waits.

    A clock that goes on whenever it is asked would tell how often code asks, which is nobody's contract.
    """
    calls: list[typing.Any] = []

    def clock(*args: typing.Any) -> int:
        calls.append(args)
        return TIME[0] + len(calls) // 64

    return clock


def named(name: str) -> typing.Callable[..., typing.Any]:
    """The function of that name. KeyError for a name that is not in SOURCES."""
    made: typing.Callable[..., typing.Any] = eval(
        SOURCES[name], {"recovering": recovering, "counting": counting, "ticking": ticking}
    )  # constant sources of this module
    return made
