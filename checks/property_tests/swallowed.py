"""Errors that head catches and says nothing of, where base lets them pass.

What Python raises by itself at unfit data is no promise of base's, so that a refactoring may raise another error.
It is one where the change catches it on purpose and goes on: then a caller who relied on hearing of it does not.
"""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator

from harness.check.python_source import read_python

from .syntax import last_name

EVERY = ("Exception", "BaseException", "")
FURTHER = {"ValueError": ("JSONDecodeError",), "ArithmeticError": ("InvalidOperation",)}


def swallowed(before: str, after: str) -> set[str]:
    """Names of exceptions that more handlers of ``after`` than of ``before`` catch without raising."""
    more = Counter(_caught(after)) - Counter(_caught(before))
    return {name for one in more for name in _below(one)}


def _caught(text: str) -> Iterator[str]:
    """Last names of what handlers without a ``raise``, and ``suppress``, catch; empty for everything."""
    try:
        tree = read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            if not any(isinstance(one, ast.Raise) for part in node.body for one in ast.walk(part)):
                yield from _names(node.type)
        elif isinstance(node, ast.Call) and last_name(node.func) == "suppress":
            for one in node.args:
                yield from _names(one)


def _names(node: ast.expr | None) -> Iterator[str]:
    for one in node.elts if isinstance(node, ast.Tuple) else (node,):
        yield last_name(one) if one is not None else ""


def _below(name: str) -> set[str]:
    """An exception with the built-in ones that are of its kind."""
    kind = getattr(builtins, "Exception" if name in EVERY else name, None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        return {name}
    found = {key for key, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, kind)}
    return found | {extra for key in found for extra in FURTHER.get(key, ())}
