"""Alembic's and Django's migrations as scripts: their SQL is written down by stand-ins inside the sandbox."""

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from harness.check.interface import Context, Message, Probe, Side, Snapshot
from harness.check.python_source import read_python

from .sequences import Script

ALEMBIC = re.compile(r"^\s*(?:down_revision|revision)\b.*=", re.M)
DJANGO = re.compile(r"\bclass\s+Migration\b.*\bmigrations\.Migration", re.S)
MAX_FILES = 600
MAX_BYTES = 300_000
MAX_TOTAL = 6 << 20
Kind = Literal["alembic", "django"]


@dataclass(frozen=True)
class Source:
    """One migration file of a framework: its identity, and the identities that come before it."""

    path: str
    app: str
    text: str
    id: str
    after: tuple[str, ...]


@dataclass
class Recorded:
    """Scripts by framework in the order of their dependencies; ``opaque`` says by path what could not be told."""

    sequences: dict[str, tuple[Script, ...]] = field(default_factory=dict)
    opaque: dict[str, str] = field(default_factory=dict)


class _Told(msgspec.Struct, frozen=True):
    name: str
    why: str
    statements: tuple[tuple[int, str], ...]


def kind_of(path: str, text: str) -> Kind | None:
    """Which framework a Python file is a migration of."""
    folder = posixpath.basename(posixpath.dirname(path))
    if folder == "versions" and ALEMBIC.search(text):
        return "alembic"
    return "django" if folder == "migrations" and DJANGO.search(text) else None


def touched(context: Context) -> set[Kind]:
    """Frameworks of whose migrations the change adds or edits one."""
    found: set[Kind] = set()
    for file in context.change.files:
        if file.status != "deleted" and file.path.endswith(".py"):
            kind = kind_of(file.path, context.head.read_text(file.path, MAX_BYTES) or "")
            found |= {kind} if kind else set()
    return found


def record(context: Context, side: Side, kinds: set[Kind]) -> Recorded:
    """The scripts of these frameworks on one side."""
    found = Recorded()
    for kind in sorted(kinds):
        sources = _ordered(_sources(context.snapshot(side), kind))
        if not sources:
            continue
        files = [[one.path, one.app, one.text] for one in sources]
        probe = Probe(
            entry="record_sql.py", request={"kind": kind, "files": files}, tree=False, limits=context.limits,
            label=f"sql of {kind}",
        )  # fmt: skip
        reply = context.run(side, probe)
        told = {said.name: said for message in reply.of("script") if (said := _decode(message))}
        for one in sources:
            if one.path not in told:
                found.opaque[one.path] = "it did not run to its end"
            elif told[one.path].why:
                found.opaque[one.path] = told[one.path].why
        found.sequences[kind] = tuple(_script(told[one.path]) for one in sources if one.path in told)
    return found


def _decode(message: Message) -> _Told | None:
    try:
        return msgspec.convert({k: v for k, v in message.items() if k != "type"}, _Told)
    except msgspec.ValidationError:
        return None


def _script(told: _Told) -> Script:
    """The statements on the lines of the file that asked for them."""
    lines: dict[int, str] = {}
    last = 1
    for line, statement in told.statements:
        last = max(last, min(line, 100_000))
        lines[last] = lines.get(last, "") + " ".join(statement.split()) + "; "
    text = "\n".join(lines.get(number, "") for number in range(1, last + 1))
    return Script(told.name, told.name, text)


def _sources(snapshot: Snapshot, kind: Kind) -> list[Source]:
    found: list[Source] = []
    total = 0
    for entry in snapshot.entries:
        likely = "/versions/" in f"/{entry.path}" if kind == "alembic" else "/migrations/" in f"/{entry.path}"
        if entry.kind != "file" or not entry.path.endswith(".py") or not likely or entry.size > MAX_BYTES:
            continue
        text = snapshot.read_text(entry.path, MAX_BYTES) or ""
        total += len(text)
        if kind_of(entry.path, text) == kind and len(found) < MAX_FILES and total < MAX_TOTAL:
            found.append(_source(entry.path, text, kind))
    return found


def _source(path: str, text: str, kind: Kind) -> Source:
    app = posixpath.basename(posixpath.dirname(posixpath.dirname(path)))
    values = _assigned(text)
    if kind == "alembic":
        before = values.get("down_revision")
        after = [before] if isinstance(before, str) else list(before or ())
        return Source(path, app, text, str(values.get("revision", path)), tuple(map(str, after)))
    after = [f"{one[0]}.{one[1]}" for one in values.get("dependencies") or () if _is_pair(one)]
    return Source(path, app, text, f"{app}.{posixpath.basename(path)[:-3]}", tuple(after))


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2


def _assigned(text: str) -> Mapping[str, Any]:
    """Constants that the file, or its class, assigns to the names that order migrations."""
    found: dict[str, Any] = {}
    try:
        tree = read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    for name, value in _assignments(tree):
        if name in ("revision", "down_revision"):
            found[name] = _constant(value)
        elif name == "dependencies" and isinstance(value, ast.List | ast.Tuple):
            found[name] = [_constant(item) for item in value.elts]
    return found


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _constant(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def _ordered(sources: Sequence[Source]) -> list[Source]:
    """Dependencies first; by path where nothing says more, and where they go round in circles."""
    waiting = sorted(sources, key=lambda one: one.path)
    known = {one.id for one in waiting}
    done: set[str] = set()
    ordered: list[Source] = []
    while waiting:
        free = [
            one for one in waiting if all(name in done or name not in known for name in one.after)
        ] or waiting[:1]
        ordered += free
        done |= {one.id for one in free}
        waiting = [one for one in waiting if one not in free]
    return ordered
