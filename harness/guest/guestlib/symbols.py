"""Names of the tree's code: from a file to its module, from a code object to its dotted symbol."""

from __future__ import annotations

import ast
import os
import types
import typing

from guestlib.roots import import_roots

TEST_FOLDERS = frozenset({"test", "tests", "testing"})


def module_name(path: str, tree: str) -> str | None:
    """Dotted module of a file of the tree, by its import roots; None outside of them."""
    for root in import_roots(tree):
        if path.startswith(root + os.sep) and path.endswith(".py"):
            parts = path[len(root) + 1 : -3].split(os.sep)
            if parts[-1] == "__init__":
                parts.pop()
            if parts and all(part.isidentifier() for part in parts):
                return ".".join(parts)
    return None


def is_test_file(path: str, tree: str) -> bool:
    """Whether a file of the tree belongs to its tests, by the usual names."""
    *folders, name = os.path.relpath(path, tree).split(os.sep)
    return (
        name.startswith("test_") or name.endswith("_test.py") or name in ("conftest.py", "tests.py")
        or any(folder in TEST_FOLDERS for folder in folders)
    )  # fmt: skip


class Symbols:
    """Finds ``module.qualname`` of code objects of the tree; other code has no symbol."""

    def __init__(self, tree: str) -> None:
        self.tree = tree
        self.files: dict[str, dict[tuple[int, str], str] | None] = {}
        self.codes: dict[types.CodeType, str | None] = {}

    def of(self, code: types.CodeType) -> str | None:
        """The symbol of a function of the tree outside its tests, None for any other code."""
        try:
            return self.codes[code]
        except KeyError:
            self.codes[code] = found = self._find(code)
            return found

    def _find(self, code: types.CodeType) -> str | None:
        path = code.co_filename
        if not path.startswith(self.tree + os.sep) or code.co_name.startswith("<"):
            return None
        if path not in self.files:
            self.files[path] = self._read(path)
        names = self.files[path]
        return None if names is None else names.get((code.co_firstlineno, code.co_name))

    def _read(self, path: str) -> dict[tuple[int, str], str] | None:
        module = module_name(path, self.tree)
        if module is None or is_test_file(path, self.tree):
            return None
        try:
            with open(path, "rb") as stream:
                parsed = ast.parse(stream.read())
        except (OSError, SyntaxError, ValueError):
            return None
        return {(line, name.rpartition(".")[2]): module + "." + name for line, name in _functions(parsed, "")}


def _functions(node: ast.AST, prefix: str) -> typing.Iterator[tuple[int, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            line = min([child.lineno, *(item.lineno for item in child.decorator_list)])
            yield line, prefix + child.name
            yield from _functions(child, prefix + child.name + ".<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, prefix + child.name + ".")
        else:
            yield from _functions(child, prefix)
