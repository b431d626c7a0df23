"""Optional parameters behind ``**options``: those of the function or class that a body hands them on to."""

from __future__ import annotations

import ast
import inspect
import typing

from . import hints, usage
from .domain import Domain

MOST = 12

Known = typing.List[typing.Tuple[typing.Any, Domain]]


def optional(name: str) -> inspect.Parameter:
    """A parameter that is given by name, if at all."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)


def forwarded(function: typing.Any, known: Known) -> Known:
    """Parameters with defaults that ``**options`` of the function may hold, as far as one of its calls tells."""
    name = next((one.name for one, _ in known if one.kind is one.VAR_KEYWORD), None)
    plain = inspect.unwrap(getattr(function, "__func__", function))
    tree = usage.parse(plain) if name is not None else None
    taken = {one.name for one, _ in known}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and any(_hands_on(word, name) for word in node.keywords):
            taken |= {word.arg for word in node.keywords if word.arg is not None}
            found = _parameters(_callee(node.func, plain), len(node.args))
            return [pair for pair in found if pair[0].name not in taken][:MOST]
    return []


def _hands_on(word: ast.keyword, name: str | None) -> bool:
    return word.arg is None and isinstance(word.value, ast.Name) and word.value.id == name


def _callee(node: ast.expr, function: typing.Any) -> typing.Any:
    """What a call calls, where that is a function or class of the same package; None elsewhere."""
    names = getattr(function, "__globals__", {})
    found = names.get(node.id) if isinstance(node, ast.Name) else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found = getattr(names.get(node.value.id), node.attr, None)
    package = str(getattr(function, "__module__", "")).partition(".")[0]
    same = str(getattr(found, "__module__", "")).partition(".")[0] == package
    return found if same and callable(found) else None


def _parameters(called: typing.Any, given: int) -> Known:
    """The parameters of what is called that may be given by name, behind the given ones."""
    if called is None:
        return []
    try:
        known = hints.parameters(called, False)[given:]
    except (TypeError, ValueError):
        return []
    return [
        (one.replace(kind=one.KEYWORD_ONLY), domain)
        for one, domain in known
        if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY) and one.default is not one.empty
    ]
