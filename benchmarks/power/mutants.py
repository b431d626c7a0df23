"""Mutants: one small defect in a function, of the kinds that slip in. Some of them change nothing."""

import ast
import copy
import random
from collections.abc import Iterable, Iterator

from .pairs import Pair

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
}  # fmt: skip


def mutants(pairs: Iterable[Pair], each: int = 1) -> Iterator[Pair]:
    """At most ``each`` mutants of the changed module of every pair's base, chosen by its name."""
    for pair in pairs:
        path = next(path for path in pair.base if pair.base[path] != pair.head.get(path))
        tree = ast.parse(pair.base[path])
        places = [node for item in tree.body for node in ast.walk(item) if _mutable(node)]
        rng = random.Random(pair.name)
        for number, at in enumerate(sorted(rng.sample(range(len(places)), min(each, len(places))))):
            changed = copy.deepcopy(tree)
            twins = [node for item in changed.body for node in ast.walk(item) if _mutable(node)]
            kind = _mutate(twins[at])
            text = ast.unparse(ast.fix_missing_locations(changed))
            name = f"{pair.name}_{number}_{kind}"
            yield Pair("mutants", name, True, pair.base, {**pair.base, path: text})


def _mutable(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in COMPARED
    if isinstance(node, ast.BinOp):
        return type(node.op) in COMPUTED and not isinstance(node.left, ast.Constant)
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    if isinstance(node, ast.Raise):
        return isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
    return isinstance(node, ast.BoolOp) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))


def _mutate(node: ast.AST) -> str:
    if isinstance(node, ast.Compare):
        node.ops[0] = COMPARED[type(node.ops[0])]()
        return "comparison"
    if isinstance(node, ast.BinOp):
        node.op = COMPUTED[type(node.op)]()
        return "arithmetic"
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value += 1
        return "boundary"
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        node.exc.func = ast.Name("RuntimeError", ast.Load())
        return "exception"
    if isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return "logic"
    if isinstance(node, ast.Expr):
        node.value = ast.Constant(None)
    return "dropped_call"
