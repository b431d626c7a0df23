"""Whether code says that what a function returns is the caller's own.

Base copies what it returns (``list(self._items)``, ``dict(…)``, ``[:]``, ``.copy()``, ``deepcopy``), or code of the
repository changes what it got from the function. What is neither may as well be shared.
"""

import ast
from collections.abc import Iterable, Iterator

from harness.check.python_source import read_python

from .syntax import last_name

COPIES = frozenset({"list", "dict", "set", "bytearray", "deque", "copy", "deepcopy", "OrderedDict"})
CHANGES = frozenset({
    "append", "extend", "insert", "pop", "popleft", "appendleft", "remove", "clear", "sort", "reverse", "add",
    "discard", "update", "setdefault", "popitem",
})  # fmt: skip
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def returns_copies(text: str, names: Iterable[str]) -> bool:
    """Whether a function of those dotted names inside the module returns a copy of what it keeps."""
    wanted = set(names)
    return any(
        isinstance(node, ast.Return) and node.value is not None and _copy(node.value)
        for name, function in _functions(text)
        if name in wanted
        for node in ast.walk(function)
    )


def keeps_copies(text: str, names: Iterable[str]) -> bool:
    """Whether a function of those dotted names inside the module keeps a copy of what it is given."""
    wanted = set(names)
    return any(_keeps_copy(function) for name, function in _functions(text) if name in wanted)


def _keeps_copy(function: FunctionNode) -> bool:
    arguments = function.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    given = {one.arg for one in every} - {"self", "cls"}
    return any(
        node.value is not None and any(_copies_any(one, given) for one in ast.walk(node.value))
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and any(isinstance(target, ast.Attribute | ast.Subscript) for target in _stored(node))
    )


def _copies_any(node: ast.AST, names: set[str]) -> bool:
    used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return isinstance(node, ast.expr) and _copy(node) and bool(used & names)


def _stored(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def changed_by_callers(text: str, last: str) -> bool:
    """Whether the module changes what a call of that (last) name gave it."""
    if last not in text or any(hasattr(kind, last) for kind in (dict, list, str)):
        return False  # whose method of that name is called is not known
    return any(_changes(function, last) for _, function in _functions(text))


def _changes(function: FunctionNode, last: str) -> bool:
    got: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _calls(node.value, last):
            got |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            owner = node.func.value
            if _calls(owner, last) or (isinstance(owner, ast.Name) and owner.id in got):
                return True
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            stored = node.value
            if _calls(stored, last) or (isinstance(stored, ast.Name) and stored.id in got):
                return True
    return False


def _calls(node: ast.expr, last: str) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == last


def _copy(node: ast.expr) -> bool:
    """Whether an expression is a copy of an attribute, of a name or of an item of one."""
    if isinstance(node, ast.Call) and not node.keywords:
        called = node.func
        name = last_name(called)
        if name == "copy" and isinstance(called, ast.Attribute) and not node.args:
            return _kept(called.value)
        return name in COPIES and len(node.args) == 1 and _kept(node.args[0])
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        part = node.slice
        return part.lower is part.upper is part.step is None and _kept(node.value)
    if isinstance(node, ast.List | ast.Set) and len(node.elts) == 1:
        return isinstance(node.elts[0], ast.Starred) and _kept(node.elts[0].value)
    if isinstance(node, ast.Dict) and len(node.values) == 1:
        return node.keys == [None] and _kept(node.values[0])
    if isinstance(node, ast.ListComp | ast.SetComp) and len(node.generators) == 1:
        only = node.generators[0]
        same = isinstance(node.elt, ast.Name) and ast.unparse(node.elt) == ast.unparse(only.target)
        return same and not only.ifs and _kept(only.iter)
    return False


def _kept(node: ast.expr) -> bool:
    """An attribute, a name, an item, or a view of one: what may be kept elsewhere."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords:
        return node.func.attr in ("values", "keys", "items", "get") and _kept(node.func.value)
    return isinstance(node, ast.Attribute | ast.Name | ast.Subscript)


def _functions(text: str) -> Iterator[tuple[str, FunctionNode]]:
    """Functions and methods with their dotted names inside the module."""
    try:
        tree = read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        prefix, parent = waiting.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, FunctionNode):
                yield prefix + node.name, node
            if isinstance(node, FunctionNode | ast.ClassDef):
                waiting.append((f"{prefix}{node.name}.", node))
            elif isinstance(node, ast.If | ast.Try):
                waiting.append((prefix, node))
