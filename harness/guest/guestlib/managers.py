"""Context managers, used as a with statement does: once left as usual, once by an error in the body."""

from __future__ import annotations

import contextlib
import typing

METHODS = ("__enter__", "__exit__")


def made_by_generator(value: object) -> bool:
    """Whether a call gave a context manager that does nothing until it is entered."""
    return isinstance(value, contextlib._GeneratorContextManager)


def used(manager: typing.Any) -> typing.Any:
    """What a with statement gets from it."""
    with manager as entered:
        return "itself" if entered is manager else entered


def failing(manager: typing.Any) -> str:
    """What becomes of an error in the body."""
    try:
        with manager:
            raise LookupError("in the body")
    except Exception as error:
        return "raises " + type(error).__name__
    return "goes on"


def both(manager: typing.Any) -> tuple[typing.Any, str]:
    """An object that can be entered again and again, both ways."""
    return used(manager), failing(manager)


def settled(value: typing.Any, again: typing.Callable[[], typing.Any]) -> typing.Any:
    """What a call gave; where that is a context manager of a generator, what both ways give.

    It can be entered once only: ``again`` makes the call a second time.
    """
    return (used(value), failing(again())) if made_by_generator(value) else value
