"""Lets head's tests be imported on base's code although names are missing there.

Used only where calls are recorded: a test file that imports one new function would
otherwise hide what all its other tests show. A missing name becomes a placeholder that
fails as soon as it is used.
"""

from __future__ import annotations

import builtins
import sys
import types
from typing import Any


class Missing:
    """Stands for a name that the code does not have."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise ImportError("base has no " + self.__name__)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError("base has no " + self.__name__)


def install(tree: str, test_files: list[str]) -> None:
    """Replace ``__import__`` for the given files (paths inside the tree)."""
    original = builtins.__import__
    files = {tree.rstrip("/") + "/" + path for path in test_files}

    def lenient(
        name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        if globals is None or globals.get("__file__") not in files or level:
            return original(name, globals, locals, fromlist, level)
        try:
            module = original(name, globals, locals, fromlist, level)
        except ModuleNotFoundError as error:
            if not _of_tree(name, error.name, tree):
                raise
            module = _stub(name)
            return module if fromlist else sys.modules[name.partition(".")[0]]
        if fromlist and str(getattr(module, "__file__", None) or "").startswith(tree):
            for wanted in fromlist:
                if wanted != "*" and not hasattr(module, wanted):
                    setattr(module, wanted, Missing(wanted))
        return module

    builtins.__import__ = lenient


def _of_tree(name: str, missing: str | None, tree: str) -> bool:
    """Whether a module that is not there would belong to a package of the tree."""
    if missing is None or not (name == missing or name.startswith(missing + ".")):
        return False
    parent = sys.modules.get(missing.rpartition(".")[0])
    return str(getattr(parent, "__file__", None) or "").startswith(tree)


def _stub(name: str) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__getattr__ = lambda attribute: Missing(attribute)  # type: ignore[method-assign]
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], last, module)
    return module
