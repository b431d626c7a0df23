"""A test function that goes on after a failed assertion, so that its later calls are seen as well.

Used only where calls are recorded: a test that declares two differences stops on base at the
first, and the second would count as undeclared. What fails is swallowed statement by statement;
how the test ends is not looked at in such a run.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from typing import Any

BLOCKS = ("body", "orelse", "finalbody")


def persistent(function: Any) -> Any:
    """The function with its assertions and bare calls made harmless; itself where it cannot be changed."""
    if inspect.ismethod(function):
        changed = persistent(function.__func__)
        return function if changed is function.__func__ else types.MethodType(changed, function.__self__)
    if not isinstance(function, types.FunctionType) or function.__code__.co_freevars:
        return function
    if hasattr(function, "__wrapped__"):
        return function
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        node = tree.body[0]
        if not isinstance(node, ast.FunctionDef):
            return function
        node.decorator_list = []
        node.body = _soft(node.body)
        ast.increment_lineno(tree, function.__code__.co_firstlineno - 1)
        code = compile(ast.fix_missing_locations(tree), function.__code__.co_filename, "exec")
    except (OSError, TypeError, SyntaxError, ValueError, RecursionError):
        return function
    inner = next((item for item in code.co_consts if isinstance(item, types.CodeType)), None)
    if inner is None or inner.co_freevars:
        return function
    made = types.FunctionType(inner, function.__globals__, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__dict__.update(function.__dict__)
    return made


def _soft(body: list[ast.stmt]) -> list[ast.stmt]:
    return [_softened(statement) for statement in body]


def _softened(statement: ast.stmt) -> ast.stmt:
    """The statement in a ``try`` that swallows what it raises, pytest's own failures included."""
    if isinstance(statement, (ast.For, ast.If, ast.With)):
        raises = isinstance(statement, ast.With) and any(_refuses(item) for item in statement.items)
        for block in BLOCKS:
            inner = getattr(statement, block, None)
            if inner and not raises:
                setattr(statement, block, _soft(inner))
    elif not isinstance(statement, (ast.Assert, ast.Expr)):
        return statement
    handler = ast.ExceptHandler(type=ast.Name("BaseException", ast.Load()), name=None, body=[ast.Pass()])
    return ast.Try(body=[statement], handlers=[handler], orelse=[], finalbody=[])


def _refuses(item: ast.withitem) -> bool:
    """Whether a context expects an exception: its body has to raise."""
    call = item.context_expr
    name = call.func if isinstance(call, ast.Call) else call
    last = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
    return last in ("raises", "assertRaises", "assertRaisesRegex", "warns", "deprecated_call", "assertWarns")
