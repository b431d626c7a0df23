"""Alembic and Django migrations whose Python decides: destructive operations are read, not executed."""

import ast
from collections.abc import Iterator, Sequence

from harness.check.interface import Context, Draft, Location, Severity
from harness.check.python_source import read_python

OPERATIONS: dict[str, tuple[str, Severity]] = {
    "drop_table": ("drops table", "medium"),
    "drop_column": ("drops column", "medium"),
    "DeleteModel": ("deletes the table of model", "medium"),
    "RemoveField": ("drops the column of field", "medium"),
}
DOWN = ("downgrade",)


def framework_losses(context: Context, paths: Sequence[str]) -> list[Draft]:
    """Unconfirmed findings in migration files whose effect on rows could not be told."""
    return [draft for path in paths for draft in _of_file(path, context.head.read_text(path) or "")]


def _of_file(path: str, text: str) -> Iterator[Draft]:
    try:
        tree = read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for call in _upward_calls(tree):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in OPERATIONS:
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
