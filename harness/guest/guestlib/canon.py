"""Canonical text of any value, so that two processes can compare what they computed.

``canon(value)`` reads like Python. Two values get the same text when a caller could not tell
them apart: NaN equals NaN, sets are sorted, addresses are left out, types count (1, 1.0 and
True differ), private attributes of objects do not. ``canon(value, loose=True)`` also ignores
what a refactoring may change without harm: the order of a dict, the last digits of a float,
trailing zeros of a Decimal, whether the items come in a list or from an iterator, and the names
of private classes. The *plain* text besides writes an instance of a subclass of a built-in type
(``Counter``, a named tuple, a ``StrEnum`` member) as that type.
"""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import hashlib
import io
import os
import pathlib
import re
import types
import typing
import uuid

MAX_DEPTH = 14
MAX_NODES = 6000
MAX_TEXT = 20_000
MAX_ITEMS = 1000
ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
HIDDEN = re.compile(r"cache|lock|mutex|memo|logger", re.IGNORECASE)
CALLABLES = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType,
    types.WrapperDescriptorType, types.MethodDescriptorType,
)  # fmt: skip
DICT_VIEWS = (type({}.keys()), type({}.values()), type({}.items()))
NUMBERS = (int, float, decimal.Decimal, fractions.Fraction)
PLAIN = (
    datetime.date,
    datetime.time,
    datetime.timedelta,
    datetime.tzinfo,
    range,
    slice,
    uuid.UUID,
    re.Pattern,
)


def plain_number(value: typing.Any) -> typing.Any:
    """A whole number as an int, another finite one as a float; what is neither stays."""
    try:
        return int(value) if value == int(value) else float(value)
    except (OverflowError, ValueError, ArithmeticError):
        return value


class Shapes:
    """Names of the public attributes of the tree's classes.

    Head may give a class one more attribute without changing what base's callers see. Base
    collects in ``seen`` the attributes that it met; head, given them as ``known``, leaves out
    every attribute of those classes that base did not have, and reads by ``getattr`` those that
    its objects do not hold themselves any more: properties and attributes of the class. What was
    such a one on base already is told as ``class:name``.
    """

    def __init__(self, known: dict[str, list[str]] | None = None) -> None:
        self.known: dict[str, frozenset[str]] = {}
        self.seen: dict[str, set[str]] = {}
        self.learn(known or {})

    def learn(self, known: dict[str, list[str]]) -> None:
        """Base has met more of its classes' attributes: what it knows now."""
        self.known = {name: frozenset(names) for name, names in known.items()}

    def visible(self, kind: type, names: list[str]) -> list[str]:
        """Those of ``names`` that count for an object of class ``kind``."""
        key = kind.__module__ + "." + kind.__qualname__
        if key not in self.seen:
            self.seen[key] = {
                "class:" + name for one in kind.__mro__ for name in vars(one) if name[:1] != "_"
            }
        self.seen[key].update(names)
        known = self.known.get(key)
        return names if known is None else [name for name in names if name in known]

    def elsewhere(self, value: object, names: typing.Collection[str]) -> dict[str, object]:
        """Attributes that base's objects of the class hold and this one has from its class."""
        kind = type(value)
        known = self.known.get(kind.__module__ + "." + kind.__qualname__, frozenset())
        found: dict[str, object] = {}
        for name in known:
            if name in names or name.startswith("class:") or "class:" + name in known:
                continue
            try:
                item = getattr(value, name)
            except Exception:
                continue
            if not isinstance(item, CALLABLES):
                found[name] = item
        return found


class Drained:
    """What an iterator gave: its items (capped) and how it ended: ``end``, ``more`` or a class name.

    ``error`` is the exception that ended it.
    """

    def __init__(self, items: list[typing.Any], end: str, error: BaseException | None = None) -> None:
        self.items = items
        self.end = end
        self.error = error


def canon(
    value: object,
    loose: bool = False,
    private: bool = False,
    shapes: Shapes | None = None,
    root: str = "/tree",
    numeric: bool = False,
) -> str:
    """Canonical text of ``value``; ``private`` includes attributes that begin with an underscore.

    ``numeric`` makes equal numbers of different types equal, as ``==`` does.
    """
    writer = _Writer(loose, private, shapes or Shapes(), root)
    writer.numeric = numeric
    return writer.write(value, 0)


def canon_texts(value: object, shapes: Shapes | None = None, root: str = "/tree") -> dict[str, str]:
    """``text``, and ``loose`` and ``plain`` where these differ from the one before."""
    writer = _Writer(False, False, shapes or Shapes(), root)
    found = {"text": writer.write(value, 0)}
    if writer.loosenable:
        loose = canon(value, loose=True, shapes=shapes, root=root)
        if loose != found["text"]:
            found["loose"] = loose
    if writer.subclassed:
        writer = _Writer(True, False, shapes or Shapes(), root)
        writer.plain = True
        found["plain"] = writer.write(value, 0)
    return found


def drain(iterator: typing.Iterator[typing.Any]) -> Drained:
    """Take at most MAX_ITEMS items; an exception of the iterator ends it and is told by its class."""
    items: list[typing.Any] = []
    try:
        for item in iterator:
            items.append(item)
            if len(items) >= MAX_ITEMS:
                return Drained(items, "more")
    except Exception as error:
        return Drained(items, type(error).__name__, error)
    return Drained(items, "end")


def is_iterator(value: object) -> bool:
    """Whether iterating ``value`` uses it up."""
    return hasattr(type(value), "__next__") and not isinstance(value, (io.IOBase, type))


def group(value: object) -> str:
    """Coarse type of a value, the ``narrow`` evidence of a difference."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float, complex, decimal.Decimal, fractions.Fraction)):
        return "number"
    if isinstance(value, (str, bytes, bytearray)):
        return "text"
    if isinstance(value, (list, tuple, dict, set, frozenset, collections.deque, Drained)) or is_iterator(
        value
    ):
        return "collection"
    return "object"


def attributes(value: object, private: bool = False) -> dict[str, object]:
    """Data attributes of an object from its ``__dict__`` and slots, without caches and locks."""
    found: dict[str, object] = {}
    for kind in reversed(type(value).__mro__):
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            if isinstance(name, str) and name not in ("__dict__", "__weakref__"):
                try:
                    found[name] = object.__getattribute__(value, name)
                except AttributeError:
                    continue
    try:
        found.update(object.__getattribute__(value, "__dict__"))
    except (AttributeError, TypeError):
        pass
    return {
        name: item
        for name, item in found.items()
        if (private or not name.startswith("_"))
        and not HIDDEN.search(name)
        and not isinstance(item, CALLABLES)
    }


def _loose_float(value: float) -> str:
    text = "0.0" if value == 0 else format(value, ".11g")
    return text if any(mark in text for mark in ".en") else text + ".0"


class _Writer:
    def __init__(self, loose: bool, private: bool, shapes: Shapes, root: str) -> None:
        self.loose = loose
        self.private = private
        self.shapes = shapes
        self.root = root
        self.nodes = 0
        self.loosenable = False
        self.subclassed = False
        self.plain = False
        self.numeric = False
        self.open: set[int] = set()

    def write(self, value: typing.Any, depth: int) -> str:
        self.nodes += 1
        kind = type(value)
        if self.numeric and kind in NUMBERS:
            value = plain_number(value)
            kind = type(value)
        if value is None or kind is bool:
            return str(value)
        if kind is int:
            return self.integer(value)
        if kind is str or kind is bytes:
            return self.cap(repr(value))
        if kind is float:
            self.loosenable = True
            return _loose_float(value) if self.loose else repr(value)
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            return "…"
        if id(value) in self.open:
            return "<cycle>"
        self.open.add(id(value))
        try:
            return self.compound(value, kind, depth + 1)
        finally:
            self.open.discard(id(value))

    def integer(self, value: int) -> str:
        if value.bit_length() <= 4000:
            return str(int(value))
        digest = hashlib.sha256(hex(value).encode()).hexdigest()[:16]
        return "<int of %d bits, %s>" % (value.bit_length(), digest)

    def cap(self, text: str) -> str:
        if len(text) <= MAX_TEXT:
            return text
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return "%s… <%d characters, %s>" % (text[:200], len(text), digest)

    def items(self, values: typing.Iterable[typing.Any], depth: int) -> list[str]:
        found = []
        for value in values:
            found.append(self.write(value, depth))
            if self.nodes > MAX_NODES:
                found.append("…")
                break
        return found

    def pairs(self, value: typing.Any, depth: int) -> list[str]:
        found = []
        for key, item in list(dict.items(value)):
            found.append(self.write(key, depth) + ": " + self.write(item, depth))
            if self.nodes > MAX_NODES:
                found.append("…")
                break
        return found

    def compound(self, value: typing.Any, kind: type, depth: int) -> str:
        if isinstance(value, enum.Enum):
            self.subclassed = self.subclassed or isinstance(value, (int, str))
            if self.plain and isinstance(value, (int, str)):
                return self.write(value.value, depth)
            return kind.__qualname__ + "." + str(value.name or value.value)
        if isinstance(value, (int, float, complex, str, bytes, bytearray)):
            return self.number_or_text(value, kind)
        if isinstance(value, (list, tuple, set, frozenset, dict, collections.deque)):
            return self.container(value, kind, depth)
        if isinstance(value, decimal.Decimal):
            self.loosenable = True
            return "Decimal('%s')" % (value.normalize() if self.loose and value.is_finite() else value)
        if isinstance(value, (fractions.Fraction, *PLAIN)):
            return self.cap(ADDRESS.sub("0x…", repr(value)))
        if isinstance(value, os.PathLike):
            return "%s(%r)" % (kind.__name__, self.strip(str(pathlib.PurePath(value))))
        if isinstance(value, (type, types.ModuleType, functools.partial, *CALLABLES)):
            return self.named(value, depth)
        if isinstance(value, BaseException):
            self.loosenable = True
            inner = "" if self.loose else ", ".join(self.items(value.args, depth))
            return "%s(%s)" % (kind.__name__, inner)
        if isinstance(value, Drained) or is_iterator(value):
            return self.iterator(value if isinstance(value, Drained) else drain(value), depth)
        return self.thing(value, kind, depth)

    def number_or_text(self, value: typing.Any, kind: type) -> str:
        for base in (int, float, complex, str, bytes, bytearray):
            if isinstance(value, base):
                if base is complex:
                    plain = repr(complex(value))
                elif base is bytearray:
                    return self.cap(repr(bytearray(value)))
                else:
                    plain = base.__repr__(value)
                return self.cap(self.labelled(plain, kind, base))
        return "<%s>" % kind.__name__

    def container(self, value: typing.Any, kind: type, depth: int) -> str:
        if isinstance(value, dict):
            parts = self.pairs(value, depth)
            self.loosenable = True
            ordered = isinstance(value, collections.OrderedDict) and not self.plain
            if isinstance(value, collections.Counter) or (self.loose and not ordered):
                parts.sort()
            return self.labelled("{" + ", ".join(parts) + "}", kind, dict)
        if isinstance(value, (set, frozenset)):
            text = "{" + ", ".join(sorted(self.items(set.__iter__(value) if isinstance(value, set)
                                                     else frozenset.__iter__(value), depth))) + "}"  # fmt: skip
            return self.labelled(text, kind, set)
        if isinstance(value, collections.deque):
            parts = self.items(list(value), depth)
            return "%s([%s], maxlen=%s)" % (kind.__name__, ", ".join(parts), value.maxlen)
        if isinstance(value, list):
            if self.loose and len(value) >= MAX_ITEMS:  # as long as an iterator is read
                return "[" + ", ".join(self.items(value[:MAX_ITEMS], depth)) + "] and more"
            self.loosenable = self.loosenable or len(value) >= MAX_ITEMS
            text = "[" + ", ".join(self.items(list.__iter__(value), depth)) + "]"
            return self.labelled(text, kind, list)
        parts = self.items(tuple.__iter__(value), depth)
        fields = getattr(kind, "_fields", None)
        if isinstance(fields, tuple) and len(fields) == len(parts) and not self.plain:
            self.subclassed = True
            named = ["%s=%s" % (name, part) for name, part in zip(fields, parts)]  # noqa: B905
            return "%s(%s)" % (kind.__name__, ", ".join(named))
        text = "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
        return self.labelled(text, kind, tuple)

    def labelled(self, text: str, kind: type, base: type) -> str:
        """The text of a value of a built-in type, with the name of its subclass."""
        if kind is base:
            return text
        self.subclassed = True
        return text if self.plain else "%s(%s)" % (kind.__name__, text)

    def named(self, value: typing.Any, depth: int) -> str:
        if isinstance(value, functools.partial):
            return "partial(%s)" % ", ".join(
                [
                    self.write(value.func, depth),
                    *self.items(value.args, depth),
                    *self.pairs(value.keywords, depth),
                ]
            )
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", "?")
        if isinstance(value, type):
            return "<class %s>" % name
        if isinstance(value, types.ModuleType):
            return "<module %s>" % name
        return "<callable>" if "<locals>" in name or "<lambda>" in name else "<function %s>" % name

    def iterator(self, value: Drained, depth: int) -> str:
        self.loosenable = True
        text = "[" + ", ".join(self.items(value.items, depth)) + "]"
        ending = {"end": "", "more": " and more"}.get(value.end, " then raises " + value.end)
        return text + ending if self.loose else "<iterator of %s%s>" % (text, ending)

    def thing(self, value: typing.Any, kind: type, depth: int) -> str:
        if isinstance(value, (io.StringIO, io.BytesIO)) and not value.closed:
            return "%s(%s)" % (kind.__name__, self.write(value.getvalue(), depth))
        if isinstance(value, re.Match):
            return "<match %s %s>" % (value.span(), self.write(value.group(), depth))
        if isinstance(value, (types.MappingProxyType, *DICT_VIEWS)):
            parts = self.pairs(dict(value), depth) if isinstance(value, types.MappingProxyType) else None
            return "%s([%s])" % (
                kind.__name__,
                ", ".join(self.items(value, depth) if parts is None else parts),
            )
        if isinstance(value, (array.array, memoryview)):
            return "%s(%s)" % (kind.__name__, self.write(value.tolist(), depth))
        return self.instance(value, kind, depth)

    def instance(self, value: typing.Any, kind: type, depth: int) -> str:
        fields = attributes(value, self.private)
        if not self.private:
            fields.update(self.shapes.elsewhere(value, fields))
        names = fields if self.private else self.shapes.visible(kind, sorted(fields))
        names = [
            name for name in names if type(fields[name]).__module__ != "logging"
        ]  # what it logs to is nobody's
        parts = ["%s=%s" % (name, self.write(fields[name], depth)) for name in sorted(names)]
        if hasattr(kind, "__len__") and hasattr(kind, "__iter__"):
            parts.append("[" + ", ".join(self.items(drain(iter(value)).items, depth)) + "]")
        if not parts and kind.__repr__ is not object.__repr__:
            try:
                parts.append(self.cap(ADDRESS.sub("0x…", self.strip(repr(value)))))
            except Exception:
                parts.append("?")
        name = kind.__qualname__
        private = name.rpartition(".")[2].startswith("_")
        self.loosenable = self.loosenable or private
        return "%s(%s)" % ("_" if private and self.loose else name, ", ".join(parts))

    def strip(self, text: str) -> str:
        return text.replace(self.root, "<tree>") if self.root else text
