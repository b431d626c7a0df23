"""What a function's source says about its inputs: kinds that its body asks for, and literals."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import types
import typing

from guestlib.recipes import UnwritableError, recipe_of

from . import hints
from .domain import Domain, Recipe, pairs_of

TEXT_METHODS = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "rsplit",
        "splitlines",
        "startswith",
        "endswith",
        "lower",
        "upper",
        "casefold",
        "title",
        "replace",
        "partition",
        "rpartition",
        "encode",
        "isdigit",
        "isdecimal",
        "isascii",
        "splitlines",
        "isalpha",
        "isalnum",
        "isspace",
        "find",
        "join",
        "format",
        "zfill",
        "removeprefix",
        "removesuffix",
    ]
)
DICT_METHODS = frozenset({"items", "keys", "get", "setdefault"})
LIST_METHODS = frozenset({"append", "extend", "insert", "sort", "reverse"})
DATE_FIELDS = {"weekday": "date", "isoweekday": "date", "toordinal": "date", "isocalendar": "date", "hour": "datetime",
               "date": "datetime", "tzinfo": "datetime", "astimezone": "datetime", "total_seconds": "timedelta",
               "quantize": "Decimal", "normalize": "Decimal", "numerator": "Fraction"}  # fmt: skip
TYPE_NAMES = {"int", "str", "float", "bool", "bytes", "list", "tuple", "dict", "set", "frozenset", "Decimal",
              "Fraction", "date", "datetime", "time", "timedelta", "Path", "deque"}  # fmt: skip
MAX_LITERALS = 80
_AFFIXES = {"startswith": "start", "removeprefix": "start", "lstrip": "start", "endswith": "end",
            "removesuffix": "end", "rstrip": "end", "split": "between", "rsplit": "between", "partition": "between",
            "rpartition": "between", "count": "between", "find": "between", "index": "between"}  # fmt: skip


def parse(function: typing.Any) -> ast.AST | None:
    """The syntax tree of a function or class, None where its source is not to be had."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None


def demand(domains: dict[str, Domain], tree: ast.AST, names: dict[str, typing.Any]) -> None:
    """Add to each parameter's domain what the body does with it. ``names`` are the globals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _call(domains, node, names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            _attribute(domains.get(node.value.id), node.attr)
        elif isinstance(node, ast.Compare):
            _compare(domains, node, names)
        elif isinstance(node, ast.BinOp):
            _operator(domains, node)
        elif isinstance(node, (ast.UnaryOp, ast.BoolOp, ast.If, ast.IfExp)):
            _asked(domains, node)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            _subscript(domains.get(node.value.id), node.slice)
        elif isinstance(node, (ast.For, ast.comprehension)):
            _gone_through(domains, node)
        if isinstance(node, ast.If):
            _converted(domains, node)
    if any(isinstance(node, ast.Constant) and str(node.value).endswith("/") for node in ast.walk(tree)):
        for domain in domains.values():
            domain.asked_slash = True
    special, vast = _thinks_of(tree)
    for domain in domains.values():
        domain.special = domain.special or special
        domain.vast = domain.vast or vast
    if _handles_text(tree):
        for domain in domains.values():
            if domain.guesses == {"list"}:  # a text goes through item by item as well
                _weak(domain, "str")


def _gone_through(domains: dict[str, Domain], node: ast.For | ast.comprehension) -> None:
    """``for item in x``, and ``for one, other in x`` where the items have parts."""
    if not isinstance(node.iter, ast.Name) or node.iter.id not in domains:
        return
    domain = domains[node.iter.id]
    if domain.declared:
        return
    _weak(domain, "list")
    plain = isinstance(node.target, ast.Tuple) and all(isinstance(one, ast.Name) for one in node.target.elts)
    if plain and domain.item is None and "list" in domain.guesses:
        domain.items().allow("tuple")
        domain.items().parts = [Domain(one.id) for one in node.target.elts]  # type: ignore[attr-defined]


def _converted(domains: dict[str, Domain], node: ast.If) -> None:
    """``if not isinstance(x, Place): x = Place.parse(x)``: texts are taken as well."""
    test = (
        node.test.operand
        if isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
        else None
    )
    if not (isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "isinstance"):
        return
    given = test.args[0].id if test.args and isinstance(test.args[0], ast.Name) else ""
    for one in node.body:
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call):
            into = [target.id for target in one.targets if isinstance(target, ast.Name)]
            taken = [item.id for item in one.value.args if isinstance(item, ast.Name)]
            if given in into and given in taken:
                _weak(domains.get(given), "str")


def _thinks_of(tree: ast.AST) -> tuple[bool, bool]:
    """Whether the body thinks of numbers that are not finite, and of orders of magnitude."""
    special = vast = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called_name(node)
            special = special or name in ("isnan", "isinf", "isfinite", "is_nan", "is_infinite", "is_finite")
            vast = vast or name in ("log10", "log2", "log", "log1p")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            vast = vast or (isinstance(node.left, ast.Constant) and node.left.value in (2, 10, 1000, 1024))
        elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            vast = vast or abs(node.value) >= 10**9
    return special, vast


def called_name(node: ast.Call) -> str:
    """The last part of the name by which a call is made; empty where there is none."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _handles_text(tree: ast.AST) -> bool:
    """Whether the body compares, joins, keeps or gives back a text of its own."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Compare, ast.BinOp, ast.Return, ast.Assign)):
            for item in ast.iter_child_nodes(node):
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    return True
    return False


def _asked(domains: dict[str, Domain], node: ast.UnaryOp | ast.BoolOp | ast.If | ast.IfExp) -> None:
    """``not x``, ``x or …``, ``if x``: the body asks whether it was given anything."""
    if isinstance(node, ast.UnaryOp):
        asked = [node.operand] if isinstance(node.op, ast.Not) else []
    else:
        asked = list(node.values) if isinstance(node, ast.BoolOp) else [node.test]
    for part in asked:
        if isinstance(part, ast.Name) and part.id in domains:
            domains[part.id].asked_empty = True


def _weak(domain: Domain | None, tag: str) -> None:
    """A guess from use counts only where no annotation speaks."""
    if (
        tag == "list"
        and domain is not None
        and domain.observed
        and domain.tags.keys() & {"tuple", "str", "set"}
    ):
        return  # the default is such a sequence itself
    if domain is not None and not domain.declared and tag not in domain.tags:
        domain.allow(tag, 0.6)
        domain.guesses.add(tag)


def _call(domains: dict[str, Domain], node: ast.Call, names: dict[str, typing.Any]) -> None:
    function = node.func
    if isinstance(function, ast.Name) and function.id in domains:
        _weak(domains[function.id], "fn")
    if isinstance(function, ast.Name) and function.id in ("max", "min") and len(node.args) > 1:
        for one in node.args:
            _weak(domains.get(one.id) if isinstance(one, ast.Name) else None, "int")
        return
    if not (isinstance(function, ast.Name) and node.args and isinstance(node.args[0], ast.Name)):
        return
    domain = domains.get(node.args[0].id)
    if function.id == "isinstance" and len(node.args) == 2 and domain is not None:
        for item in ast.walk(node.args[1]):
            name = item.attr if isinstance(item, ast.Attribute) else getattr(item, "id", "")
            if name in TYPE_NAMES:
                domain.allow(name, 0.7)
            elif isinstance(names.get(name), type) and not domain.declared:
                hints.annotate(domain, names[name])
                domain.declared = False
    elif function.id in ("sum", "sorted", "max", "min", "enumerate", "len"):
        _weak(domain, "list")
    elif function.id in ("int", "float", "Decimal"):
        _weak(domain, "str")


def _attribute(domain: Domain | None, name: str) -> None:
    if name in TEXT_METHODS:
        _weak(domain, "str")
    elif name in DICT_METHODS:
        _weak(domain, "dict")
    elif name in LIST_METHODS:
        _weak(domain, "list")
    elif name in DATE_FIELDS:
        _weak(domain, DATE_FIELDS[name])


def _compare(domains: dict[str, Domain], node: ast.Compare, names: dict[str, typing.Any]) -> None:
    sides = [node.left, *node.comparators]
    if len(sides) == 3 and [_known(sides[0], {}), _known(sides[2], {})] in ([0, 1], [1, 0]):
        domain = domains.get(sides[1].id) if isinstance(sides[1], ast.Name) else None
        if domain is not None:  # a part of a whole
            for share in (0.5, 0.25, 0.75):
                _example(domain, share)
    inside = any(isinstance(operator, (ast.In, ast.NotIn)) for operator in node.ops)
    # Of ``"id" in user`` one learns what user holds, not what it is.
    for left, right in [*pairs_of(sides), *(() if inside else pairs_of(sides[::-1]))]:
        domain = domains.get(left.id) if isinstance(left, ast.Name) else None
        if domain is None:
            continue
        value = _known(right, names)
        domain.asked_negative = domain.asked_negative or _below_zero(node)
        if value is None and isinstance(right, ast.Constant):
            domain.allow("none", 0.3)
        if isinstance(value, (list, tuple, set, frozenset, dict)) and any(
            isinstance(operator, (ast.In, ast.NotIn)) for operator in node.ops
        ):
            for member in list(value)[:30]:
                _example(domain, member)
        elif isinstance(value, (int, float, str)):
            _example(domain, value)


def _below_zero(node: ast.Compare) -> bool:
    """Whether a comparison is ``x < 0``, ``x >= 0`` or ``x <= 0``, which says more than ``x == 0``."""
    zero = isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value == 0
    return zero and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Lt, ast.GtE, ast.LtE))


def _example(domain: Domain, value: typing.Any) -> None:
    try:
        recipe = recipe_of(value)
    except UnwritableError:
        return
    if not domain.declared and isinstance(value, (int, float, str)):
        domain.allow(type(value).__name__, 0.6)
    if recipe not in domain.pool and len(domain.pool) < 60:
        domain.pool.append(recipe)


def _operator(domains: dict[str, Domain], node: ast.BinOp) -> None:
    if isinstance(node.op, (ast.FloorDiv, ast.Div, ast.Pow, ast.Sub, ast.BitAnd, ast.LShift, ast.RShift)):
        for side in (node.left, node.right):
            if isinstance(side, ast.Name):
                _weak(domains.get(side.id), "int")


def _subscript(domain: Domain | None, index: ast.AST) -> None:
    if domain is None or domain.declared:
        return
    if isinstance(index, ast.Constant) and isinstance(index.value, str):
        _weak(domain, "dict")
        if domain.fields is None:
            domain.fields, domain.required_keys = {}, set()
        domain.fields.setdefault(index.value, Domain(index.value))
        if domain.required_keys is not None:
            domain.required_keys.add(index.value)
    else:
        _weak(domain, "list")


def _known(node: ast.AST, names: dict[str, typing.Any]) -> typing.Any:
    """The value of a constant, a name of the module, or a display of constants."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def literals(function: typing.Any, depth: int = 2) -> list[Recipe]:
    """Scalars of a function, of the module constants that it reads, and of functions that it calls."""
    found: list[Recipe] = []
    _collect(function, depth, found, set())
    return found[:MAX_LITERALS]


def _collect(function: typing.Any, depth: int, found: list[Recipe], seen: set[int]) -> None:
    plain = inspect.unwrap(getattr(function, "__func__", function))
    if id(plain) in seen or depth < 0:
        return
    seen.add(id(plain))
    tree = parse(plain)
    if tree is None:
        return
    names = getattr(plain, "__globals__", {})
    people = {id(node.body[0].value) for node in ast.walk(tree) if _documented(node)}  # type: ignore[attr-defined]
    people |= set(_sentences(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in people:
            _add(found, node.value)
        elif isinstance(node, ast.Call) and _of_re(node):
            found.append(["re", node.args[0].value, 0])  # type: ignore[attr-defined]
        elif isinstance(node, ast.Name) and node.id in names:
            value = names[node.id]
            if isinstance(value, (types.FunctionType, type)) and str(
                getattr(value, "__module__", "")
            ) == names.get("__name__"):
                _collect(value, depth - 1, found, seen)
            else:
                _constants(found, value, 0)


def _sentences(tree: ast.AST) -> typing.Iterator[int]:
    """What errors say, by identity of the node: texts of several words, which people read."""
    for node in ast.walk(tree):
        said = node.exc if isinstance(node, ast.Raise) else node.msg if isinstance(node, ast.Assert) else None
        for one in ast.walk(said) if said is not None else ():
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value.strip():
                yield id(one)


def _of_re(node: ast.Call) -> bool:
    """Whether a call is one such as ``re.match("…", …)`` with the pattern written out."""
    function = node.func
    return (
        isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re"
        and bool(node.args) and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    )  # fmt: skip


def affixes(function: typing.Any) -> dict[str, list[str]]:
    """Texts that a body looks for at the ``start``, at the ``end`` and ``between`` parts."""
    found: dict[str, list[str]] = {"start": [], "end": [], "between": []}
    tree = parse(inspect.unwrap(getattr(function, "__func__", function)))
    for node in ast.walk(tree) if tree is not None else ():
        method = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        where = _AFFIXES.get(method)
        if where is None or not isinstance(node, ast.Call) or not node.args:
            continue
        for item in ast.walk(node.args[0]):
            if isinstance(item, ast.Constant) and isinstance(item.value, str) and 0 < len(item.value) < 20:
                found[where].append(item.value)
    return found


def _documented(node: ast.AST) -> bool:
    body = getattr(node, "body", None)
    return bool(isinstance(body, list) and body and isinstance(body[0], ast.Expr)
                and isinstance(body[0].value, ast.Constant))  # fmt: skip


def _constants(found: list[Recipe], value: typing.Any, depth: int) -> None:
    if isinstance(value, re.Pattern):
        recipe = ["re", value.pattern, value.flags & ~re.UNICODE.value]
        if isinstance(value.pattern, str) and recipe not in found:
            found.append(recipe)
    elif isinstance(value, dict) and depth < 3:
        for key, item in list(value.items())[:30]:
            _constants(found, key, depth + 1)
            _constants(found, item, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)) and depth < 3:
        for item in list(value)[:30]:
            _constants(found, item, depth + 1)
    elif not callable(value):
        _add(found, value)


def _add(found: list[Recipe], value: typing.Any) -> None:
    if value is None or isinstance(value, bool) or value is Ellipsis:
        return
    try:
        recipe = recipe_of(value)
    except UnwritableError:
        return
    scalar = not isinstance(recipe, list) or recipe[0] in (
        "float",
        "Decimal",
        "bytes",
        "date",
        "datetime",
        "timedelta",
    )
    if scalar and len(repr(recipe)) < 60 and recipe not in found:
        found.append(recipe)
