"""Where product code newly asks whether it is under test, or makes any comparison come out true."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from harness.check.interface import Context

from .seeds import functions, module_of, parse, product_files
from .suite import Suite

Rule = Literal["knows-it-is-tested", "equal-to-everything"]

RUNNER = r"pytest|unittest|\bnose\b|py\.test"
# What is asked, and the texts that make it a question about tests.
QUESTIONS = (
    (("sys.modules", "find_spec"), re.compile(RUNNER)),
    (("environ", "getenv"), re.compile(r"PYTEST_|" + RUNNER)),
    (("sys.argv",), re.compile(RUNNER + r"|^test$")),
    (("inspect.stack", "_getframe", "currentframe", "extract_stack", "walk_stack", "format_stack"),
     re.compile(RUNNER + r"|test_|_test\b|\btests?\b|conftest")),
)  # fmt: skip


@dataclass(frozen=True)
class Sign:
    """A piece of a changed file by which tests can be made to see what is not so."""

    rule: Rule
    path: str
    line: int
    symbol: str
    module: str
    text: str


def signs(context: Context, suite: Suite) -> list[Sign]:
    """The signs that are new on head, in the order of the files."""
    found = []
    for path in product_files(context, suite):
        head, base = parse(context.head.read_text(path)), parse(context.base.read_text(path))
        known = {(rule, text) for rule, _, _, text in _signs(base)} if base else set()
        # The shortest expression first: a longer one only holds it.
        for rule, line, name, text in sorted(_signs(head), key=lambda one: len(one[3])) if head else ():
            if (rule, text) not in known:
                symbol = ".".join(part for part in (module_of(path), name) if part)
                found.append(Sign(rule, path, line, symbol, module_of(path), text))
    return found


def _signs(tree: ast.Module) -> Iterator[tuple[Rule, int, str, str]]:
    for line, name, text in _aware(tree):
        yield "knows-it-is-tested", line, name, text
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__eq__" and _always_true(method):
                    yield "equal-to-everything", method.lineno, f"{node.name}.__eq__", f"{node.name}.__eq__"


def _always_true(method: ast.FunctionDef) -> bool:
    """Whether every return of a function gives True."""
    returns = [node.value for node in ast.walk(method) if isinstance(node, ast.Return)]
    return bool(returns) and all(isinstance(value, ast.Constant) and value.value is True for value in returns)


def _aware(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    owner: dict[ast.AST, str] = {}
    for name, function in functions(tree):
        for node in ast.walk(function):
            owner.setdefault(node, name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Call | ast.Subscript):
            text = ast.unparse(node)
            if len(text) < 400 and _asks(node, text):
                yield node.lineno, owner.get(node, ""), text


def _asks(node: ast.AST, text: str) -> bool:
    """Whether an expression looks up a trace of a test runner."""
    literals = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return any(
        any(source in text for source in sources) and any(trace.search(one) for one in literals)
        for sources, trace in QUESTIONS
    )
