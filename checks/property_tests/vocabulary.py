"""Words from which texts and numbers are made: literals near the change, examples of tests and documents."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from harness.check.interface import Snapshot
from harness.check.python_source import read_python

from .syntax import FunctionNode
from .target import Target

Literal = int | str
MOST = 100
MOST_SHARP = 40
MAX_FILES = 60
MAX_FILE = 300_000
MAX_EXAMPLES = 250
MAX_EXAMPLE = 300
CONVERSIONS = {
    "str": "text", "int": "number", "float": "number", "Decimal": "number",
    "list": "items", "tuple": "items", "set": "items", "frozenset": "items",
}  # fmt: skip
TRAPS: dict[str, tuple[str, ...]] = {
    "casefold": ("ß", "ss", "SS"),
    "isdecimal": ("²", "2"),
    "normalize": ("é", "e\u0301"),
    "isascii": ("é",),
}
"""Texts that a method's author has thought of, and that the method in its stead takes otherwise."""
QUOTED = re.compile(r"""(['"`]{1,2})(?=\S)([^\n]{1,120}?)\1""")
WORD = re.compile(r"[^\W\d]\w*")


def literals(text: str, names: set[str]) -> list[Literal]:
    """Numbers and short texts in the named functions and classes of a source, and in its other statements."""
    tree = read(text)
    found: dict[Literal, None] = {}
    for node in tree.body if tree else ():
        if not isinstance(node, FunctionNode | ast.ClassDef) or node.name in names:
            found |= dict.fromkeys(_constants(node))
    return list(found)[:MOST]


def sharp(before: str, after: str, names: Iterable[str]) -> list[Literal]:
    """Literals of the changed functions, of both sides; those that only one side has come first, and before them
    texts that tell a method which is gone from others."""
    functions = [list(_functions(text, set(names))) for text in (before, after)]
    sides = [{literal: None for node in nodes for literal in _constants(node)} for nodes in functions]
    gone = _methods(functions[0]) - _methods(functions[1])
    traps = [text for name in sorted(gone.keys() & TRAPS) for text in TRAPS[name]]
    apart = [one for one in (*sides[0], *sides[1]) if (one in sides[0]) != (one in sides[1])]
    return list(dict.fromkeys([*traps, *apart, *sides[0]]))[:MOST_SHARP]


def asks_absent(before: str, after: str, names: Iterable[str]) -> bool:
    """Whether the functions of those names ask on base, and not as often on head, if something is None that is no
    parameter and was not made None by themselves: base has thought of values with parts that are None."""
    asked = [
        sum(map(_absent, nodes)) for nodes in (list(_functions(text, set(names))) for text in (before, after))
    ]
    return asked[0] > asked[1]


def conversions(before: str, after: str, names: Iterable[str]) -> set[str]:
    """What functions of those names convert on base, and not as often on head: ``text``, ``number``, ``items``; and
    ``mixed`` where base orders what cannot be compared. Values of other kinds are inputs there."""
    wanted = set(names)
    made = [
        sum((_conversions(node) for node in _functions(text, wanted)), Counter()) for text in (before, after)
    ]
    return set(made[0] - made[1])


def _conversions(function: ast.AST) -> Counter[str]:
    found: Counter[str] = Counter()
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            found[CONVERSIONS.get(getattr(node.func, "id", ""), "")] += not isinstance(
                node.args[0], ast.Constant
            )
        elif (
            isinstance(node, ast.keyword)
            and node.arg == "key"
            and getattr(node.value, "id", "") in ("str", "repr")
        ):
            found["mixed"] += 1
        elif isinstance(node, ast.ExceptHandler) and node.type is not None:
            found["mixed"] += any(getattr(one, "id", "") == "TypeError" for one in ast.walk(node.type))
    del found[""]
    return found


def _absent(function: ast.AST) -> int:
    known = {one.arg for one in ast.walk(function) if isinstance(one, ast.arg)}
    known |= {
        target.id
        for one in ast.walk(function)
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant) and one.value.value is None
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    return sum(
        isinstance(one, ast.Compare)
        and isinstance(one.ops[0], ast.Is | ast.IsNot)
        and isinstance(one.comparators[0], ast.Constant)
        and one.comparators[0].value is None
        and not (isinstance(one.left, ast.Name) and one.left.id in known)
        for one in ast.walk(function)
    )


def _methods(nodes: Iterable[ast.AST]) -> Counter[str]:
    return Counter(one.attr for node in nodes for one in ast.walk(node) if isinstance(one, ast.Attribute))


def _functions(text: str, names: set[str]) -> Iterator[ast.AST]:
    tree = read(text)
    waiting: list[tuple[str, ast.stmt]] = [("", node) for node in tree.body] if tree else []
    while waiting:
        prefix, node = waiting.pop(0)
        if isinstance(node, FunctionNode) and prefix + node.name in names:
            yield node
        elif isinstance(node, ast.ClassDef):
            waiting += [(f"{prefix}{node.name}.", inner) for inner in node.body]


def read(text: str) -> ast.Module | None:
    """The tree of a text, None where it is no Python that this version reads."""
    try:
        return read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _constants(node: ast.AST) -> Iterator[Literal]:
    """Constants of the code; docstrings and the sentences of errors are read by people only."""
    read = {id(item.value) for item in ast.walk(node) if isinstance(item, ast.Expr)}
    for item in ast.walk(node):
        said = item.exc if isinstance(item, ast.Raise) else item.msg if isinstance(item, ast.Assert) else None
        read |= {id(one) for one in ast.walk(said) if _is_sentence(one)} if said else set()
    for item in ast.walk(node):
        value = item.value if isinstance(item, ast.Constant) and id(item) not in read else None
        if (type(value) is int and abs(value) < 10**12) or (isinstance(value, str) and len(value) < 60):
            yield value


def _is_sentence(node: ast.AST) -> bool:
    """Whether a node is a text of several words."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()


class Examples:
    """Texts that base's tests write down, by the words of their files."""

    def __init__(self, base: Snapshot, tests: Iterable[str]) -> None:
        self.files: list[tuple[frozenset[str], list[str]]] = []
        for path in list(tests)[:MAX_FILES]:
            text = base.read_text(path, MAX_FILE) or ""
            tree = read(text) if path.endswith(".py") else None
            if tree is not None:
                self.files.append((frozenset(WORD.findall(text)), list(_texts(tree))))

    def of(self, target: Target, notes: str) -> list[str]:
        """Texts of the documentation and of the test files that name the target, the former first."""
        names = {target.name.rpartition(".")[2], *target.focus}
        found = dict.fromkeys(text for _, text in QUOTED.findall(notes))
        for words, texts in sorted(self.files, key=lambda one: -len(one[0] & names)):
            if words & names:
                found |= dict.fromkeys(texts)
        return [text for text in found if text.strip()][:MAX_EXAMPLES]


def _texts(tree: ast.Module) -> Iterator[str]:
    for item in ast.walk(tree):
        if (
            isinstance(item, ast.Constant)
            and isinstance(item.value, str)
            and 1 < len(item.value) <= MAX_EXAMPLE
        ):
            yield item.value
