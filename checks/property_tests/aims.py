"""Which lines of base a change touches: inputs that run them are worth more than others.

The idea is that of directed fuzzing (Böhme et al., "Directed Greybox Fuzzing", CCS 2017), with one distance only:
a line of the change was run, or it was not.
"""

import difflib
import functools
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
    touched = {line for _, beside, _ in edits(*texts) for line in beside}
    found: dict[str, Aim] = {}
    for name in changed:
        function = before.functions[name]
        lines = range(function.line, min(function.end_line, function.line + MOST_LINES) + 1)
        found[name] = path, [line for line in lines if line in touched] or list(lines)
    return found


@functools.lru_cache(maxsize=4)
def edits(before: str, after: str) -> list[tuple[range, range, range]]:
    """What is edited, in lines counted from 1: those of base that are gone, where base is touched, those of head.

    Where nothing is gone, base is touched at the lines on both sides of what is new.
    """
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return [
        (
            range(start + 1, end + 1),
            range(start, start + 2) if kind == "insert" else range(start + 1, end + 1),
            range(first + 1, last + 1),
        )
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]
