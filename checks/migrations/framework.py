"""Alembic and Django migrations whose Python decides: destructive operations are read, not executed."""

import ast
import re
from collections.abc import Container, Iterator, Sequence

from harness.check.interface import Context, Draft, Location, Severity
from harness.check.python_source import read_python

OPERATIONS: dict[str, tuple[str, Severity]] = {
    "drop_table": ("drops table", "medium"),
    "drop_column": ("drops column", "medium"),
    "DeleteModel": ("deletes the table of model", "medium"),
    "RemoveField": ("drops the column of field", "medium"),
}
DOWN = ("downgrade",)
SCHEMA = re.compile(
    r"(?:drop|add|create|alter|rename)_(?:column|table|index|constraint|\w+_constraint|foreign_key)$|"
    r"batch_alter_table$|(?:Add|Remove|Alter|Rename)\w*$|(?:Create|Delete)Model$"
)


def framework_losses(context: Context, paths: Sequence[str]) -> list[Draft]:
    """Unconfirmed findings in migration files whose effect on rows could not be told.

    What the Python of one of them speaks of before it goes may be copied there, and is none.
    """
    trees = {path: _read(context.head.read_text(path) or "") for path in paths}
    spoken = {name for tree in trees.values() for name in _spoken(tree)}
    return [draft for path, tree in trees.items() for draft in _of_file(path, tree, spoken)]


def speaks_of(context: Context, paths: Sequence[str]) -> frozenset[str]:
    """Names of columns and tables, in lower case, that the Python of base's migrations speaks of."""
    return frozenset(name for path in paths for name in _spoken(_read(context.base.read_text(path) or "")))


def _read(text: str) -> ast.Module:
    try:
        return read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _spoken(tree: ast.Module) -> Iterator[str]:
    """Names in functions, and words of texts there, those of operations on the schema apart."""
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name not in DOWN]
    for function in functions:
        waiting: list[ast.AST] = [function]
        while waiting:
            node = waiting.pop()
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and SCHEMA.match(node.func.attr)
            ):
                continue
            if isinstance(node, ast.Attribute):
                yield node.attr.lower()
            elif isinstance(node, ast.keyword) and node.arg:
                yield node.arg.partition("__")[0].lower()
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from re.findall(r"\w+", node.value.lower())
            waiting.extend(ast.iter_child_nodes(node))


def _of_file(path: str, tree: ast.Module, spoken: Container[str]) -> Iterator[Draft]:
    for call in _upward_calls(tree):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in OPERATIONS and (_texts(call)[:2] or ["?"])[-1].lower() not in spoken:
            what, severity = OPERATIONS[name]
            target = ".".join(_texts(call)[:2]) or "?"
            yield Draft(
                rule=f"migration-{name.lower().replace('_', '-')}",
                category="data-loss",
                severity=severity,
                title=f"Migration {what} {target}",
                message=f"The new migration {what} {target} with everything stored there. Read from the code; it was "
                "not applied to rows here.",
                location=Location(path, call.lineno, symbol=target),
                key=f"{name} {target}",
                certainty="conditional",
                suggestion="Copy its values to where they belong first, and drop it in a later release.",
            )


def _upward_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls outside of ``downgrade``, in the order of the file."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in DOWN:
            continue
        yield from (child for child in ast.walk(node) if isinstance(child, ast.Call))


def _texts(call: ast.Call) -> list[str]:
    values = [*call.args, *(k.value for k in call.keywords if k.arg in ("model_name", "name", "table_name"))]
    return [
        value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]
