"""The lines that a change adds or edits in the product's files, and the functions they lie in."""

import ast
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
    """Numbers of head's lines that base does not have, blank lines and comments left out."""
    before, after = ([line.rstrip() for line in text.split("\n")] for text in (base, head))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    changed: set[int] = set()
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag in ("replace", "insert"):
            changed |= {n + 1 for n in range(start, end) if after[n].strip() and after[n].strip()[0] != "#"}
    return frozenset(changed)


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
