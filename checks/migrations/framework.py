"""Alembic and Django migrations read as code: destructive operations of new files, not executed."""

import ast
import posixpath
import re
from collections.abc import Iterator

from harness.check.interface import Context, Draft, Location, Severity

ALEMBIC = re.compile(r"^\s*(?:down_revision|revision)\b.*=", re.M)
DJANGO = re.compile(r"\bclass\s+Migration\b|migrations\.Migration")
OPERATIONS: dict[str, tuple[str, Severity]] = {
    "drop_table": ("drops table", "high"),
    "drop_column": ("drops column", "high"),
    "DeleteModel": ("deletes the table of model", "high"),
    "RemoveField": ("drops the column of field", "high"),
}
DOWN = ("downgrade",)


def framework_losses(context: Context) -> list[Draft]:
    """Unconfirmed findings in migration files that the change adds."""
    found: list[Draft] = []
    for file in context.change.files:
        if file.status != "added" or not file.path.endswith(".py"):
            continue
        text = context.head.read_text(file.path) or ""
        if _is_migration(file.path, text):
            found.extend(_of_file(file.path, text))
    return found


def _is_migration(path: str, text: str) -> bool:
    folder = posixpath.basename(posixpath.dirname(path))
    return (folder == "versions" and bool(ALEMBIC.search(text))) or (
        folder == "migrations" and bool(DJANGO.search(text))
    )


def _of_file(path: str, text: str) -> Iterator[Draft]:
    try:
        tree = ast.parse(text)
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
