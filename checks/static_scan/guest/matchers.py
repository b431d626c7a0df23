"""Matchers over Python's syntax tree, for rules that patterns express badly.

Each takes a module and yields nodes with ``lineno`` and ``end_lineno``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Callable, Union

BROAD = ("Exception", "BaseException")
MUTATORS = frozenset(
    [
        "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "remove",
        "setdefault", "sort", "update",
    ]
)  # fmt: skip
TEST_TOOLS = ("pytest", "_pytest", "unittest", "nose")
BLOCKING = frozenset(
    [
        "time.sleep", "os.system", "subprocess.run", "subprocess.call", "subprocess.check_call",
        "subprocess.check_output", "requests.get", "requests.post", "requests.put", "requests.delete",
        "requests.patch", "requests.head", "requests.request", "urllib.request.urlopen", "input",
        "socket.create_connection",
    ]
)  # fmt: skip
TRUTHS = frozenset(
    [
        "bool",
        "isinstance",
        "issubclass",
        "hasattr",
        "callable",
        "any",
        "all",
        "exists",
        "startswith",
        "endswith",
    ]
)
Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or attribute chain, else an empty string."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def _is_broad(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    if isinstance(kind, ast.Tuple):
        return any(_is_broad(one) for one in kind.elts)
    return dotted(kind).rpartition(".")[2] in BROAD


def _handlers(tree: ast.Module) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            yield node


def _does_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Pass, ast.Continue)) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def swallowed_error(tree: ast.Module) -> Iterator[ast.AST]:
    """A handler of every exception that does nothing, or ``contextlib.suppress(Exception)``."""
    for handler in _handlers(tree):
        if all(_does_nothing(statement) for statement in handler.body):
            yield handler
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in ("contextlib.suppress", "suppress"):
            yield from [node for argument in node.args if _is_broad(argument)][:1]


def _is_plain(value: ast.expr | None) -> bool:
    if value is None or isinstance(value, ast.Constant):
        return True
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return not value.elts
    return isinstance(value, ast.Dict) and not value.keys


def error_to_default(tree: ast.Module) -> Iterator[ast.AST]:
    """A handler of every exception that only returns a constant or an empty container.

    A predicate that answers False is none: that something cannot be done is its answer.
    """
    predicates = {id(node) for function in ast.walk(tree) for node in _in_predicate(function)}
    for handler in _handlers(tree):
        last = handler.body[-1]
        plain = isinstance(last, ast.Return) and _is_plain(last.value) and id(handler) not in predicates
        if plain and all(_does_nothing(statement) for statement in handler.body[:-1]):
            yield handler


def _in_predicate(function: ast.AST) -> Iterator[ast.AST]:
    """The handlers of a function all of whose returns give a truth value."""
    if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        nodes = list(_own_statements(function.body))
        returned = [node.value for node in nodes if isinstance(node, ast.Return)]
        if returned and all(_is_truth(value) for value in returned):
            yield from (node for node in nodes if isinstance(node, ast.ExceptHandler))


def _is_truth(value: ast.expr | None) -> bool:
    if isinstance(value, ast.BoolOp):
        return all(_is_truth(one) for one in value.values)
    if isinstance(value, ast.Call):
        name = dotted(value.func).rpartition(".")[2]
        return name in TRUTHS or name.startswith(("is_", "has_", "_is_", "_has_"))
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.Not)
    return isinstance(value, ast.Compare) or (
        isinstance(value, ast.Constant) and isinstance(value.value, bool)
    )


def _own_statements(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes below, without those of nested functions and classes."""
    pending = list(statements)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


def jump_in_finally(tree: ast.Module) -> Iterator[ast.AST]:
    """``return`` in a ``finally`` block: it drops an exception that is on its way."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            for inner in _own_statements(node.finalbody):
                if isinstance(inner, ast.Return):
                    yield inner


def _mutable_defaults(function: Function) -> Iterator[tuple[str, ast.expr]]:
    arguments = function.args
    positional = [*getattr(arguments, "posonlyargs", []), *arguments.args]
    pairs = list(zip(reversed(positional), reversed(arguments.defaults)))
    pairs += [(name, value) for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults) if value]
    for name, value in pairs:
        made = isinstance(value, ast.Call) and dotted(value.func) in ("list", "dict", "set")
        if made or isinstance(value, (ast.List, ast.Dict, ast.Set)):
            yield name.arg, value


def _mutated(function: Function, name: str) -> bool:
    nodes = list(ast.walk(function))
    if any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in nodes
    ):
        return False
    return any(dotted(target) == name for node in nodes for target in _changed_by(node))


def _changed_by(node: ast.AST) -> Iterator[ast.AST]:
    """What a node changes in place."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        yield node.func.value
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
        yield node.value


def shared_default(tree: ast.Module) -> Iterator[ast.AST]:
    """A list, dict or set as default value that the function itself changes."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for name, value in _mutable_defaults(node):
                if _mutated(node, name):
                    yield value


def blocking_in_async(tree: ast.Module) -> Iterator[ast.AST]:
    """A call that blocks the event loop, directly in an ``async def``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            for inner in _own_statements(node.body):
                if isinstance(inner, ast.Call) and dotted(inner.func) in BLOCKING:
                    yield inner


def knows_tests(tree: ast.Module) -> Iterator[ast.AST]:
    """Product code that asks whether it is under test."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            tool = isinstance(node.left, ast.Constant) and node.left.value in TEST_TOOLS
            if tool and dotted(node.comparators[0]) in ("sys.modules", "modules"):
                yield node
        if isinstance(node, ast.Constant) and node.value == "PYTEST_CURRENT_TEST":
            yield node


def reused_loop_name(tree: ast.Module) -> Iterator[ast.AST]:
    """A function made in a loop that uses the loop's name when it is called later."""
    for loop in ast.walk(tree):
        if not isinstance(loop, (ast.For, ast.AsyncFor)):
            continue
        names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        for node in _own_statements(loop.body):
            if isinstance(node, ast.Call) and _is_kept(node):
                for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    if isinstance(value, ast.Lambda) and _uses(value, names):
                        yield value


def _is_kept(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "add_callback", "connect")


def _uses(function: ast.Lambda, names: set[str]) -> bool:
    bound = {argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]}
    free = names - bound
    return any(isinstance(node, ast.Name) and node.id in free for node in ast.walk(function.body))


MATCHERS: dict[str, Callable[[ast.Module], Iterator[Any]]] = {
    "swallowed-error": swallowed_error,
    "error-to-default": error_to_default,
    "return-in-finally": jump_in_finally,
    "shared-default": shared_default,
    "blocking-in-async": blocking_in_async,
    "knows-tests": knows_tests,
    "reused-loop-name": reused_loop_name,
}
