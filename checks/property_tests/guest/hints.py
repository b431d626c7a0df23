"""Domains from type annotations, from defaults and from what a function's body asks of a parameter."""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import fractions
import inspect
import numbers
import os
import pathlib
import re
import sys
import types
import typing
import uuid

from guestlib.recipes import UnwritableError, importable, recipe_of

from .domain import Domain

SIMPLE: dict[typing.Any, str] = {
    int: "int", str: "str", float: "float", bool: "bool", bytes: "bytes", bytearray: "bytearray",
    complex: "complex", type(None): "none", None: "none", decimal.Decimal: "Decimal",
    fractions.Fraction: "Fraction", datetime.date: "date", datetime.datetime: "datetime",
    datetime.time: "time", datetime.timedelta: "timedelta", pathlib.Path: "Path",
    typing.SupportsInt: "int", typing.SupportsIndex: "int", typing.SupportsFloat: "float",
    typing.SupportsAbs: "int", typing.Hashable: "str", numbers.Number: "int", numbers.Real: "float",
    numbers.Integral: "int", re.Pattern: "re", pathlib.PurePath: "Path",
    os.PathLike: "Path", uuid.UUID: "UUID", range: "range",
}  # fmt: skip
ANSWERING: dict[typing.Any, tuple[str, ...]] = {bool: ("truth", "falsehood", "even"), str: ("text",)}
CLOCK = re.compile(r"(^|_)(clock|timer|monotonic|time_source|time_func|get_time)$")
ONCE = 0.15
"""How often what may be any iterable can be gone through once only."""
LISTS = {
    list: "list", set: "set", frozenset: "frozenset", collections.deque: "deque",
    collections.abc.Sequence: "list", collections.abc.MutableSequence: "list",
    collections.abc.Iterable: "list", collections.abc.Collection: "list", collections.abc.Set: "set",
    collections.abc.Iterator: "iter", collections.abc.Generator: "gen", collections.abc.Reversible: "list",
}  # fmt: skip
DICTS = {
    dict: "dict", collections.abc.Mapping: "dict", collections.abc.MutableMapping: "dict",
    collections.defaultdict: "dict", collections.OrderedDict: "OrderedDict", collections.Counter: "Counter",
}  # fmt: skip


def annotate(domain: Domain, hint: typing.Any, depth: int = 0) -> None:
    """Add what a resolved annotation admits; an annotation that says nothing adds nothing."""
    if depth > 6 or hint in (typing.Any, object, inspect.Parameter.empty):
        return
    domain.declared = True
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if _hashed(hint) and hint in SIMPLE:
        domain.allow(SIMPLE[hint], 1.0 if hint is not type(None) else 0.3)
    elif origin is typing.Union or origin is getattr(types, "UnionType", None):
        for argument in arguments:
            annotate(domain, argument, depth + 1)
    elif origin is typing.Literal:
        _options(domain, arguments)
    elif str(origin).endswith("Annotated") or hasattr(hint, "__metadata__"):
        annotate(domain, hint.__origin__, depth + 1)
    elif hasattr(hint, "__supertype__"):
        annotate(domain, hint.__supertype__, depth + 1)
    elif isinstance(hint, typing.TypeVar):
        for bound in hint.__constraints__ or ((hint.__bound__,) if hint.__bound__ else (int, str)):
            annotate(domain, bound, depth + 1)
    else:
        _generic(domain, origin or hint, arguments, depth)


def _hashed(hint: typing.Any) -> bool:
    try:
        hash(hint)
    except TypeError:
        return False
    return True


def _options(domain: Domain, values: typing.Iterable[typing.Any]) -> None:
    for value in values:
        try:
            recipe = recipe_of(value)
        except UnwritableError:
            continue
        domain.allow("option")
        if recipe not in domain.options:
            domain.options.append(recipe)


def _generic(domain: Domain, kind: typing.Any, arguments: tuple[typing.Any, ...], depth: int) -> None:
    if kind in LISTS:
        domain.allow(LISTS[kind])
        if kind is collections.abc.Iterable:
            domain.allow("iter", ONCE)
        if arguments:
            annotate(domain.items(), arguments[0], depth + 1)
    elif kind in DICTS:
        domain.allow(DICTS[kind])
        if len(arguments) == 2:
            annotate(domain.keys(), arguments[0], depth + 1)
            annotate(domain.values(), arguments[1], depth + 1)
    elif kind is tuple:
        domain.allow("tuple")
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            annotate(domain.items(), arguments[0], depth + 1)
        elif arguments:
            domain.parts = [Domain(domain.name) for _ in arguments]
            for part, argument in zip(domain.parts, arguments):
                annotate(part, argument, depth + 1)
    elif kind is collections.abc.Callable:
        domain.allow("fn")
        domain.callbacks = _answering(arguments)
    elif isinstance(kind, type):
        _class(domain, kind, depth)


def _answering(arguments: tuple[typing.Any, ...]) -> tuple[str, ...]:
    """Stand-ins that give what the annotation of a callable says it gives; none where it says nothing of that."""
    given, gives = arguments if len(arguments) == 2 else (..., None)
    if given == [] and gives in (int, float):
        return ("ticks",)
    return ANSWERING.get(gives, ()) if _hashed(gives) else ()


def _class(domain: Domain, kind: type, depth: int) -> None:
    if issubclass(kind, enum.Enum):
        _options(domain, list(kind))
    elif getattr(kind, "__total__", None) is not None and issubclass(kind, dict):
        domain.allow("dict")
        domain.fields = {}
        for name, hint in hints_of(kind).items():
            domain.fields[name] = Domain(name)
            annotate(domain.fields[name], hint, depth + 1)
        domain.declared_keys = True
        domain.required_keys = set(getattr(kind, "__required_keys__", domain.fields))
        domain.optional = set(domain.fields) - domain.required_keys
    else:
        where = importable(kind)
        if where is not None and where[0] != "builtins":
            domain.allow("new")
            domain.classes.append((where[0], where[1]))


def hints_of(item: typing.Any) -> dict[str, typing.Any]:
    """Resolved annotations, without those that do not resolve."""
    try:
        return dict(typing.get_type_hints(item))
    except Exception:
        return dict(_one_by_one(item))


def _one_by_one(item: typing.Any) -> typing.Iterator[tuple[str, typing.Any]]:
    """Annotations of which some name what is imported for type checkers only."""
    module = getattr(item, "__module__", None) or ""
    around = getattr(item, "__globals__", None) or vars(sys.modules.get(module, typing))
    annotations: dict[str, typing.Any] = {}
    try:
        for one in reversed(item.__mro__) if isinstance(item, type) else (item,):
            annotations.update(
                vars(one).get("__annotations__", {}) if one is not item else item.__annotations__
            )
    except Exception:
        return
    for name, hint in annotations.items():
        alone = types.SimpleNamespace(__annotations__={name: hint})
        try:
            yield name, typing.get_type_hints(alone, around, _Classes(module.partition(".")[0]))[name]
        except Exception:
            continue


class _Classes(typing.Dict[str, typing.Any]):
    """The classes of a package by their names, of the modules that are loaded."""

    def __init__(self, package: str) -> None:
        super().__init__()
        self.package = package

    def __missing__(self, name: str) -> typing.Any:
        for module in list(sys.modules):
            kind = vars(sys.modules[module]).get(name) if module.partition(".")[0] == self.package else None
            if isinstance(kind, type) and kind.__module__.partition(".")[0] == self.package:
                return kind
        raise KeyError(name)


def parameters(function: typing.Any, skip_first: bool) -> list[tuple[inspect.Parameter, Domain]]:
    """Parameters of a callable with their domains. Raises ValueError or TypeError without a signature."""
    signature = inspect.signature(function)
    plain = inspect.unwrap(getattr(function, "__func__", function))
    hints = hints_of(vars(plain).get("__init__", plain) if isinstance(plain, type) else plain)
    if isinstance(plain, type) and (dataclasses.is_dataclass(plain) or hasattr(plain, "_fields")):
        hints = {**hints_of(plain), **hints}
    found = []
    for parameter in list(signature.parameters.values())[1 if skip_first else 0 :]:
        domain = Domain(parameter.name)
        annotate(domain, hints.get(parameter.name, inspect.Parameter.empty))
        if parameter.default is not parameter.empty:
            _default(domain, parameter.default)
        _clock(domain, parameter)
        found.append((parameter, domain))
    return found


def like_builtin(kind: type) -> list[tuple[inspect.Parameter, Domain]] | None:
    """The parameter of a class that is built like the built-in class it extends; None for any other."""
    for base in (dict, list, set, frozenset, tuple, str, bytes, int, float):
        if issubclass(kind, base):
            domain = Domain()
            domain.allow(base.__name__)
            return [(inspect.Parameter("value", inspect.Parameter.POSITIONAL_ONLY), domain)]
    return None


def _default(domain: Domain, value: typing.Any) -> None:
    try:
        recipe = recipe_of(value)
    except UnwritableError:
        return
    if value is None:
        domain.allow("none", 0.3)
    elif not domain.declared or domain.open:
        domain.learn(recipe)
    elif recipe not in domain.pool:
        domain.pool.append(recipe)


def _clock(domain: Domain, parameter: inspect.Parameter) -> None:
    """A clock that is handed in: one that goes on between calls shows what depends on time."""
    told = getattr(parameter.default, "__module__", None) == "time" and callable(parameter.default)
    if told or (CLOCK.search(parameter.name) and not domain.declared):
        domain.allow("fn")
        domain.callbacks = ("ticks",)


def documented(text: str) -> set[str]:
    """Preconditions that a text states: ``ascending``, ``positive``, ``distinct``, ``nonempty``."""
    found = set()
    lowered = text.lower()
    if re.search(r"\b(sorted|ascending|increasing|chronological|in order|ordered by)\b", lowered):
        found.add("ascending")
    if re.search(
        r"\b(positive|non-?negative|not negative|never negative|at least (0|zero|1|one)|>= ?[01]|> ?0)\b",
        lowered,
    ):
        found.add("positive")
    if re.search(r"\b(distinct|unique|no duplicates|without duplicates)\b", lowered):
        found.add("distinct")
    return found
