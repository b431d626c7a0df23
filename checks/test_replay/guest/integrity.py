"""What the code under test replaced in the interpreter, in unittest and in pytest."""

from __future__ import annotations

import sys
from typing import Any

WATCHED = ("builtins", "unittest", "_pytest", "pytest", "pluggy", "os")
MAX_REPLACED = 20

Names = dict[tuple[str, str], Any]


def snapshot() -> Names:
    """Every attribute of the watched modules and of the classes that they define."""
    names: Names = {}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] not in WATCHED or module is None:
            continue
        names["sys.modules", name] = module
        for key, value in list(vars(module).items()):
            names[name, key] = value
            if isinstance(value, type) and value.__module__ == name:
                for inner, member in list(vars(value).items()):
                    names[name, key + "." + inner] = member
    return names


def replaced(before: Names, tree: str) -> list[dict[str, Any]]:
    """Attributes that now hold something that a file of the tree defined.

    Each is ``{"name", "path", "line"}`` with a path inside the tree.
    """
    found = []
    for (module, name), new in snapshot().items():
        old = before.get((module, name))
        if old is None or old is new:
            continue
        place = origin(new, tree)
        if place is not None:
            full = "sys.modules[" + repr(name) + "]" if module == "sys.modules" else module + "." + name
            found.append({"name": full, "path": place[0], "line": place[1]})
    return found[:MAX_REPLACED]


def origin(value: Any, tree: str) -> tuple[str, int] | None:
    """(path inside the tree, line) of the code of a value, None when it is not the tree's."""
    for name in ("fget", "__func__", "__wrapped__"):
        value = getattr(value, name, None) or value
    code = getattr(value, "__code__", None)
    if code is None:
        code = getattr(vars(type(value)).get("__call__"), "__code__", None)
    if code is not None:
        return relative(code.co_filename, code.co_firstlineno, tree)
    module = (
        value if isinstance(value, type(sys)) else sys.modules.get(getattr(value, "__module__", "") or "")
    )
    file = getattr(module, "__file__", None)
    return relative(file, 1, tree) if isinstance(file, str) else None


def relative(file: str, line: int, tree: str) -> tuple[str, int] | None:
    """A file name as a path inside the tree."""
    prefix = tree.rstrip("/") + "/"
    return (file[len(prefix) :], line) if file.startswith(prefix) else None


def hooks(manager: Any, tree: str) -> list[dict[str, Any]]:
    """The pytest hooks that files of the tree implement: ``{"name", "path", "line"}``."""
    found = []
    for plugin in manager.get_plugins():
        for caller in manager.get_hookcallers(plugin) or ():
            for implementation in caller.get_hookimpls():
                place = origin(implementation.function, tree) if implementation.plugin is plugin else None
                if place is not None:
                    found.append({"name": caller.name, "path": place[0], "line": place[1]})
    return found[:200]


def foreign_modules(tree: str) -> list[str]:
    """Modules under a name that the tree also has, but loaded from elsewhere.

    The classic trap: an installed copy of the package is tested instead of the change.
    """
    import os

    own = set()
    for root in [path for path in sys.path if relative(path + "/x", 1, tree)]:
        for entry in os.listdir(root) if os.path.isdir(root) else ():
            stem = entry[:-3] if entry.endswith(".py") else entry
            if os.path.isfile(os.path.join(root, entry, "__init__.py")) or entry.endswith(".py"):
                own.add(stem)
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.split(".")[0] in own - HARMLESS and isinstance(file, str) and relative(file, 1, tree) is None:
            found.append(name)
    return sorted(found)[:20]


# Loaded before the tree was importable; a file of that name in the tree is reported on its own.
HARMLESS = {"pytest", "_pytest", "pluggy", "unittest", "sitecustomize", "conftest"} | set(
    getattr(sys, "stdlib_module_names", ())
)
