"""Calls in the body of a with statement that ends with an error: what a transaction takes back shows only so.

A step ``["@within", [manager, ["tuple", args], method, ["tuple", args]], []]`` enters what the method ``manager`` of
the object gives, or the object itself where that is empty, calls ``method`` in the body and raises LookupError there.
"""

from __future__ import annotations

import inspect
import types
import typing

from guestlib.outcome import Outcome
from guestlib.recipes import build_call

WITHIN = "@within"
ERROR = "raise LookupError('in the body')"


def is_manager(kind: typing.Any) -> bool:
    return hasattr(kind, "__enter__") and hasattr(kind, "__exit__")


def managers(thing: type, names: typing.Iterable[str]) -> list[str]:
    """Methods of a class that give a context manager, as far as their code tells; empty for its objects themselves."""
    found = [""] if is_manager(thing) else []
    for name in names:
        item = inspect.getattr_static(thing, name, None)
        plain = inspect.unwrap(item) if isinstance(item, types.FunctionType) else None
        if plain is None or inspect.iscoroutinefunction(item):
            continue
        by_generator = (
            inspect.isgeneratorfunction(plain) and plain is not item and not inspect.isgeneratorfunction(item)
        )
        if by_generator or _returns_manager(plain):
            found.append(name)
    return found


def _returns_manager(function: types.FunctionType) -> bool:
    """Whether a function's last statement makes an object that can be entered: ``return Transaction(self)``."""
    code = function.__code__
    made = [function.__globals__.get(name) for name in code.co_names]
    return any(isinstance(kind, type) and is_manager(kind) for kind in made) and len(code.co_code) < 60


def within(thing: typing.Any, args: list[typing.Any]) -> Outcome:
    """The outcome of the step: nothing to see, whatever happened; later steps show it."""
    try:
        name, (_, first), method, (_, second) = args
        opened, named = build_call(first, [])
        given, _ = build_call(second, [])
        manager = getattr(thing, name)(*opened, **named) if name else thing
    except Exception as error:
        return {"kind": "unmade " + type(error).__name__}
    try:
        with manager:
            getattr(thing, method)(*given)
            raise LookupError("in the body")
    except Exception:
        pass
    return {"kind": "value", "text": "", "group": "within"}


def calls(args: list[typing.Any]) -> list[list[typing.Any]]:
    """The calls that the step makes, as steps."""
    name, (_, first), method, (_, second) = args
    return [*([[name, first, []]] if name else []), [method, second, []]]
