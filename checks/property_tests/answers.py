"""Whether head still answers the calls that base's functions take."""

import builtins

from .callers import Modules
from .syntax import Function, Module

OPERATORS = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__len__", "__bool__",
     "__contains__", "__iter__", "__repr__", "__str__"}
)  # fmt: skip
"""Special methods without which Python itself answers, or refuses."""


def compatible(old: Function, new: Function) -> bool:
    """Whether every call that base's signature takes is one that head's takes, with the same meaning."""
    if new.variadic and not old.variadic and len(new.parameters) < len(old.parameters):
        return True
    same_order = new.parameters[: len(old.parameters)] == old.parameters
    names = {*new.parameters, *new.keyword_only}
    return same_order and set(new.required) <= set(old.required) and set(old.keyword_only) <= names


def answered(function: Function, after: Module, modules: Modules) -> bool:
    """Whether head's class answers without the method, by what it inherits: from classes of the project,
    built-in ones, or from ``object`` where an operator asks."""
    if function.owner not in after.classes:
        return False
    wanted, seen = [*after.bases[function.owner]], set()
    while wanted:
        one = wanted.pop()
        if one in seen:
            continue
        seen.add(one)
        for content in (after, *(content for _, content in modules.values())):
            found = content.functions.get(f"{one}.{function.last}")
            if found is not None:
                return compatible(function, found)
            wanted += content.bases.get(one, ())
    return function.last in OPERATORS or any(
        hasattr(getattr(builtins, one, None), function.last) for one in seen
    )
