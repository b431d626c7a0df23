"""Recipes: how to make a value, as JSON.

A recipe is ``null``, a bool, a short int, a str, or a list that begins with a tag. Recipes
travel between sandboxes, are varied and shrunk as plain data, and are written as Python by
:mod:`guestlib.source`.

==================================  ==========================================================
``["int", "123"]``                  an int beyond 2**53 (JSON readers disagree on these)
``["float", "0.1"]``                by its repr, ``nan`` and ``inf`` too
``["str", "hex"]``                  text with lone surrogates, as hex of UTF-8 surrogatepass
``["bytes", "hex"]``                also ``bytearray``
``["Decimal", "0.30"]``             ``["Fraction", "1", "3"]``, ``["complex", "0.0", "1.0"]``
``["date", "2024-02-29"]``          ``["time", iso, zone, fold]``, ``["datetime", iso, zone, fold]``,
                                    ``["timedelta", days, seconds, microseconds]``; a zone is
                                    null, ``["utc"]``, ``["offset", seconds]``, ``["zone", key]``
``["Path", "a/b"]``                 ``["UUID", "…"]``, ``["re", pattern, flags]``
``["list", [r, …]]``                also tuple, set, frozenset; ``["deque", [r, …], maxlen]``
``["dict", [[r, r], …]]``           also OrderedDict, Counter; ``["defaultdict", factory, pairs]``
``["range", a, b, c]``              ``["iter", [r, …]]`` an iterator, ``["gen", [r, …]]`` a generator
``["StringIO", text]``              ``["BytesIO", "hex"]``
``["enum", module, name, member]``  a member of an enumeration
``["new", module, name, [r], [[n, r]]]``  an object by its constructor
``["then", r, [[method, [r], [[n, r]]], …]]``  an object after further calls of its methods; a method
                                               ``width=`` sets the property ``width``
``["ref", module, name]``           a class, function or constant of a module, by name
``["file", name, content, kind]``    the path of a file or folder (:mod:`guestlib.files`)
``["fn", name]``                    a stand-in callback of :mod:`guestlib.callables`
``["graph", [m, n], [node, …], i]``  the i-th of objects that refer to each other; null in place of
                                    the class: plain objects. ``["at", i]`` another one of the
                                    same call (:mod:`guestlib.graphs`)
==================================  ==========================================================
"""

from __future__ import annotations

import builtins
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import importlib
import inspect
import io
import pathlib
import re
import sys
import types
import typing
import uuid

from guestlib import files, graphs, roots
from guestlib.callables import named
from guestlib.canon import attributes

Recipe = typing.Any
MAX_DEPTH = 10
MAX_NODES = 800
MAX_STRING = 20_000
SMALL = 2**53
SEQUENCES: dict[str, typing.Callable[..., typing.Any]] = {
    "list": list, "tuple": tuple, "set": set, "frozenset": frozenset,
}  # fmt: skip
PATHS = (pathlib.PosixPath, pathlib.PurePosixPath)


class UnwritableError(Exception):
    """The value has no recipe; the text says which part."""


class History:
    """How objects were made and what was called on them, as far as a recorder saw it.

    Holding the objects keeps their ids from being used again. ``files``: paths of temporary files are
    recorded with what lies there.
    """

    MAX_STEPS = 12

    def __init__(self, files: bool = False) -> None:
        self.files = files
        self.made: dict[int, tuple[object, list[Recipe], list[list[Recipe]], list[Recipe] | None]] = {}

    def add(self, value: object, args: list[Recipe], kwargs: list[list[Recipe]]) -> None:
        """``value`` was constructed with these arguments."""
        if len(self.made) < 5000:
            self.made[id(value)] = (value, args, kwargs, [])

    def step(self, value: object, step: list[Recipe] | None) -> None:
        """A method was called on ``value``; None for a call that has no recipe."""
        known = self.made.get(id(value))
        if known is not None and known[0] is value and known[3] is not None:
            steps = known[3]
            if step is None or len(steps) >= self.MAX_STEPS:
                self.made[id(value)] = (*known[:3], None)
            else:
                steps.append(step)

    def find(self, value: object, where: list[str]) -> Recipe:
        """The recipe of an object of the class at ``where``, None when it is not known."""
        known = self.made.get(id(value))
        if known is None or known[0] is not value or known[3] is None:
            return None
        new = ["new", *where, known[1], known[2]]
        return ["then", new, list(known[3])] if known[3] else new


def recipe_of(value: object, history: History | None = None) -> Recipe:
    """The recipe of ``value``. Raises :class:`UnwritableError`; runs no code of the value's class."""
    return _Maker(history).make(value, 0)


def zone_recipe(zone: datetime.tzinfo | None) -> Recipe:
    if zone is None:
        return None
    if zone is datetime.timezone.utc:
        return ["utc"]
    if type(zone) is datetime.timezone:
        return ["offset", int(zone.utcoffset(None).total_seconds())]
    key = getattr(zone, "key", None)
    if type(zone).__name__ == "ZoneInfo" and isinstance(key, str):
        return ["zone", key]
    raise UnwritableError("a time zone of class " + type(zone).__name__)


def importable(item: typing.Any) -> list[str] | None:
    """(module, qualified name) under which ``item`` itself can be found again, None without one."""
    module, name = getattr(item, "__module__", None), getattr(item, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or "<" in name or module == "__main__":
        return None
    try:
        return [roots.dotted(module), name] if lookup(module, name) is item else None
    except (KeyError, AttributeError):
        return None


def lookup(module: str, name: str) -> typing.Any:
    """The object of that name in a module that is loaded already."""
    found: typing.Any = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part)
    return found


class _Maker:
    def __init__(self, history: History | None) -> None:
        self.history = history
        self.nodes = 0
        self.open: set[int] = set()

    def make(self, value: typing.Any, depth: int) -> Recipe:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise UnwritableError("a value that is too large")
        if self.history is not None and self.history.files:
            placed = files.recipe_of(value)
            if placed is not None:
                return placed
        scalar = _scalar(value)
        if scalar is not value or value is None or type(value) in (bool, int, str):
            return scalar
        if id(value) in self.open:
            raise UnwritableError("a value that contains itself")
        self.open.add(id(value))
        try:
            return self.compound(value, type(value), depth + 1)
        finally:
            self.open.discard(id(value))

    def many(self, values: typing.Iterable[typing.Any], depth: int) -> list[Recipe]:
        return [self.make(value, depth) for value in values]

    def pairs(self, value: dict[typing.Any, typing.Any], depth: int) -> list[Recipe]:
        return [[self.make(key, depth), self.make(item, depth)] for key, item in value.items()]

    def compound(self, value: typing.Any, kind: type, depth: int) -> Recipe:
        if graphs.nodes and graphs.position(value) is not None:
            return ["at", graphs.position(value)]
        if kind in (list, tuple):
            return [kind.__name__, self.many(value, depth)]
        if kind in (set, frozenset):
            return [kind.__name__, sorted(self.many(value, depth), key=repr)]
        if kind in (dict, collections.OrderedDict, collections.Counter):
            return [kind.__name__, self.pairs(value, depth)]
        if kind is collections.defaultdict:
            factory = None if value.default_factory is None else self.make(value.default_factory, depth)
            return ["defaultdict", factory, self.pairs(value, depth)]
        if kind is collections.deque:
            return ["deque", self.many(value, depth), value.maxlen]
        if isinstance(value, enum.Enum) and value.name is not None:
            where = importable(kind)
            if where is not None and getattr(kind, value.name, None) is value:
                return ["enum", *where, value.name]
        if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
            where = importable(value)
            if where is not None:
                return ["ref", *where]
            raise UnwritableError("a function without a name")
        return self.instance(value, kind, depth)

    def instance(self, value: typing.Any, kind: type, depth: int) -> Recipe:
        where = importable(kind)
        if where is None:
            raise UnwritableError("an object of class " + kind.__qualname__)
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            return ["new", *where, self.many(tuple(value), depth), []]
        if dataclasses.is_dataclass(kind):
            fields = [field.name for field in dataclasses.fields(kind) if field.init]
            state = attributes(value, private=True)
            if all(name in state for name in fields) and "__init__" in kind.__dict__:
                return ["new", *where, [], [[name, self.make(state[name], depth)] for name in fields]]
        made = self.history.find(value, where) if self.history is not None else None
        if made is not None:
            return made
        return self.by_parameters(value, kind, where, depth)

    def by_parameters(self, value: typing.Any, kind: type, where: list[str], depth: int) -> Recipe:
        """Constructor arguments from attributes of the same names as the parameters."""
        state = attributes(value, private=True)
        try:
            parameters = list(inspect.signature(kind).parameters.values())
        except (TypeError, ValueError):
            raise UnwritableError("an object of class " + kind.__qualname__) from None
        found = []
        for parameter in parameters:
            for name in (parameter.name, "_" + parameter.name):
                if name in state:
                    found.append([parameter.name, self.make(state[name], depth)])
                    break
            else:
                if parameter.default is parameter.empty:
                    raise UnwritableError("an object of class " + kind.__qualname__)
        return ["new", *where, [], found]


def _scalar(value: typing.Any) -> typing.Any:
    """The recipe of a value without parts; the value itself where it is no such value."""
    kind = type(value)
    if kind is int and not -SMALL < value < SMALL:
        if value.bit_length() > 4000:
            raise UnwritableError("a very large int")
        return ["int", str(value)]
    if kind in (str, bytes, bytearray):
        if len(value) > MAX_STRING:
            raise UnwritableError("a very long text")
        if kind is str:
            lone = any("\ud800" <= letter <= "\udfff" for letter in value)
            return ["str", value.encode("utf-8", "surrogatepass").hex()] if lone else value
        return [kind.__name__, value.hex()]
    writer = _WRITERS.get(kind)
    return value if writer is None else writer(value)


_WRITERS: dict[type, typing.Callable[[typing.Any], Recipe]] = {
    float: lambda v: ["float", repr(v)],
    complex: lambda v: ["complex", repr(v.real), repr(v.imag)],
    decimal.Decimal: lambda v: ["Decimal", str(v)],
    fractions.Fraction: lambda v: ["Fraction", str(v.numerator), str(v.denominator)],
    datetime.datetime: lambda v: [
        "datetime",
        v.replace(tzinfo=None).isoformat(),
        zone_recipe(v.tzinfo),
        v.fold,
    ],
    datetime.date: lambda v: ["date", v.isoformat()],
    datetime.time: lambda v: ["time", v.replace(tzinfo=None).isoformat(), zone_recipe(v.tzinfo), v.fold],
    datetime.timedelta: lambda v: ["timedelta", v.days, v.seconds, v.microseconds],
    pathlib.PosixPath: lambda v: ["Path", str(v)],
    pathlib.PurePosixPath: lambda v: ["Path", str(v)],
    uuid.UUID: lambda v: ["UUID", str(v)],
    re.Pattern: lambda v: _pattern(v),
    range: lambda v: ["range", v.start, v.stop, v.step],
    io.StringIO: lambda v: ["StringIO", v.getvalue()],
    io.BytesIO: lambda v: ["BytesIO", v.getvalue().hex()],
}


def _pattern(value: re.Pattern[typing.Any]) -> Recipe:
    if not isinstance(value.pattern, str):
        raise UnwritableError("a pattern of bytes")
    return ["re", value.pattern, value.flags & ~re.UNICODE.value]


def build(recipe: Recipe) -> typing.Any:
    """The value of a recipe. Imports modules and runs constructors; any exception may come out."""
    if not isinstance(recipe, list):
        return recipe
    return _BUILDERS[recipe[0]](*recipe[1:])


def build_call(
    args: list[Recipe], kwargs: list[list[Recipe]]
) -> tuple[list[typing.Any], dict[str, typing.Any]]:
    """Positional and keyword arguments of a call. What an earlier call's ``at`` meant is forgotten."""
    graphs.nodes.clear()
    return _arguments(args, kwargs)


def _arguments(
    args: list[Recipe], kwargs: list[list[Recipe]]
) -> tuple[list[typing.Any], dict[str, typing.Any]]:
    return [build(item) for item in args], {name: build(item) for name, item in kwargs}


def find(module: str, name: str) -> typing.Any:
    """Import ``module`` and follow the dotted ``name`` in it."""
    found: typing.Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _zone(zone: Recipe) -> datetime.tzinfo | None:
    if zone is None:
        return None
    if zone[0] == "utc":
        return datetime.timezone.utc
    if zone[0] == "offset":
        return datetime.timezone(datetime.timedelta(seconds=zone[1]))
    import zoneinfo

    return zoneinfo.ZoneInfo(zone[1])


def _new(module: str, name: str, args: list[Recipe], kwargs: list[list[Recipe]]) -> typing.Any:
    positional, keywords = _arguments(args, kwargs)
    return find(module, name)(*positional, **keywords)


def _graph(where: list[str] | None, nodes: list[typing.Any], at: int) -> typing.Any:
    graphs.make(find(*where) if where else graphs.Node, nodes, build)
    return graphs.nodes[at]


def _then(receiver: Recipe, steps: list[typing.Any]) -> typing.Any:
    value = build(receiver)
    for method, args, kwargs in steps:
        positional, keywords = _arguments(args, kwargs)
        try:
            method_of(value, method)(*positional, **keywords)
        except (Exception, SystemExit):
            continue  # part of the history: the object's state after the error is what is wanted
    return value


def method_of(thing: object, name: str) -> typing.Callable[..., typing.Any]:
    """A method by its name; by ``width=`` what sets the property ``width``.

    Raises AttributeError where there is none.
    """
    if name.endswith("="):
        return functools.partial(setattr, thing, name[:-1])
    found: typing.Callable[..., typing.Any] = getattr(thing, name)
    return found


def _pairs(pairs: list[list[Recipe]]) -> dict[typing.Any, typing.Any]:
    return {build(key): build(item) for key, item in pairs}


def _moment(text: str, zone: Recipe, fold: int = 0) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=_zone(zone), fold=fold)


_BUILDERS: dict[str, typing.Callable[..., typing.Any]] = {
    "int": int,
    "float": float,
    "str": lambda text: bytes.fromhex(text).decode("utf-8", "surrogatepass"),
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "complex": lambda real, imaginary: complex(float(real), float(imaginary)),
    "Decimal": decimal.Decimal,
    "Fraction": lambda top, bottom: fractions.Fraction(int(top), int(bottom)),
    "date": datetime.date.fromisoformat,
    "time": lambda text, zone, fold=0: datetime.time.fromisoformat(text).replace(
        tzinfo=_zone(zone), fold=fold
    ),
    "datetime": _moment,
    "timedelta": datetime.timedelta,
    "Path": pathlib.Path,
    "UUID": uuid.UUID,
    "re": re.compile,
    "range": range,
    "StringIO": io.StringIO,
    "BytesIO": lambda text: io.BytesIO(bytes.fromhex(text)),
    "deque": lambda items, size: collections.deque([build(item) for item in items], size),
    "dict": _pairs,
    "OrderedDict": lambda pairs: collections.OrderedDict(_pairs(pairs)),
    "Counter": lambda pairs: collections.Counter(_pairs(pairs)),
    "defaultdict": lambda factory, pairs: collections.defaultdict(build(factory), _pairs(pairs)),
    "iter": lambda items: iter([build(item) for item in items]),
    "gen": lambda items: (value for value in [build(item) for item in items]),
    "enum": lambda module, name, member: getattr(find(module, name), member),
    "new": _new,
    "then": _then,
    "ref": find,
    "file": files.build,
    "fn": named,
    "graph": _graph,
    "at": lambda at: graphs.nodes[at],
}
for _name, _kind in SEQUENCES.items():
    _BUILDERS[_name] = functools.partial(lambda kind, items: kind([build(item) for item in items]), _kind)

BUILTIN_NAMES = frozenset(dir(builtins))
