"""A provider's schema message: cut down to some types, and read for the shape of a type."""

import json
from typing import Any, Dict, Iterable, List, Set

from ..wire.messagepack import Unknown
from ..wire.protobuf import encode, fields, last, texts

RESOURCES, DATA, EPHEMERAL = 2, 3, 8
BY_TYPE = (RESOURCES, DATA, EPHEMERAL, 9, 11)
KEY, VALUE, BLOCK = 1, 2, 2
CAPABILITIES, OPTIONAL = 6, 2
LISTS = (2, 3)
"""Nesting modes whose absence is an empty collection: list and set."""


def pruned(message: bytes, wanted: Set[str]) -> bytes:
    """The schema with the wanted types only; everything else of it as it came.

    Terraform decodes a schema as a whole: for a provider of 1,500 types that takes longer than
    the plan.
    """
    kept = []
    for number, value in fields(message):
        if number in BY_TYPE and isinstance(value, bytes) and not wanted & set(texts(value, KEY)):
            continue
        kept.append((number, value))
    return encode(kept)


def left_out(message: bytes, wanted: Set[str]) -> List[str]:
    """The names of the types that :func:`pruned` leaves out."""
    names = (
        texts(value, KEY)
        for number, value in fields(message)
        if number in BY_TYPE and isinstance(value, bytes)
    )
    return sorted({name for found in names for name in found} - wanted)


def is_optional(message: bytes) -> bool:
    """Whether the provider says that it need not be asked for its schema before anything else."""
    capabilities = last(message).get(CAPABILITIES, b"")
    return isinstance(capabilities, bytes) and bool(last(capabilities).get(OPTIONAL))


def block(message: bytes, kind: int, name: str) -> bytes:
    """The block of one type's schema, empty when it has none."""
    for number, value in fields(message):
        if number == kind and isinstance(value, bytes) and name in texts(value, KEY):
            schema: bytes = last(last(value).get(VALUE, b"")).get(BLOCK, b"")
            return schema
    return b""


class Attribute:
    """One attribute of a schema block; ``type`` in Terraform's JSON notation, None when nested."""

    def __init__(self, message: bytes) -> None:
        parts = last(message)
        self.name = parts.get(1, b"").decode("utf-8", "replace")
        self.type: Any = json.loads(parts[2]) if parts.get(2) else None
        self.computed = bool(parts.get(6))
        # field 10 is the nested type in protocol 6, and whether it is write-only in protocol 5
        self.nested: bytes = parts[10] if isinstance(parts.get(10), bytes) else b""

    def kind(self) -> Any:
        """The type, also of a nested attribute."""
        if not self.nested:
            return self.type
        parts = last(self.nested)
        inner = ["object", {a.name: a.kind() for a in attributes(self.nested, 1)}]
        word = {2: "list", 3: "set", 4: "map"}.get(parts.get(3, 1))
        return [word, inner] if word else inner


def attributes(message: bytes, number: int = 2) -> List[Attribute]:
    return [Attribute(value) for n, value in fields(message) if n == number and isinstance(value, bytes)]


class Nested:
    """One nested block of a schema block; ``nesting`` is 1 single, 2 list, 3 set, 4 map, 5 group."""

    def __init__(self, message: bytes) -> None:
        parts = last(message)
        self.name = parts.get(1, b"").decode("utf-8", "replace")
        self.block: bytes = parts.get(2, b"")
        self.nesting = parts.get(3, 0)


def nested(message: bytes) -> List[Nested]:
    return [Nested(value) for n, value in fields(message) if n == 3 and isinstance(value, bytes)]


def empty(message: bytes) -> Dict[str, Any]:
    """The value of a block in which nothing is set."""
    value: Dict[str, Any] = {attribute.name: None for attribute in attributes(message)}
    for inner in nested(message):
        value[inner.name] = [] if inner.nesting in LISTS else {} if inner.nesting == 4 else None
    return value


def without_unknown(value: Any) -> Any:
    """A value with null for what only an apply tells."""
    if value is Unknown:
        return None
    if isinstance(value, dict):
        return {key: without_unknown(item) for key, item in value.items()}
    return [without_unknown(item) for item in value] if isinstance(value, list) else value


def words(texts_: Iterable[bytes]) -> Set[str]:
    """Every name that stands in some files of code: a type that is used is among them."""
    found: Set[str] = set()
    for text in texts_:
        cleaned = "".join(c if c.isalnum() or c in "_-" else " " for c in text.decode("utf-8", "replace"))
        found.update(cleaned.split())
    return found
