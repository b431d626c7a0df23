"""Special methods as programs call them: by their operator, which answers without the method as well.

Who removes ``__bool__`` or ``__contains__`` leaves ``bool(x)`` and ``y in x`` with another meaning, and
``__eq__`` that gives ``NotImplemented`` is no other answer than its caller sees.
"""

from __future__ import annotations

import functools
import operator
import typing

from guestlib.managers import both
from guestlib.recipes import method_of


def told_apart(thing: typing.Any, *others: typing.Any) -> int:
    """How many members a set of these has: all that a hash means. Its number is nobody's contract."""
    return len({thing, *others})


OPERATORS: dict[str, typing.Callable[..., typing.Any]] = {
    "__eq__": operator.eq, "__ne__": operator.ne, "__lt__": operator.lt, "__le__": operator.le,
    "__gt__": operator.gt, "__ge__": operator.ge, "__hash__": told_apart, "__len__": len, "__bool__": bool,
    "__contains__": operator.contains, "__iter__": iter, "__repr__": repr, "__str__": str,
    "__enter__": both, "__exit__": both,
}  # fmt: skip


def bound(thing: typing.Any, name: str) -> typing.Callable[..., typing.Any]:
    """The callable behind a step of an object. Raises AttributeError where there is none."""
    function = OPERATORS.get(name)
    found: typing.Callable[..., typing.Any]
    found = method_of(thing, name) if function is None else functools.partial(function, thing)
    return found
