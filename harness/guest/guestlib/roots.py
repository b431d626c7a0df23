"""Where a project's own modules are imported from."""

from __future__ import annotations

import os
import sys

SUPPORT = "/support"


def import_roots(tree: str) -> list[str]:
    """Folders to put on ``sys.path`` for the tree: ``src`` layouts first, then the tree itself.

    A ``src`` folder counts when it holds a package or a module and is itself no package.
    """
    roots = []
    for name in ("src", "lib"):
        folder = os.path.join(tree, name)
        if not os.path.isdir(folder) or os.path.exists(os.path.join(folder, "__init__.py")):
            continue
        if any(_holds_code(folder, entry) for entry in sorted(os.listdir(folder))):
            roots.append(folder)
    return [*roots, tree]


def _holds_code(folder: str, entry: str) -> bool:
    path = os.path.join(folder, entry)
    return entry.endswith(".py") or os.path.isfile(os.path.join(path, "__init__.py"))


def install(tree: str) -> None:
    """Put the tree's roots first on ``sys.path`` and the support packages last."""
    for root in reversed(import_roots(tree)):
        if root in sys.path:
            sys.path.remove(root)
        sys.path.insert(0, root)
    add_support()


def add_support() -> None:
    """Make pytest, hypothesis and coverage importable where the project has none of its own."""
    if os.path.isdir(SUPPORT) and SUPPORT not in sys.path:
        sys.path.append(SUPPORT)
