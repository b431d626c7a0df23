"""What changed lines compare: base evaluates both sides while inputs run, and puts the one in the other's place.

``if parts[3] == 24`` is met by no input that nobody wrote for it. Where an input runs the line, what ``parts[3]`` is
then often stands in the input as it is, and with 24 in its place the input goes the other way. The method is that of
"REDQUEEN: Fuzzing with Input-to-State Correspondence" (Aschermann et al., NDSS 2019).
"""

import ast
from collections.abc import Iterator

from harness.check.python_source import read_python

from .aims import edits

Ask = list[str | list[int]]
"""A path of base, lines of it, the sources of both sides, and how they are compared: ``Eq``, ``In``, ``startswith``."""
MOST = 40
MAX_SIDE = 200
AFFIXES = ("startswith", "endswith")


def asks(path: str, texts: tuple[str, str]) -> list[Ask]:
    """Comparisons in lines that differ; those of head are evaluated where base stands beside them."""
    try:
        trees = [read_python(text) for text in texts]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    places: list[dict[int, list[int]]] = [{}, {}]
    for gone, beside, new in edits(*texts):
        places[0] |= {line: [line] for line in gone}
        places[1] |= {line: list(beside) for line in new}
    found: dict[str, Ask] = {}
    for tree, where in zip(trees, places, strict=True):
        for line, left, right, how in _compared(tree):
            if line in where and max(len(left), len(right)) <= MAX_SIDE:
                found.setdefault(repr((left, right, how, where[line])), [path, where[line], left, right, how])
    return list(found.values())[:MOST]


def _compared(tree: ast.Module) -> Iterator[tuple[int, str, str, str]]:
    """Line, both sides and how they are compared."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            how = type(node.ops[0]).__name__
            yield node.lineno, ast.unparse(node.left), ast.unparse(node.comparators[0]), how
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in AFFIXES
        ):
            for given in node.args[:1]:
                yield node.lineno, ast.unparse(node.func.value), ast.unparse(given), node.func.attr
