"""Matchers about what statements do to each other: dropped results, loops, locks, handlers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Callable

from .matchers import _is_broad, _own_statements, dotted

_PURE = frozenset(
    ["capitalize", "casefold", "lower", "lstrip", "rstrip", "strip", "upper", "zfill", "removeprefix",
     "removesuffix", "splitlines"]
)  # fmt: skip
_SHRINKS = frozenset(["remove", "pop", "insert", "clear", "discard", "add", "popitem", "update"])
_WAITS = ("sleep", "wait", "get", "acquire", "recv", "read", "join", "input", "accept", "poll", "select")


def not_awaited(tree: ast.Module) -> Iterator[ast.AST]:
    """A coroutine of this module that is called as a statement of an ``async def`` without ``await``."""
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    plain = {node.name for node in functions if isinstance(node, ast.FunctionDef)}
    coroutines = {node.name for node in functions if isinstance(node, ast.AsyncFunctionDef)} - plain
    generators = {node.name for node in functions if _yields(node)}
    wrapped = {node.name for node in functions if node.decorator_list}
    named = coroutines - generators - wrapped
    for function in functions:
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        for node in _own_statements(function.body):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                name = dotted(node.value.func)
                if name in named or (name.startswith("self.") and name[5:] in named):
                    yield node.value


def _yields(function: ast.AST) -> bool:
    body = getattr(function, "body", [])
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in _own_statements(body))


def handler_unreachable(tree: ast.Module) -> Iterator[ast.AST]:
    """A handler behind one that catches everything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            broad = False
            for handler in node.handlers:
                if broad and not (handler.type is None or dotted(handler.type) == "BaseException"):
                    yield handler
                broad = broad or (_is_broad(handler.type) and _catches_all(handler.type))


def _catches_all(kind: ast.expr | None) -> bool:
    return kind is None or not isinstance(kind, ast.Tuple)


def result_dropped(tree: ast.Module) -> Iterator[ast.AST]:
    """A statement whose only effect would be the value that it throws away."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            pure = isinstance(call.func, ast.Attribute) and call.func.attr in _PURE
            if pure or dotted(call.func) == "sorted":
                yield call


def changed_while_iterated(tree: ast.Module) -> Iterator[ast.AST]:
    """A collection that a loop over it shrinks or grows, and goes on."""
    for loop in ast.walk(tree):
        if not isinstance(loop, ast.For):
            continue
        name = dotted(loop.iter)
        if isinstance(loop.iter, ast.Call) and isinstance(loop.iter.func, ast.Attribute):
            name = dotted(loop.iter.func.value) if loop.iter.func.attr in ("items", "keys", "values") else ""
        if name:
            yield from _changes(loop.body, name)


def _changes(body: Iterable[ast.stmt], name: str) -> Iterator[ast.AST]:
    """Changes of ``name`` that no break, return or raise follows in the same block."""
    statements = list(body)
    leaves = any(isinstance(one, (ast.Break, ast.Return, ast.Raise)) for one in statements)
    for statement in statements:
        if isinstance(statement, ast.Assign) and name in map(dotted, statement.targets):
            return
        if not leaves and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            func = statement.value.func
            if isinstance(func, ast.Attribute) and func.attr in _SHRINKS and dotted(func.value) == name:
                yield statement.value
        if not leaves and isinstance(statement, ast.Delete):
            for target in statement.targets:
                if isinstance(target, ast.Subscript) and dotted(target.value) == name:
                    yield statement
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for field in ("body", "orelse", "finalbody"):
                yield from _changes(getattr(statement, field, []), name) if not leaves else ()


def lock_without_finally(tree: ast.Module) -> Iterator[ast.AST]:
    """``lock.acquire()`` whose ``release()`` in the same function an error would skip."""
    for function in ast.walk(tree):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        nodes = list(_own_statements(function.body))
        safe = {name for node in nodes if isinstance(node, ast.Try) for name in _released(node.finalbody)}
        safe |= {
            name for node in nodes if isinstance(node, ast.ExceptHandler) for name in _released(node.body)
        }
        released = _released(function.body)
        for node in nodes:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                func = node.value.func
                if isinstance(func, ast.Attribute) and func.attr == "acquire" and not node.value.args:
                    name = dotted(func.value)
                    if name and name in released and name not in safe:
                        yield node.value


def _released(statements: Iterable[ast.AST]) -> set[str]:
    return {
        dotted(node.func.value) for node in _own_statements(statements)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "release"
    } - {""}  # fmt: skip


def endless_retry(tree: ast.Module) -> Iterator[ast.AST]:
    """``while True`` around a call whose errors are all caught, without a pause, a limit or a way out."""
    for loop in ast.walk(tree):
        if not (isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and loop.test.value):
            continue
        if len(loop.body) != 1 or not isinstance(loop.body[0], ast.Try) or len(loop.body[0].handlers) > 1:
            continue  # a narrower handler, StopIteration say, is a way out
        for handler in loop.body[0].handlers:
            inner = list(_own_statements(handler.body))
            leaves = any(isinstance(node, (ast.Raise, ast.Return, ast.Break)) for node in inner)
            calls = [
                dotted(node.func).rpartition(".")[2] for node in ast.walk(loop) if isinstance(node, ast.Call)
            ]
            counted = any(isinstance(node, ast.AugAssign) for node in ast.walk(loop))
            if _is_broad(handler.type) and not leaves and not counted and not set(calls) & set(_WAITS):
                yield handler


def always_true(tree: ast.Module) -> Iterator[ast.AST]:
    """``x == "a" or "b"``: the constant makes the condition true whatever x is."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.BoolOp)
            and isinstance(node.op, ast.Or)
            and isinstance(node.values[0], ast.Compare)
        ):
            last = node.values[-1]
            equal = any(isinstance(one, (ast.Eq, ast.Is, ast.In)) for one in node.values[0].ops)
            constant = isinstance(last, ast.Constant) and type(last.value) in (str, int) and bool(last.value)
            if equal and constant:
                yield node


def shared_rows(tree: ast.Module) -> Iterator[ast.AST]:
    """Many references to one list, dict or set, one of which the same function then changes."""
    for function in ast.walk(tree):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            continue
        nodes = list(_own_statements(function.body))
        made = {
            dotted(node.targets[0]): node.value for node in nodes
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and _repeats(node.value)
        }  # fmt: skip
        changed = {name for node in nodes for name in _changed_elements(node)}
        yield from (value for name, value in made.items() if name and name in changed)


def _repeats(value: ast.expr) -> bool:
    """``[[…]] * n``, or ``dict.fromkeys(names, [])``."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult) and isinstance(value.left, ast.List):
        return any(_is_container(one) for one in value.left.elts)
    if isinstance(value, ast.Call) and dotted(value.func) == "dict.fromkeys" and len(value.args) == 2:
        return _is_container(value.args[1])
    return False


def _is_container(value: ast.expr) -> bool:
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.Mult) and isinstance(value.left, ast.List)
    if isinstance(value, ast.Call):
        return dotted(value.func) in ("list", "dict", "set") and not value.args
    return isinstance(value, (ast.List, ast.Dict, ast.Set))


def _changed_elements(node: ast.AST) -> Iterator[str]:
    """Names of collections an element of which is changed in place: ``x[i].append(…)``, ``x[i][j] = …``."""
    target: ast.AST | None = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _GROWS:
        target = node.func.value
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
        target = node.value
    if isinstance(target, ast.Subscript):
        yield dotted(target.value)


_GROWS = frozenset([*_SHRINKS, "append", "extend", "setdefault", "sort"])
FLOW: dict[str, Callable[[ast.Module], Iterator[Any]]] = {
    "not-awaited": not_awaited,
    "handler-unreachable": handler_unreachable,
    "result-dropped": result_dropped,
    "changed-while-iterated": changed_while_iterated,
    "lock-without-finally": lock_without_finally,
    "endless-retry": endless_retry,
    "always-true": always_true,
    "shared-rows": shared_rows,
}
