"""Imports of the change that resolve to nothing: no standard module, no code of the repository, no package it declares.

Assistants import packages that do not exist, or that nobody has declared; the second is an error at
the next clean installation, the first an invitation to whoever registers the name.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from harness.check.interface import Context, Draft, Location, Snapshot
from harness.check.python_source import read_python

from .entries import Manifest, normalised
from .names import is_known, look_alike

MAX_BYTES = 1_000_000
MAX_FILES = 400
_OTHER_LISTS = re.compile(
    r"(?:.*/)?(?:setup\.py|environment[\w-]*\.ya?ml|meta\.yaml|tox\.ini|noxfile\.py|pixi\.toml|WORKSPACE|BUILD)"
)
TEST_RUNNERS = frozenset({"pytest", "_pytest", "nose", "nose2", "hypothesis"})
"""Who runs tests brings these; many projects name them in a command of their CI alone."""
DATA = Path(__file__).parent / "data" / "imports.txt"


@cache
def distributions() -> Mapping[str, tuple[str, ...]]:
    """Import name (lower case) to the distributions that give it, from the shipped list."""
    lines = [line.split() for line in DATA.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {name: tuple(rest) for name, *rest in lines}


def undeclared_imports(context: Context, manifests: Iterable[Manifest]) -> Iterator[Draft]:
    """One draft for each package that head newly imports and that nothing provides.

    Nothing is said where the repository declares no Python packages at all: then it cannot be told.
    ``manifests`` are those of head.
    """
    manifests = list(manifests)
    declared = {one.name for each in manifests for one in each.entries if one.ecosystem == "pypi"}
    if not declared and not any(each.path.endswith(("pyproject.toml", "setup.cfg")) for each in manifests):
        return
    declared |= {normalised("pypi", name) for each in manifests for name in each.local}
    local, other = _local_names(context.head), _other_lists(context.head)
    seen: set[str] = set()
    for path, name, line in _new_imports(context):
        plain = normalised("pypi", name)
        if (
            name in seen
            or (name in TEST_RUNNERS and "test" in path.lower())
            or name in sys.stdlib_module_names
            or name in local
            or _is_declared(name, plain, declared, other)
        ):
            continue
        seen.add(name)
        yield _draft(path, name, plain, line)


def _is_declared(name: str, plain: str, declared: set[str], other: str) -> bool:
    candidates = {plain, *distributions().get(name.lower(), ())}
    if candidates & declared:
        return True
    # google-cloud-storage gives google, types-x stubs for x, pytest-django the module pytest_django.
    parts = (
        f"{plain}-",
        f"python-{plain}",
        f"py{plain}",
        f"{plain}-python",
        f"types-{plain}",
        f"django-{plain}",
    )
    if any(one.startswith(parts[0]) or one in parts for one in declared):
        return True
    return any(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", other) for one in candidates)


def _new_imports(context: Context) -> Iterator[tuple[str, str, int]]:
    """(path, top-level name, line) of imports in changed files that base's version has not."""
    known: set[str] = set()
    found: list[tuple[str, str, int]] = []
    for file in [one for one in context.change.files if one.path.endswith(".py")][:MAX_FILES]:
        before = (
            context.base.read_text(file.old_path or file.path, MAX_BYTES) if file.status != "added" else None
        )
        known |= {name for name, _ in imported(before or "")}
        after = context.head.read_text(file.path, MAX_BYTES) if file.status != "deleted" else None
        found += [(file.path, name, line) for name, line in imported(after or "")]
    fresh = [one for one in found if one[1] not in known]
    old = _elsewhere(context, {name for _, name, _ in fresh}) if fresh else set()
    return iter([one for one in fresh if one[1] not in old])


def _elsewhere(context: Context, names: set[str]) -> set[str]:
    """The names among these that some file of base imports already."""
    pattern = re.compile(
        rf"^\s*(?:import|from)\s+({'|'.join(map(re.escape, sorted(names)))})\b", re.MULTILINE
    )
    found: set[str] = set()
    for entry in [one for one in context.base.entries if one.path.endswith(".py") and one.kind == "file"][
        :5000
    ]:
        found |= set(pattern.findall(context.base.read_text(entry.path, MAX_BYTES) or ""))
    return found


def imported(text: str) -> Iterator[tuple[str, int]]:
    """(top-level name, line) of absolute imports that are not optional.

    Optional are imports in a try statement, or below an if (a platform, a version, TYPE_CHECKING).
    """
    try:
        tree = read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.partition(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0], node.lineno
        elif not isinstance(node, ast.Try | ast.If):
            pending.extend(one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt))


def _local_names(head: Snapshot) -> set[str]:
    """Every folder and module of the repository: whichever of them is a root, its imports resolve."""
    found: set[str] = set()
    for entry in head.entries:
        pure = PurePosixPath(entry.path)
        found.update(pure.parent.parts)
        if pure.suffix in (".py", ".pyi", ".so", ".pyx"):
            found.add(pure.name.partition(".")[0])
    return found


def _other_lists(head: Snapshot) -> str:
    """Text of files that name packages in ways that are not read here."""
    paths = [
        entry.path for entry in head.entries if entry.kind == "file" and _OTHER_LISTS.fullmatch(entry.path)
    ]
    return "\n".join(head.read_text(path, 200_000) or "" for path in paths[:20]).lower()


def _draft(path: str, name: str, plain: str, line: int) -> Draft:
    well_known = bool(is_known("pypi", plain)) or name.lower() in distributions()
    like = None if well_known else look_alike("pypi", plain)
    if well_known:
        more = "It is missing wherever the declared packages are installed cleanly."
    elif like:
        more = f"No well-known package has this name; it resembles '{like.popular}' ({like.how})."
    else:
        more = (
            "No well-known package has this name either. Assistants import packages that do not exist, and attackers "
            "register such names. It was not looked up here."
        )
    return Draft(
        rule="dependency-undeclared", category="dependency", severity="low" if well_known else "medium",
        title=f"'{name}' is imported and nothing provides it",
        message=f"'{name}' is no standard module, no code of this repository, and no package that it declares. {more}",
        location=Location(path, line), key=f"import {name}", cwe=() if well_known else ("CWE-1357",),
        suggestion="Declare the package that provides it, after checking by hand that it is the one that is meant.",
    )  # fmt: skip
