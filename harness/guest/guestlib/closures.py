"""Functions that a call gives: a decorator, or what a decorator makes. What they do shows when they are called."""

from __future__ import annotations

import inspect
import re
import types
import typing

from guestlib.callables import SOURCES, named

DECORATED = re.compile(
    r"f|fn|func|function|meth(od)?|callback|wrapped|view|handler|call(able)?|target|task|job"
)
STAND_IN = "recovers"
TIMES = 3
DEEP = 3
ACCIDENTS = ("raises TypeError", "raises AttributeError", "raises NameError", "raises AssertionError")


class Last:
    """What the last observed call gave: ``given`` a closure; ``unfit`` one that failed by accident where it was
    called first, or that never called what it decorates (``idle``): then the arguments were none of its."""

    given = unfit = idle = False


def is_closure(value: object) -> bool:
    """Whether a function was made inside of another one, so that only calls tell two of them apart."""
    if isinstance(value, type) or inspect.iscoroutinefunction(value):
        return False
    for one in (value, getattr(value, "__wrapped__", None)):  # the second: of functools.lru_cache
        code = getattr(one, "__code__", None)
        if isinstance(code, types.CodeType):
            return bool(code.co_flags & inspect.CO_NESTED)
    return False


def unfolded(made: typing.Any) -> tuple[str, typing.Any, list[int]]:
    """(source of the calls that follow, what these give, arguments to call that with).

    A decorator is given a function that fails twice before it answers.
    """
    source = ""
    for _ in range(DEEP):
        names = _required(made)
        if len(names) != 1 or not DECORATED.fullmatch(names[0]):
            return source, made, list(range(1, (len(names) or 1) + 1))
        made = made(_counted(named(STAND_IN)))
        source += "(%s)" % SOURCES[STAND_IN]
        if not is_closure(made):
            break
    return source, made, [1]


def _counted(function: typing.Callable[..., typing.Any]) -> typing.Callable[..., typing.Any]:
    Last.idle = True

    def answer(*args: typing.Any) -> typing.Any:
        Last.idle = False
        return function(*args)

    return answer


def _required(made: typing.Any) -> list[str]:
    try:
        parameters = inspect.signature(made).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [one.name for one in parameters if one.default is one.empty and one.kind in kinds]


def applied(function: typing.Any, *args: typing.Any) -> list[typing.Any]:
    """What each of some calls gives."""
    found: list[typing.Any] = []
    for _ in range(TIMES):
        try:
            value = function(*args)
            found.append("to be awaited" if inspect.isawaitable(value) else value)
        except Exception as error:
            found.append("raises " + type(error).__name__)
    return found


def followed(value: typing.Any) -> tuple[str, list[int] | None, typing.Any]:
    """(source of the calls that follow a closure, arguments of the last one's calls, what these give).

    Without arguments: what follows gives no closure but this value.
    """
    source, made, args = unfolded(value)
    return (source, args, applied(made, *args)) if is_closure(made) else (source, None, made)


def shown(value: typing.Any) -> typing.Any:
    """What a closure does in place of itself; any other value as it is."""
    Last.given = is_closure(value)
    Last.unfit = Last.idle = False
    if not Last.given:
        return value
    _, args, found = followed(value)
    if args is not None:
        Last.unfit = Last.idle or (isinstance(found[0], str) and found[0] in ACCIDENTS)
    return found
