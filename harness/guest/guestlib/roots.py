"""Where a project's own modules are imported from."""

from __future__ import annotations

import os
import re
import sys
import typing

SUPPORT = "/support"
NEEDS = ".needs"
"""Folder of a project's tree that holds other projects which it needs."""


def import_roots(tree: str) -> list[str]:
    """Folders to put on ``sys.path`` for the tree: ``src`` layouts first, then the tree itself.

    A ``src`` folder counts when it holds a package or a module and is itself no package.
    Projects that this one needs come after it.
    """
    beside = os.path.join(tree, NEEDS)
    needs = sorted(os.listdir(beside)) if os.path.isdir(beside) and not os.path.islink(beside) else []
    return [
        root for place in (tree, *(os.path.join(beside, name) for name in needs)) for root in _roots(place)
    ]


def _roots(tree: str) -> list[str]:
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


INSTALLED: list[str] = []
"""The roots of this process."""


def dotted(module: str) -> str:
    """The name under which any process finds a loaded module.

    pytest puts the folder of a test file on ``sys.path`` and calls its module by the file alone; from the roots it
    is a module of a namespace package: ``tests.test_shop``.
    """
    place = getattr(sys.modules.get(module), "__file__", None)
    if not isinstance(place, str) or "." in module:
        return module
    folder = os.path.dirname(os.path.realpath(place))
    if os.path.basename(place) == "__init__.py":  # a package lies beside its folder's name, not inside
        folder = os.path.dirname(folder)
    inside = [os.path.relpath(folder, root) for root in INSTALLED if folder.startswith(root + os.sep)]
    if not inside or folder in INSTALLED:
        return module
    parts = min(inside, key=len).split(os.sep)
    return ".".join([*parts, module]) if all(part.isidentifier() for part in parts) else module


def install(tree: str) -> None:
    """Put the tree's roots first on ``sys.path`` and the support packages last."""
    roots = import_roots(tree)
    INSTALLED[:] = [os.path.realpath(root) for root in roots]
    for root in reversed(roots):
        if root in sys.path:
            sys.path.remove(root)
        sys.path.insert(0, root)
    sys.meta_path.append(_Uninstalled(roots))
    add_support()


class _Uninstalled:
    """Answers a package of the tree that asks for its own version: the tree is run without installing it."""

    def __init__(self, roots: list[str]) -> None:
        self.roots = roots

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        return None

    def find_distributions(self, context: typing.Any = None) -> typing.Iterator[typing.Any]:
        name = getattr(context, "name", None)
        if not isinstance(name, str):
            return
        module = re.sub(r"[-.]+", "_", name)
        for root in self.roots:
            for form in {module, module.lower()}:
                place = os.path.join(root, form)
                if os.path.isdir(place) or os.path.isfile(place + ".py"):
                    yield _distribution(name)
                    return


def add_support() -> None:
    """Make pytest, hypothesis and coverage importable where the project has none of its own."""
    if os.path.isdir(SUPPORT) and SUPPORT not in sys.path:
        sys.path.append(SUPPORT)


def _distribution(name: str) -> typing.Any:
    """Metadata of a project that was not installed: a name and a version."""
    import importlib.metadata  # loaded already, by whoever asks

    class Distribution(importlib.metadata.Distribution):
        def read_text(self, filename: str) -> str | None:
            text = "Metadata-Version: 2.1\nName: %s\nVersion: 0.0.0\n" % name
            return text if filename == "METADATA" else None

        def locate_file(self, path: typing.Any) -> typing.Any:
            raise FileNotFoundError(path)

    return Distribution()
