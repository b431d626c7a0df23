"""Entry: the import graph of a tree by parsing alone, walked back from the changed modules.

Request: ``changed`` (paths), ``tree``. Sends one ``reach`` message. Nothing of the tree is imported.
"""

from __future__ import annotations

import ast
import os
import warnings
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

MAX_FILES = 5_000
MAX_BYTES = 1_000_000
MAX_NAMES = 300
SKIPPED = {
    ".git",
    "node_modules",
    ".venv",
    "venv",
    "__pycache__",
    "site-packages",
    "build",
    "dist",
    ".tox",
    ".nox",
}
PROJECT_FILES = {"pyproject.toml", "setup.py", "setup.cfg"}
"""A folder with one of these is where a project's names begin."""
METHODS = {"get", "post", "put", "patch", "delete", "route", "head", "options", "websocket"}


def main(request: Dict[str, Any], channel: Any) -> None:
    """Parse, walk, send."""
    tree = str(request.get("tree", "/tree"))
    modules = dict(_modules(tree))
    parsed = {name: _parse(os.path.join(tree, path)) for name, path in modules.items()}
    users: Dict[str, Set[str]] = {}
    for name, node in parsed.items():
        for used in _imports(name, modules[name], node, modules) if node else ():
            if used != name:
                users.setdefault(used, set()).add(name)
    paths = {path: name for name, path in modules.items()}
    changed = [paths[path] for path in request["changed"] if path in paths]
    distance = _walk(changed, users)
    reached = [name for name in distance if not is_test(modules[name])]
    channel.send({
        "type": "reach",
        "modules": len([name for name in modules if not is_test(modules[name])]),
        "changed": changed[:MAX_NAMES],
        "dependents": [[name, modules[name], distance[name]] for name in reached if distance[name]][:MAX_NAMES],
        "count": len([name for name in reached if distance[name]]),
        "tests": len(distance) - len(reached),
        "routes": [route for name in reached for route in _routes(parsed[name])][:MAX_NAMES],
        "mains": [name for name in reached if _is_main(name, parsed[name])][:MAX_NAMES],
        "public": sorted(set(_public(changed, parsed, modules)))[:MAX_NAMES],
        "unread": len([name for name in modules if parsed[name] is None]),
    })  # fmt: skip


def _modules(tree: str) -> Iterator[Tuple[str, str]]:
    """(dotted name, path) of Python files. A name that two projects of the tree use is told by its whole
    path instead, which nobody imports: whose it is cannot be known."""
    found = list(_named(tree))
    uses: Dict[str, int] = {}
    for name, _ in found:
        uses[name] = uses.get(name, 0) + 1
    for name, path in found:
        yield (name if uses[name] == 1 else path[:-3].replace("/", ".")), path


def _named(tree: str) -> Iterator[Tuple[str, str]]:
    """(dotted name below the project that holds it, path); ``src`` and ``lib`` are no part of a name."""
    count = 0
    projects = {"": 0}
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        here = os.path.relpath(folder, tree).replace(os.sep, "/")
        depth = 0 if here == "." else here.count("/") + 1
        own = bool(PROJECT_FILES.intersection(names)) and "__init__.py" not in names
        projects[here] = depth if own else projects.get(here.rpartition("/")[0] if depth > 1 else ".", 0)
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), tree).replace(os.sep, "/")
            if not name.endswith(".py") or os.path.islink(os.path.join(folder, name)) or count >= MAX_FILES:
                continue
            parts = path[:-3].split("/")[projects[here] :]
            if len(parts) > 1 and parts[0] in ("src", "lib"):
                parts = parts[1:]
            if parts[-1] == "__init__" and len(parts) > 1:
                parts = parts[:-1]
            count += 1
            yield ".".join(parts), path


def _parse(path: str) -> Optional[ast.Module]:
    try:
        if os.path.getsize(path) > MAX_BYTES:
            return None
        with open(path, "rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _imports(name: str, path: str, node: ast.Module, modules: Dict[str, str]) -> Iterator[str]:
    package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
    for one in ast.walk(node):
        if isinstance(one, ast.Import):
            for alias in one.names:
                yield from _nearest(alias.name, modules)
        elif isinstance(one, ast.ImportFrom):
            base = one.module or ""
            if one.level:
                parts = package.split(".")[: len(package.split(".")) - one.level + 1]
                base = ".".join([*parts, base] if base else parts)
            for alias in one.names:
                inner = base + "." + alias.name
                yield from [inner] if inner in modules else _nearest(base, modules)


def _nearest(name: str, modules: Dict[str, str]) -> List[str]:
    return [name] if name in modules else []


def _walk(changed: List[str], users: Dict[str, Set[str]]) -> Dict[str, int]:
    distance = dict.fromkeys(changed, 0)
    waiting = list(changed)
    while waiting:
        name = waiting.pop(0)
        for user in sorted(users.get(name, ())):
            if user not in distance:
                distance[user] = distance[name] + 1
                waiting.append(user)
    return distance


def _routes(node: Optional[ast.Module]) -> Iterator[str]:
    """``GET /cart`` of decorators as Flask, FastAPI and others write them, and of Django's path()."""
    for one in ast.walk(node) if node else ():
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for decorator in one.decorator_list:
                if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                    text = _first_text(decorator)
                    if decorator.func.attr in METHODS and text.startswith("/"):
                        method = "ANY" if decorator.func.attr == "route" else decorator.func.attr.upper()
                        yield ("%s %s" % (method, text))[:120]
        if isinstance(one, ast.Call) and plain_name(one.func) in ("path", "re_path") and len(one.args) >= 2:
            yield ("ANY /%s" % _first_text(one).lstrip("/"))[:120]


def plain_name(node: ast.AST) -> str:
    """The name of a plain name, else an empty text."""
    return node.id if isinstance(node, ast.Name) else ""


def _first_text(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _is_main(name: str, node: Optional[ast.Module]) -> bool:
    if name.rpartition(".")[2] in ("__main__", "manage", "wsgi", "asgi"):
        return True
    guards = [one.test for one in node.body if isinstance(one, ast.If)] if node else []
    return any(isinstance(test, ast.Compare) and plain_name(test.left) == "__name__" for test in guards)


def _public(
    changed: List[str], parsed: Dict[str, Optional[ast.Module]], modules: Dict[str, str]
) -> Iterator[str]:
    """Names that packages offer and that come from a changed module, or are its ``__all__``."""
    wanted = set(changed)
    for name, node in parsed.items():
        if node is None or not modules[name].endswith("__init__.py"):
            continue
        for one in node.body:
            if isinstance(one, ast.ImportFrom):
                base = one.module or ""
                source = name + "." + base if one.level == 1 and base else base
                if source in wanted:
                    for alias in one.names:
                        if not (alias.asname or alias.name).startswith("_"):
                            yield name + "." + (alias.asname or alias.name)
    for name in changed:
        node = parsed[name]
        for one in node.body if node else ():
            if isinstance(one, ast.Assign) and any(
                isinstance(to, ast.Name) and to.id == "__all__" for to in one.targets
            ):
                for value in ast.walk(one.value):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield name + "." + value.value[:80]


def is_test(path: str) -> bool:
    """Whether a path holds tests by the conventions of pytest and unittest."""
    parts = path.split("/")
    if any(part in ("tests", "test", "testing") for part in parts[:-1]):
        return True
    return parts[-1] == "conftest.py" or parts[-1].startswith("test_") or parts[-1].endswith("_test.py")
