"""What a change compares: base evaluates both sides while inputs run, and puts the one in the other's place.

``if parts[3] == 24`` is met by no input that nobody wrote for it. Where an input runs the line, what ``parts[3]`` is
then often stands in the input as it is, and with 24 in its place the input goes the other way. The method is that of
"REDQUEEN: Fuzzing with Input-to-State Correspondence" (Aschermann et al., NDSS 2019).
"""

import ast
from collections.abc import Iterable, Iterator

from .aims import edits
from .vocabulary import read

Ask = list[str | list[int]]
"""A path of base, lines of it, the sources of both sides, and how they are compared: ``Eq``, ``match``."""
MOST = 40
MOST_BESIDE = 24
MAX_SIDE = 200
AFFIXES = ("startswith", "endswith")
MATCHERS = ("match", "fullmatch", "search")


def asks(path: str, texts: tuple[str, str]) -> list[Ask]:
    """Comparisons in lines that differ; those of head are evaluated where base stands beside them."""
    trees = [tree for tree in map(read, texts) if tree is not None]
    if len(trees) < len(texts):
        return []
    places: list[dict[int, list[int]]] = [{}, {}]
    for gone, beside, new in edits(*texts):
        places[0] |= {line: [line] for line in gone}
        places[1] |= {line: list(beside) for line in new}
    found: dict[str, Ask] = {}
    for tree, where in zip(trees, places, strict=True):
        for line, left, right, how in _compared(tree):
            if line in where:
                found.setdefault(repr((left, right, how, where[line])), [path, where[line], left, right, how])
    return list(found.values())[:MOST]


def asks_beside(path: str, texts: tuple[str, str], changed: Iterable[str]) -> list[Ask]:
    """Comparisons of base in lines that stay, in the functions ``changed`` and in what calls them.

    What a change gives is often compared with something before anything can be seen of it.
    """
    tree = read(texts[0])
    if tree is None:
        return []
    gone = {line for lines, _, _ in edits(*texts) for line in lines}
    found: dict[str, Ask] = {}
    for function in _around(tree, set(changed)):
        for line, left, right, how in _compared(function):
            if line not in gone:
                found.setdefault(repr((line, left, right)), [path, [line], left, right, how])
    return list(found.values())[:MOST_BESIDE]


def _around(tree: ast.Module, changed: set[str]) -> Iterator[ast.AST]:
    """The functions themselves, and then those that read the name of one of them; ``changed`` are dotted names."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    names = {name.rpartition(".")[2] for name in changed}
    called = {name for name in names if not name.startswith("__")}
    yield from (function for function in functions if function.name in names)
    for function in functions:
        read = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(function)}
        if function.name not in names and not called.isdisjoint(read):
            yield function


def _compared(tree: ast.AST) -> Iterator[tuple[int, str, str, str]]:
    """Line, both sides and how they are compared, where that is short."""
    for line, left, right, how in _comparisons(tree):
        if max(len(left), len(right)) <= MAX_SIDE:
            yield line, left, right, how


def _comparisons(tree: ast.AST) -> Iterator[tuple[int, str, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]  # ``0 <= hour <= 12`` compares twice
            for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
                yield node.lineno, ast.unparse(left), ast.unparse(right), type(operator).__name__
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            how = node.func.attr
            if how in AFFIXES + MATCHERS:
                # ``re.match(pattern, text)`` has both sides among its arguments
                given = (
                    node.args[:2]
                    if ast.unparse(node.func.value) == "re"
                    else [node.func.value, *node.args[:1]]
                )
                if len(given) == 2:
                    yield node.lineno, ast.unparse(given[0]), ast.unparse(given[1]), how
