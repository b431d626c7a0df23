"""What a change only moves: functions and statements that other places of base hold in the same words."""

import ast
import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence

from harness.check.interface import Context

from ..layout import is_code_path
from ..seeds import parse
from .lines import MAX_FILE, ChangedFile, outer_functions, units

MAX_FILES = 300
Part = tuple[str, range]
"""A function or a statement outside of functions: its meaning and its lines."""


def without_moved(context: Context, files: Sequence[ChangedFile]) -> list[ChangedFile]:
    """The changed files without the lines that are only moved, within a file or between files.

    A copy is not moved: what the change's files hold more often on head than on base is new.
    """
    if not files:
        return []
    before, after = Counter[str](), Counter[str]()
    for one in [one for one in context.change.files if is_code_path(one.path)][:MAX_FILES]:
        if one.status != "added":
            before.update(_meanings(context.base.read_text(one.old_path or one.path, MAX_FILE)))
        if one.status != "deleted":
            after.update(_meanings(context.head.read_text(one.path, MAX_FILE)))
    left = []
    for product in files:
        moved = {n for text, lines in _parts(product.tree) if before[text] >= after[text] for n in lines}
        if product.lines - moved:
            left.append(dataclasses.replace(product, lines=product.lines - moved))
    return left


def _meanings(text: str | None) -> Iterator[str]:
    tree = parse(text)
    return (meaning for meaning, _ in _parts(tree)) if tree else iter(())


def _parts(tree: ast.Module) -> Iterator[Part]:
    inside: set[int] = set()
    for _, node in outer_functions(tree):
        inner = list(units([node]))
        lines = range(inner[0][1].start, (node.end_lineno or node.lineno) + 1)
        inside.update(lines)
        yield "\n".join(text for text, _ in inner), lines
    yield from ((text, lines) for text, lines in units(tree.body) if lines.start not in inside)
