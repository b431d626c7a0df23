"""The lines that a change adds or edits in the product's files, and the functions they lie in."""

import ast
import copy
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from harness.check.interface import Context

from ..seeds import parse, product_files
from ..suite import Suite

MAX_FILE = 400_000
"""Characters; a longer file is left out, as machine-made."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class ChangedFile:
    """A product file with its text on head, the changed lines (from 1), and the parsed module."""

    path: str
    text: str
    lines: frozenset[int]
    tree: ast.Module


def changed_files(context: Context, suite: Suite) -> list[ChangedFile]:
    """The product's changed files, in the order of the change; unparsable ones are left out."""
    old = {file.path: file.old_path or file.path for file in context.change.files}
    found = []
    for path in product_files(context, suite):
        text = context.head.read_text(path, MAX_FILE)
        tree = parse(text)
        if text is None or tree is None:
            continue
        lines = changed_lines(context.base.read_text(old[path], MAX_FILE) or "", text)
        if lines:
            found.append(ChangedFile(path, text, lines, tree))
    return found


def changed_lines(base: str, head: str) -> frozenset[int]:
    """Numbers of head's lines that say something new: blank lines, comments, docstrings and what was
    only formatted anew are left out."""
    before, after = ([line.rstrip() for line in text.split("\n")] for text in (base, head))
    changed: set[int] = set()
    for start, end in _news(before, after):
        changed |= {n + 1 for n in range(start, end) if after[n].strip() and after[n].strip()[0] != "#"}
    old, new = parse(base), parse(head)
    if old is None or new is None:
        return frozenset(changed)
    said = list(units(new.body))
    spoken: set[int] = set()
    for start, end in _news([text for text, _ in units(old.body)], [text for text, _ in said]):
        spoken.update(number for _, lines in said[start:end] for number in lines)
    return frozenset(changed & spoken)


def _news(before: list[str], after: list[str]) -> Iterator[tuple[int, int]]:
    """Ranges of ``after`` that ``before`` does not have."""
    for tag, _, _, start, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag in ("replace", "insert"):
            yield start, end


def units(body: list[ast.stmt]) -> Iterator[tuple[str, range]]:
    """The statements in order, each as its meaning and its lines; of a compound one the head, then what is in it.

    Docstrings are none.
    """
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        blocks = [
            getattr(node, name, None) or [] for name in ("body", "handlers", "orelse", "finalbody", "cases")
        ]
        inner = [part for block in blocks for part in block]
        bare = copy.copy(node)
        for name in ("body", "handlers", "orelse", "finalbody", "cases"):
            if hasattr(bare, name):
                setattr(bare, name, [])
        starts = [node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))]
        end = _first_line(inner[0]) - 1 if inner else node.end_lineno or node.lineno
        yield _meaning(bare), range(min(starts), max(end, node.lineno) + 1)
        for block in blocks:
            if block and isinstance(block[0], ast.ExceptHandler | ast.match_case):
                for part in block:
                    yield from _part(part)
            else:
                yield from units(block)


def _meaning(node: ast.stmt) -> str:
    """Canonical text of a statement without the annotations of a function."""
    if isinstance(node, Function):
        node.returns = None
        node.args = copy.deepcopy(node.args)
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
    return ast.dump(node)


def _part(part: ast.ExceptHandler | ast.match_case) -> Iterator[tuple[str, range]]:
    """The head of an ``except`` or ``case`` and what is in it."""
    bare = copy.copy(part)
    bare.body = []
    first = _first_line(part)
    yield ast.dump(bare), range(first, max(first, part.body[0].lineno - 1) + 1)
    yield from units(part.body)


def _first_line(node: ast.stmt | ast.ExceptHandler | ast.match_case) -> int:
    return node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno


def outer_functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Functions that lie in no other function, by their qualified names."""
    yield from _outer(tree.body, "")


def _outer(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _outer(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.Try | ast.With):
            for name in ("body", "orelse", "finalbody"):
                yield from _outer(getattr(node, name, []), prefix)
