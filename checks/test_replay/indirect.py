"""Declared differences that recorded calls cannot show, from the test's own words.

A recorder cannot read an iterator without using it up, nor see what was printed, nor what was
written to a file that no argument names. Where a
declaring test has no recorded difference, the changed functions that it calls by name are
what it is about, and its failure on base says how they behaved there.
"""

import ast
import re
from collections.abc import Iterable, Sequence

from harness.check.interface import Context, Difference, Side

from .matrix import key_of
from .runs import Run, TestResult
from .seeds import functions, module_of, parse, product_files
from .statics import TestFunction
from .suite import Suite

RAISES = re.compile(r"^with (?:pytest\.raises|self\.assertRaises(?:Regex)?)\(([\w.]+)")
READS = frozenset({"open", "read_text", "read_bytes", "exists", "is_file", "iterdir", "glob", "listdir"})
PRINTS = ("capsys", "capfd", "redirect_stdout")


def differences(
    context: Context, suite: Suite, declaring: Iterable[str], base: Run
) -> dict[str, list[Difference]]:
    """Differences by test id; ``base`` is the run of head's tests on base's code."""
    changed = changed_functions(context, suite)
    found: dict[str, list[Difference]] = {}
    for nodeid in declaring:
        test = suite.function(Side.HEAD, key_of(nodeid))
        result = base.result(nodeid)
        if test is None or result.outcome == "missing":
            continue
        before, after = _before(result, test), _after(test)
        named = [symbol for symbol in changed if symbol.rpartition(".")[2] in test.called]
        if named:
            found[nodeid] = [Difference(symbol, before, after) for symbol in named]
            if before == after == "value":
                found[nodeid] += [
                    Difference(symbol, *sides)
                    for symbol in named if symbol.rpartition(".")[2] in _entered(test)
                    for sides in (("mutates", "mutates"), ("value", "mutates"), ("mutates", "value"))
                ]  # fmt: skip
            if before == after == "value" and test.called & READS:
                found[nodeid] += [Difference(symbol, "writes", "writes") for symbol in named]
    return found


def changed_functions(context: Context, suite: Suite) -> list[str]:
    """Symbols of functions that both sides have and whose code differs, docstrings left out."""
    symbols = []
    for path in product_files(context, suite):
        base, head = parse(context.base.read_text(path)), parse(context.head.read_text(path))
        if base is None or head is None:
            continue
        before = {name: _code(node) for name, node in functions(base)}
        for name, node in functions(head):
            if name in before and before[name] != _code(node):
                symbols.append(f"{module_of(path)}.{name}")
    return symbols


def _code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    body: Sequence[ast.stmt] = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return ast.dump(node.args) + "".join(ast.dump(statement) for statement in body)


def _before(result: TestResult, test: TestFunction) -> str:
    """What base did: an exception out of the code itself, else something that the test refused."""
    own = result.deepest.rpartition(":")[0] not in ("", test.path)
    if own and result.exception not in ("", "AssertionError", "Failed"):
        return f"raises {result.exception}"
    return "prints" if _prints(test) else "value"


def _after(test: TestFunction) -> str:
    for _, text in test.statements:
        match = RAISES.match(text)
        if match:
            return f"raises {match[1].rpartition('.')[2]}"
    return "prints" if _prints(test) else "value"


def _entered(test: TestFunction) -> set[str]:
    """Names of functions whose context managers the test enters: what these do to arguments shows after the block."""
    items = [item.context_expr for node in ast.walk(test.node) if isinstance(node, ast.With | ast.AsyncWith)
             for item in node.items] if test.node else []  # fmt: skip
    calls = [item.func for item in items if isinstance(item, ast.Call)]
    return {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in calls}


def _prints(test: TestFunction) -> bool:
    names = {node.arg for node in ast.walk(test.node) if isinstance(node, ast.arg)} if test.node else set()
    return any(name in names or name in test.called for name in PRINTS)
