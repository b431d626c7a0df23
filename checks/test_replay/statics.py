"""Tests as text: which test functions a file has and what each of them says."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch

from harness.check.python_source import read_python

from .layout import Layout

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class TestFunction:
    """One test function. ``name`` is ``Class.function`` or ``function``; lines count from 1.

    ``digest`` is that of its code without its name, docstring and position; ``statements`` are
    its statements and decorators, each with its line, as normalised source.
    """

    __test__ = False  # the name is ours, not pytest's

    path: str
    name: str
    line: int
    end_line: int
    digest: str
    statements: tuple[tuple[int, str], ...]
    called: frozenset[str] = frozenset()
    node: Function | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class TestFile:
    """A parsed test file. ``module`` are its statements outside of test functions."""

    __test__ = False

    path: str
    functions: dict[str, TestFunction]
    module: tuple[tuple[int, str], ...] = ()


def parse_tests(path: str, text: str, layout: Layout) -> TestFile | None:
    """The test functions of a file, by name; None when it is no valid Python."""
    try:
        tree = read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    functions = {}
    inside: set[ast.AST] = set()
    for name, node in _functions(tree, layout):
        functions[name] = _function(path, name, node)
        inside.add(node)
    module = tuple(_statements(tree.body, inside))
    return TestFile(path, functions, module)


def _functions(tree: ast.Module, layout: Layout) -> Iterator[tuple[str, Function]]:
    for node in tree.body:
        if isinstance(node, Function) and _named(node.name, layout.python_functions):
            yield node.name, node
        elif isinstance(node, ast.ClassDef) and _holds_tests(node, layout):
            for inner in node.body:
                if isinstance(inner, Function) and (
                    _named(inner.name, layout.python_functions) or inner.name.startswith("test")
                ):
                    yield f"{node.name}.{inner.name}", inner


def _holds_tests(node: ast.ClassDef, layout: Layout) -> bool:
    bases = [ast.unparse(base) for base in node.bases]
    return _named(node.name, layout.python_classes) or any(base.endswith("TestCase") for base in bases)


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    return any(
        fnmatch(name, pattern) if set(pattern) & set("*?[") else name.startswith(pattern)
        for pattern in patterns
    )


def _function(path: str, name: str, node: Function) -> TestFunction:
    body = _without_docstring(node.body)
    statements = [(item.lineno, "@" + ast.unparse(item)) for item in node.decorator_list]
    statements += list(_statements(body, set()))
    text = "\n".join([ast.unparse(node.args), *(text for _, text in statements)])
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    called = frozenset(_name_of(call.func) for call in ast.walk(node) if isinstance(call, ast.Call))
    return TestFunction(
        path,
        name,
        node.lineno,
        node.end_lineno or node.lineno,
        digest,
        tuple(statements),
        called - {""},
        node,
    )


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    documented = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if documented else body


def _statements(body: list[ast.stmt], left_out: set[ast.AST]) -> Iterator[tuple[int, str]]:
    """Simple statements and the heads of compound ones, with their lines, depth first."""
    for node in body:
        if node in left_out or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        parts = [getattr(node, name, None) or [] for name in ("body", "orelse", "finalbody", "handlers")]
        if not any(parts):
            yield node.lineno, ast.unparse(node)
            continue
        yield node.lineno, ast.unparse(node).partition("\n")[0]
        for part in parts:
            for inner in part:
                if isinstance(inner, ast.ExceptHandler):
                    yield inner.lineno, ast.unparse(inner).partition("\n")[0]
                    yield from _statements(inner.body, left_out)
                elif isinstance(inner, ast.stmt):
                    yield from _statements([inner], left_out)


def altered(base: TestFunction, head: TestFunction) -> tuple[int, list[str], list[str]]:
    """(line on head, statements that base had, statements that are new) of an altered test."""
    before = [text for _, text in base.statements]
    after = [text for _, text in head.statements]
    removed = [text for text in before if text not in after]
    added = [(line, text) for line, text in head.statements if text not in before]
    return (added[0][0] if added else head.line), removed, [text for _, text in added]


def how_weakened(removed: list[str], added: list[str]) -> str:
    """What was done to a test, in words, from the statements that went and came."""
    marks = [text for text in added if text.startswith("@") and (".skip" in text or ".xfail" in text)]
    if marks:
        return f"it is marked {marks[0]}"
    if any(
        text.startswith(("pytest.skip(", "pytest.xfail(", "raise unittest.SkipTest", "self.skipTest("))
        for text in added
    ):
        return "it skips itself"
    if any(text.startswith("except") for text in added):
        return "its assertions stand in a try statement that swallows their failure"
    if any("patch" in text and "(" in text for text in added) or any("Mock(" in text for text in added):
        return "what it tests is replaced by a mock"
    gone = [text for text in removed if _asserts(text)]
    come = [text for text in added if _asserts(text)]
    if gone and come:
        return f"`{_brief(gone[0])}` became `{_brief(come[0])}`"
    if gone:
        return f"`{_brief(gone[0])}` was removed"
    if removed and removed[0].startswith("@"):
        return "its parameters were changed"
    return "its body was altered"


def _asserts(text: str) -> bool:
    return text.startswith(("assert ", "self.assert", "with pytest.raises", "self.fail"))


def _brief(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "…"
