"""Which code the change touches, and which frame of a stack belongs to it. Parsing only."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from harness.check.interface import Context, Snapshot
from harness.check.python_source import read_python

from .events import Event, Frame

MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Piece:
    """A function or a statement of a module: its lines, its dotted name in the file, its normal form."""

    name: str
    first: int
    last: int
    form: str


class Changed:
    """The changed product files of a change, with the pieces of code in which they differ."""

    def __init__(self, context: Context) -> None:
        self._head, self._base = context.head, context.base
        self.paths = [
            file.path for file in context.change.files
            if file.path.endswith(".py") and file.status != "deleted" and not is_test(file.path)
        ]  # fmt: skip
        self._old = {file.path: file.old_path or file.path for file in context.change.files}
        self._pieces: dict[str, list[Piece]] = {}
        self._differing: dict[str, list[Piece]] = {}

    def responsible(self, event: Event) -> Frame | None:
        """The innermost frame of changed code, None when none takes part."""
        for frame in event.stack:
            if any(one.first <= frame.line <= one.last for one in self._different(frame.path)):
                return frame
        return None

    def symbol(self, frame: Frame) -> str:
        """Dotted name of a frame's function, or of its module."""
        module = module_of(frame.path) or frame.path
        around = [
            one for one in self._of_head(frame.path) if one.name and one.first <= frame.line <= one.last
        ]
        return f"{module}.{around[-1].name}" if around and frame.name != "<module>" else module

    def named_on_base(self, event: Event) -> bool:
        """Whether the changed function's text on base already names what it uses."""
        frame = self.responsible(event)
        if frame is None or event.kind in ("read", "write"):
            return False
        name = self.symbol(frame).removeprefix(f"{module_of(frame.path)}.")
        for one in pieces(self._base, self._old.get(frame.path, frame.path)):
            if one.name == name and f"'{event.what}'" in one.form:
                return True
        return False

    def is_new(self, path: str) -> bool:
        """Whether base has no such file."""
        return self._base.read_text(self._old.get(path, path), MAX_BYTES) is None

    def _of_head(self, path: str) -> list[Piece]:
        if path not in self._pieces:
            self._pieces[path] = list(pieces(self._head, path))
        return self._pieces[path]

    def _different(self, path: str) -> list[Piece]:
        if path not in self._old or path not in self.paths:
            return []
        if path not in self._differing:
            old = {(one.name, one.form) for one in pieces(self._base, self._old[path])}
            self._differing[path] = [one for one in self._of_head(path) if (one.name, one.form) not in old]
        return self._differing[path]


def pieces(side: Snapshot, path: str) -> Iterator[Piece]:
    """Functions and single statements of a file, outer ones first; nothing where it is no Python.

    A class is its functions and its other statements.
    """
    text = side.read_text(path, MAX_BYTES)
    try:
        tree = read_python(text or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    pending: list[tuple[ast.stmt, str]] = [(one, "") for one in tree.body]
    while pending:
        node, prefix = pending.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Piece(prefix + node.name, node.lineno, node.end_lineno or node.lineno, ast.dump(node))
        elif isinstance(node, ast.ClassDef):
            pending[:0] = [(one, f"{prefix}{node.name}.") for one in node.body]
        else:
            yield Piece("", node.lineno, node.end_lineno or node.lineno, ast.dump(node))


def module_of(path: str) -> str | None:
    """``shop.cart`` for ``src/shop/cart.py``; None when it cannot be imported by a name."""
    parts = path.removesuffix(".py").split("/")
    if len(parts) > 1 and parts[0] in ("src", "lib"):
        parts = parts[1:]
    if parts[-1] == "__init__" and len(parts) > 1:
        parts = parts[:-1]
    return ".".join(parts) if all(part.isidentifier() for part in parts) and parts[-1] != "setup" else None


def is_test(path: str) -> bool:
    """Whether a path holds tests by the conventions of pytest and unittest."""
    parts = path.split("/")
    if any(part in ("tests", "test", "testing") for part in parts[:-1]):
        return True
    return parts[-1] == "conftest.py" or parts[-1].startswith("test_") or parts[-1].endswith("_test.py")
