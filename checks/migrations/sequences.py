"""Sequences of SQL migrations in a tree, by the conventions of the usual runners."""

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.check.python_source import read_python
from harness.model.snapshot import Snapshot

NUMBERED = re.compile(r"^(?:V|R)?_?(\d+(?:[._]\d+)*)(?:__|[_\-. ])?.*\.sql$", re.I)
NUMBERED_FOLDER = re.compile(r"^\d+[_\-].*")
DOWN = re.compile(
    r"(?:[._-]down|[._-]rollback|[._-]undo|[._-]revert)\.sql$|^(?:down|U\d[^/]*)\.sql$|^U\d+.*__", re.I
)
UP_FILES = ("up.sql", "migration.sql")
UP = re.compile(r"^\s*--\s*(?:migrate:up|\+goose\s+up|\+migrate\s+up|@up|up)\b.*$", re.I | re.M)
NOT_UP = re.compile(
    r"^\s*--\s*(?:migrate:down|\+goose\s+down|\+migrate\s+down|@down|@undo|down|rollback)\b", re.I | re.M
)
NUMBERED_FUNCTION = re.compile(
    r"^_?(?:migrat\w*?|upgrade\w*?|up|to|step|version|v|apply)_?(?:to_)?v?\d+", re.I
)
LIST_NAME = re.compile(r"migration|upgrade|schema_version|schema_steps", re.I)
SCHEMA_WORD = re.compile(
    r"\b(create|alter|drop)\s+(table|index|view|trigger)\b|\binsert\s+into\b|\bupdate\s+\w+\s+set\b", re.I
)
MAX_FILE = 1 << 20
MAX_SCRIPTS = 2000


@dataclass(frozen=True)
class Script:
    """One migration. ``name`` orders it; ``line`` is where its text begins in ``path`` (from 1)."""

    name: str
    path: str
    text: str
    line: int = 1


Sequences = Mapping[str, tuple[Script, ...]]


def find(snapshot: Snapshot, folders: Sequence[str] = ()) -> Sequences:
    """By folder (or Python list): the scripts in the order in which a runner applies them.

    Every .sql file of ``folders`` counts, whatever its name.
    """
    found: dict[str, list[Script]] = {}
    for entry in snapshot.entries:
        if entry.kind != "file" or entry.size > MAX_FILE:
            continue
        if entry.path.endswith(".sql"):
            _add_file(snapshot, entry.path, found, folders)
        elif entry.path.endswith(".py") and "/test" not in f"/{entry.path}":
            text = snapshot.read_text(entry.path) or ""
            for key, scripts in listed_in(entry.path, text):
                found.setdefault(key, []).extend(scripts)
    return {key: tuple(sorted(scripts, key=order)[:MAX_SCRIPTS]) for key, scripts in found.items()}


def _add_file(snapshot: Snapshot, path: str, found: dict[str, list[Script]], folders: Sequence[str]) -> None:
    folder, name = posixpath.split(path)
    if DOWN.search(name):
        return
    if NUMBERED.match(name) or folder in folders:
        key, label = folder or ".", name
    elif name in UP_FILES and NUMBERED_FOLDER.match(posixpath.basename(folder)):
        key, label = posixpath.dirname(folder) or ".", f"{posixpath.basename(folder)}/{name}"
    else:
        return
    text = snapshot.read_text(path)
    if text is not None:
        found.setdefault(key, []).append(Script(label, path, upward(text)))


def order(script: Script) -> tuple[tuple[int, ...], str]:
    """By the number at the front of the name, then by name."""
    match = re.search(r"\d+(?:[._]\d+)*", script.name)
    return tuple(int(part) for part in re.split(r"[._]", match.group())) if match else (), script.name


def upward(text: str) -> str:
    """The part of a script that migrates upwards; other lines are blanked so that lines keep their number."""
    down = NOT_UP.search(text)
    up = UP.search(text)
    if down is None or (up is None and not text[: down.start()].strip()):
        return text
    if up is None or up.start() < down.start():
        return text[: down.start()]
    return "\n" * text[: up.start()].count("\n") + text[up.start() :]


def listed_in(path: str, text: str) -> Iterator[tuple[str, list[Script]]]:
    """Migrations that a Python file keeps as strings in a list, tuple or dict, or in numbered functions."""
    if not SCHEMA_WORD.search(text) or len(text) > MAX_FILE:
        return
    try:
        tree = read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from _numbered_functions(path, tree)
    for node in tree.body:
        target = _assigned(node)
        if target is None or not LIST_NAME.search(target[0]):
            continue
        strings = list(_strings(target[1]))
        if strings and all(SCHEMA_WORD.search(value) or "pragma" in value.lower() for value, _ in strings):
            scripts = [
                Script(f"{index:05d} of {target[0]}", path, value, line)
                for index, (value, line) in enumerate(strings, 1)
            ]
            yield f"{path}:{target[0]}", scripts


def _numbered_functions(path: str, tree: ast.Module) -> Iterator[tuple[str, list[Script]]]:
    """Functions such as ``migrate_3(connection)``: the constant scripts that they execute, in order."""
    scripts = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not NUMBERED_FUNCTION.match(node.name):
            continue
        calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
        texts = [text for call in sorted(calls, key=lambda one: one.lineno) if (text := _executed(call))]
        if texts:
            padded = "".join(f"{text.rstrip().rstrip(';')};\n" for text in texts)
            scripts.append(Script(node.name, path, padded, node.lineno))
    if scripts:
        yield f"{path}:functions", scripts


def _executed(call: ast.Call) -> str:
    """The constant script of ``x.execute("…")`` or ``x.executescript("…")`` without parameters."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("execute", "executescript"):
        return ""
    first = call.args[0] if len(call.args) == 1 else None
    constant = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return first.value if constant and SCHEMA_WORD.search(first.value) else ""  # type: ignore[union-attr]


def _assigned(node: ast.stmt) -> tuple[str, ast.expr] | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return node.target.id, node.value
    return None


def _strings(node: ast.expr) -> Iterator[tuple[str, int]]:
    """(text, line) of the scripts: long strings; versions and titles beside them are passed over."""
    items: Iterable[ast.expr] = ()
    if isinstance(node, ast.List | ast.Tuple):
        items = node.elts
    elif isinstance(node, ast.Dict):
        items = node.values
    elif isinstance(node, ast.Call):
        items = [*node.args, *(keyword.value for keyword in node.keywords)]
    for item in items:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            if SCHEMA_WORD.search(item.value) or "pragma" in item.value.lower():
                yield item.value, item.lineno
        else:
            yield from _strings(item)
