"""Which lines of base a change touches: inputs that run them are worth more than others.

The idea is that of directed fuzzing (Böhme et al., "Directed Greybox Fuzzing", CCS 2017), with one distance only:
a line of the change was run, or it was not.
"""

import difflib
from collections.abc import Iterable

from .syntax import Module

Aim = tuple[str, list[int]]
"""A path of base, and lines of it."""
MOST_LINES = 400


def aims(path: str, texts: tuple[str, str], before: Module, changed: Iterable[str]) -> dict[str, Aim]:
    """Lines of each changed function of base that are no longer there, or beside which there are new ones.

    By the function's name inside of the module. A function that only reads something else than before is aimed at
    as a whole.
    """
    touched = _touched(*texts)
    found: dict[str, Aim] = {}
    for name in changed:
        function = before.functions[name]
        lines = range(function.line, min(function.end_line, function.line + MOST_LINES) + 1)
        found[name] = path, [line for line in lines if line in touched] or list(lines)
    return found


def _touched(before: str, after: str) -> set[int]:
    """Lines of the text before, counted from 1."""
    found: set[int] = set()
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for kind, start, end, _, _ in matcher.get_opcodes():
        if kind == "insert":
            found |= {start, start + 1}
        elif kind != "equal":
            found |= set(range(start + 1, end + 1))
    return found
