"""Matchers that look at both sides of one module: what base did and head no longer does.

Each takes base's module and head's and yields nodes of head.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Callable, Union

from .matchers import FUNCTIONS, Function, _is_broad, dotted, error_to_default, swallowed_error

_GUARD = re.compile(
    r"(?:^|_)(?:login|auth|authenticated?|authoriz\w*|authoris\w*|permissions?|perms?|roles?|scopes?|admin|staff|superuser"
    r"|acl|owner|access|jwt|token|current_user|active_user|user_passes_test|csrf_protect)(?:_|$)|IsAuth|IsAdmin|Permission|"
    r"Forbidden|Unauthori[sz]ed|LoginRequired",
    re.IGNORECASE,
)
_DEMANDS = re.compile(
    r"(?:^|_)(?:required?|requires?|needs?|check|verify|ensure|enforce|has|can|restrict\w*|protect\w*|passes|get|only|depends"
    r"|validate|assert|security|permission_classes|permissions)(?:_|$)|IsAuth|IsAdmin|LoginRequired",
    re.IGNORECASE,
)
_OPEN = re.compile(r"AllowAny|allow_anonymous|public_endpoint|csrf_exempt|login_not_required")
Found = dict[str, ast.AST]


def _functions(tree: ast.Module) -> dict[str, Function]:
    found: dict[str, Function] = {}
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, prefix = pending.pop()
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                name = prefix + child.name
                if not isinstance(child, ast.ClassDef):
                    found.setdefault(name, child)
                name += "."
            pending.append((child, name))
    return found


def _last(node: ast.AST) -> str:
    name = dotted(node.func if isinstance(node, ast.Call) else node)
    return name.rpartition(".")[2]


def _is_guard(name: str) -> bool:
    return bool(_GUARD.search(name) and _DEMANDS.search(name)) and not _OPEN.search(name)


def _decorators(function: Function) -> set[str]:
    return {_last(one) for one in function.decorator_list if _is_guard(_last(one))}


def _dependencies(function: Function) -> set[str]:
    """Guards that are injected: ``Depends(current_user)``, ``Security(require_scope)``."""
    given = function.args
    values = [*given.defaults, *(one for one in given.kw_defaults if one)]
    notes = [one.annotation for one in [*given.args, *given.kwonlyargs] if one.annotation]
    found = set()
    for value in [*values, *notes]:
        for node in ast.walk(value):
            if isinstance(node, ast.Call) and _last(node) in ("Depends", "Security") and node.args:
                name = _last(node.args[0])
                if _GUARD.search(name):
                    found.add(name)
    return found


def _refusals(function: Function) -> set[str]:
    """Calls that check rights, and refusals (403, PermissionDenied), in the body."""
    found = set()
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                name = _last(node)
                if name in ("abort", "HTTPException") and any(_is_refusal(one) for one in _values(node)):
                    found.add("403")
                elif re.match(r"(?:check|require|verify|ensure|enforce|assert)_", name) and _GUARD.search(
                    name
                ):
                    found.add(name)
            if isinstance(node, ast.Raise) and node.exc is not None:
                name = _last(node.exc)
                if re.search(r"Permission(?:Denied|Error)|Forbidden|Unauthori[sz]ed|NotAuthenticated", name):
                    found.add("403")
    return found


def _values(call: ast.Call) -> Iterable[ast.expr]:
    return [*call.args, *(one.value for one in call.keywords)]


def _is_refusal(value: ast.expr) -> bool:
    text = dotted(value)
    return (
        (isinstance(value, ast.Constant) and value.value in (401, 403)) or "_401_" in text or "_403_" in text
    )


def _guards(function: Function) -> set[str]:
    return _decorators(function) | _dependencies(function) | _refusals(function)


def authorization_removed(base: ast.Module, head: ast.Module) -> Iterator[ast.AST]:
    """A function whose decorator, dependency or check of rights is gone and nothing takes its place.

    Something takes its place: another guard of the function or of its class, a guard at the module's
    level (a router's dependency), or a newly called function of the module that refuses.
    """
    old, new = _functions(base), _functions(head)
    if _outer_guards(head) - _outer_guards(base):
        return
    for name, function in new.items():
        before = old.get(name)
        if before is None or not (_guards(before) - _guards(function)):
            continue
        if _guards(function) - _guards(before) or _called(function, new) - _called(before, old):
            continue
        yield _head_of(function)
    yield from _opened_classes(base, head)


def _called(function: Function, known: dict[str, Function]) -> set[str]:
    """Functions of the module that a function calls and that guard something."""
    guarding = {name.rpartition(".")[2] for name, one in known.items() if _guards(one) or _is_guard(one.name)}
    calls = {_last(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
    return calls & guarding


def _outer_guards(tree: ast.Module) -> set[str]:
    """Names of guards outside of functions: routers, class attributes, middleware, base classes."""
    found: set[str] = set()
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, FUNCTIONS):
            hooks = {_last(one) for one in getattr(node, "decorator_list", [])}
            if hooks & {"before_request", "before_app_request", "middleware"}:
                found.add(getattr(node, "name", ""))
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        if (
            isinstance(node, (ast.Name, ast.Attribute))
            and _GUARD.search(_last(node))
            and not _OPEN.search(_last(node))
        ):
            found.add(_last(node))
        pending.extend(ast.iter_child_nodes(node))
    return found


def _opened_classes(base: ast.Module, head: ast.Module) -> Iterator[ast.AST]:
    """Classes whose ``permission_classes`` lose a guard or become open, or that lose a guarding mixin."""
    old = {node.name: node for node in ast.walk(base) if isinstance(node, ast.ClassDef)}
    for node in ast.walk(head):
        if isinstance(node, ast.ClassDef) and node.name in old:
            before, after = _class_guards(old[node.name]), _class_guards(node)
            if before - after and not after - before:
                yield _Head(node.lineno, node.col_offset, node.lineno)


def _class_guards(node: ast.ClassDef) -> set[str]:
    found = {_last(one) for one in [*node.bases, *node.decorator_list]}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and "permission_classes" in map(dotted, statement.targets):
            found |= {
                _last(one) for one in ast.walk(statement.value) if isinstance(one, (ast.Name, ast.Attribute))
            }
    return {name for name in found if name and _is_guard(name)}


class _Head(ast.AST):
    """The first line of a definition, as a place."""

    def __init__(self, line: int, column: int, end: int) -> None:
        super().__init__()
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = line, column, end, 10_000


def _head_of(function: Function) -> ast.AST:
    return _Head(function.lineno, function.col_offset, function.lineno)


def newly_guarded(base: ast.Module, head: ast.Module) -> Iterator[ast.AST]:
    """A handler of every exception that passes none on, around statements that base did not guard.

    What handlers that do nothing, or only give a default, is said by rules of their own.
    """
    old = _functions(base)
    said = set(map(id, [*swallowed_error(head), *error_to_default(head)]))
    for name, function in _functions(head).items():
        before = old.get(name)
        if before is None:
            continue
        bare = {ast.dump(node) for node in _unguarded(before.body) if _may_fail(node)}
        for node in ast.walk(function):
            if isinstance(node, ast.Try) and any(
                _may_fail(one) and ast.dump(one) in bare for one in node.body
            ):
                for handler in node.handlers:
                    if _is_broad(handler.type) and id(handler) not in said and not _passes_on(handler):
                        yield handler


def _unguarded(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in statements:
        yield statement
        if isinstance(statement, ast.Try) and any(_is_broad(one.type) for one in statement.handlers):
            continue
        for field in ("body", "orelse", "finalbody"):
            inner: Union[list[ast.stmt], None] = getattr(statement, field, None)
            if isinstance(inner, list) and not isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
                yield from _unguarded(inner)


def _may_fail(statement: ast.stmt) -> bool:
    return any(isinstance(node, (ast.Call, ast.Subscript, ast.Await)) for node in ast.walk(statement))


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether the handler raises, ends the program, or hands the error itself to someone who can."""
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in ("sys.exit", "exit", "quit", "os._exit", "abort", "flask.abort") or name.endswith(
                (".set_exception", ".fail", ".throw", ".retry", ".rollback", ".reject", ".nack")
            ):
                return True
            if re.search(
                r"(?i)handle_?error|error_?handler|errback|on_?error|report_?error|print_exception", name
            ):
                return True
    return any(
        isinstance(node, ast.Return) and handler.name and handler.name in _names(node)
        for node in ast.walk(handler)
    )


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


COMPARERS: dict[str, Callable[[ast.Module, ast.Module], Iterator[ast.AST]]] = {
    "authorization-removed": authorization_removed,
    "newly-guarded": newly_guarded,
}
