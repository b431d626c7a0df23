"""Where product code newly names the inputs of the tests."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.check.interface import Context, Side
from harness.check.python_source import read_python

from .layout import is_code_path
from .suite import Suite

Key = tuple[object, ...]
"""The atoms of one key: a constant, or the constants of a tuple."""

TRIVIAL = (None, True, False, 0, 1, -1, 2, ...)
SHARE = 0.6


@dataclass(frozen=True)
class Seed:
    """Keys that a changed function newly compares its input with. ``symbol`` is dotted."""

    path: str
    line: int
    symbol: str
    module: str
    keys: tuple[Key, ...]


def product_files(context: Context, suite: Suite) -> list[str]:
    """Python files of the product that head has and the change touches."""
    return [
        file.path
        for file in context.change.files
        if file.status != "deleted" and is_code_path(file.path) and file.path not in suite.overlay
    ]


def module_of(path: str) -> str:
    """Dotted module of a path, as the guest library names it: below ``src`` or ``lib``, else the root."""
    parts = path.removesuffix(".py").split("/")
    if len(parts) > 1 and parts[0] in ("src", "lib"):
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parse(text: str | None) -> ast.Module | None:
    """The syntax tree of a text, None when there is none."""
    try:
        return read_python(text) if text is not None else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def seeds(context: Context, suite: Suite) -> list[Seed]:
    """Groups of new keys that are, for the most part, inputs of tests."""
    rows = _test_rows(context, suite)
    atoms = frozenset(atom for row in rows for atom in row)
    found = []
    for path in product_files(context, suite):
        head, base = parse(context.head.read_text(path)), parse(context.base.read_text(path))
        if head is None:
            continue
        known = {key for _, _, keys in _groups(base) for key in keys} if base else set()
        for line, name, keys in _groups(head):
            new = tuple(dict.fromkeys(key for key in keys if key not in known and _telling(key)))
            hits = [key for key in new if _is_input(key, rows, atoms)]
            if new and len(hits) >= SHARE * len(new):
                found.append(Seed(path, line, f"{module_of(path)}.{name}", module_of(path), tuple(hits)))
    return found


def _telling(key: Key) -> bool:
    return any(not _trivial(atom) for atom in key)


def _trivial(atom: object) -> bool:
    if isinstance(atom, str | bytes):
        return len(atom) < 2
    return any(atom is one or (type(atom) is type(one) and atom == one) for one in TRIVIAL)


def _is_input(key: Key, rows: Iterable[frozenset[object]], atoms: frozenset[object]) -> bool:
    wanted = frozenset(atom for atom in key if not isinstance(atom, bool) and atom is not None)
    if len(key) == 1:
        return wanted <= atoms
    return any(wanted <= row for row in rows) or {atom for atom in wanted if not _trivial(atom)} <= atoms


def _test_rows(context: Context, suite: Suite) -> list[frozenset[object]]:
    """Constants that stand together in the tests: in a call, a tuple or a list."""
    rows = []
    for side in Side:
        for path in suite.files[side]:
            tree = parse(context.snapshot(side).read_text(path))
            for node in ast.walk(tree) if tree else ():
                if isinstance(node, ast.Call | ast.Tuple | ast.List | ast.Set):
                    rows.append(frozenset(_atoms(node)))
    return rows


def _atoms(node: ast.AST) -> Iterator[object]:
    parts: list[ast.expr] = []
    if isinstance(node, ast.Call):
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        parts = list(node.elts)
    for part in parts:
        yield from _constants(part)


def _constants(node: ast.expr) -> Iterator[object]:
    """The constants of an expression made of constants and containers of them."""
    if isinstance(node, ast.Constant):
        yield node.value
    elif (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
    ):
        if isinstance(node.operand.value, int | float):
            yield -node.operand.value
    elif isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Call):
        yield from _atoms(node)


def _key(node: ast.expr | None) -> Key | None:
    """A key as its atoms; None when it is not made of constants."""
    if isinstance(node, ast.Tuple):
        parts = [list(_constants(part)) for part in node.elts]
        return tuple(atom for part in parts for atom in part) if parts and all(parts) else None
    atoms = list(_constants(node)) if node is not None and not isinstance(node, ast.Call) else []
    return (atoms[0],) if len(atoms) == 1 else None


def _groups(tree: ast.Module | None) -> Iterator[tuple[int, str, list[Key]]]:
    """(line, function, keys) of look-up tables and of the comparisons of a function."""
    if tree is None:
        return
    tables = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            keys = _table_keys(node.value)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if keys and isinstance(target, ast.Name):
                    tables[target.id] = (node.lineno, keys)
    for name, function in functions(tree):
        keys_here, line = _compared(function)
        if keys_here:
            yield line, name, keys_here
        used = {inner.id for inner in ast.walk(function) if isinstance(inner, ast.Name)}
        for table in sorted(used & set(tables)):
            yield tables[table][0], name, tables[table][1]


def functions(
    node: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The functions of a module with their qualified names, methods included."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try):
            yield from functions(child, prefix)


def _table_keys(node: ast.expr) -> list[Key]:
    if isinstance(node, ast.Dict):
        return [key for key in map(_key, node.keys) if key is not None]
    if isinstance(node, ast.Set | ast.List | ast.Tuple):
        return [key for key in map(_key, node.elts) if key is not None]
    if isinstance(node, ast.Call) and node.args and len(node.args) == 1:
        return _table_keys(node.args[0])
    return []


def _compared(function: ast.AST) -> tuple[list[Key], int]:
    """What a function compares with for equality, and the first line where it does."""
    keys: list[Key] = []
    line = 0
    for node in ast.walk(function):
        found: list[Key | None] = []
        if isinstance(node, ast.Compare):
            for operator, operand in zip(node.ops, node.comparators, strict=True):
                if isinstance(operator, ast.Eq | ast.Is):
                    found += [_key(operand), _key(node.left)]
                elif isinstance(operator, ast.In):
                    found += _table_keys(operand)
        elif isinstance(node, ast.Dict):
            found += _table_keys(node)
        elif isinstance(node, ast.MatchValue):
            found.append(_key(node.value))
        elif isinstance(node, ast.MatchSequence):
            values = [_key(one.value) for one in node.patterns if isinstance(one, ast.MatchValue)]
            found.append(tuple(atom for value in values if value for atom in value) or None)
        usable = [key for key in found if key is not None and _telling(key)]
        if usable:
            line = min(line or 1 << 30, getattr(node, "lineno", 1 << 30))
        keys += usable
    return keys, line if line < 1 << 30 else getattr(function, "lineno", 1)
