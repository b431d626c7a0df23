"""Reads what only the binary plan file tells: the exact types of dynamic values.

A plan as JSON shows a list, a set and a tuple alike; a state must name the type or every such
value looks changed. The file is a zip with a protobuf message ``tfplan`` (planfile.proto of
Terraform, version 3, the same in OpenTofu) whose values are MessagePack; the few fields needed
here have kept their numbers since Terraform 0.14.
"""

import json
import struct
import zipfile
from typing import Any, Dict, Iterator, List, Tuple

RESOURCE_CHANGES = 3
ADDRESS = 13
CHANGE = 9
ACTION = 1
VALUES = 2
MSGPACK = 1
MAX_PLAN = 512 << 20


class Unknown:
    """A value that only apply tells."""


def dynamic_types(path: str) -> Dict[str, Dict[str, Any]]:
    """By resource address and attribute: the planned types of values encoded with their type.

    Only top-level attributes whose value is ``[type, value]`` with a type in JSON are given;
    the caller knows from the schema which of them are dynamic. Empty when the file is not
    understood.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("tfplan").file_size > MAX_PLAN:
                return {}
            message = archive.read("tfplan")
        return dict(_resource_types(message))
    except (
        OSError,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        struct.error,
        zipfile.BadZipFile,
        RecursionError,
    ):
        return {}


def _resource_types(message: bytes) -> Iterator[Tuple[str, Dict[str, Any]]]:
    for number, field in fields(message):
        if number != RESOURCE_CHANGES or not isinstance(field, bytes):
            continue
        parts: Dict[int, Any] = dict(fields(field))
        address, change = parts.get(ADDRESS), parts.get(CHANGE)
        if not isinstance(address, bytes) or not isinstance(change, bytes):
            continue
        values = [value for number, value in fields(change) if number == VALUES]
        if values and isinstance(values[-1], bytes):
            yield address.decode("utf-8", "replace"), _typed(dict(fields(values[-1])).get(MSGPACK, b""))


def _typed(packed: Any) -> Dict[str, Any]:
    value = unpack(packed) if packed else None
    found = {}
    for name, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, list) and len(item) == 2 and isinstance(item[0], (bytes, str)):
            try:
                found[name] = json.loads(item[0])
            except ValueError:
                continue
    return found


def fields(message: bytes) -> Iterator[Tuple[int, Any]]:
    """(field number, value) of a protobuf message: ints for numbers, bytes for the rest."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == 0:
            value, position = _varint(message, position)
            yield key >> 3, value
        elif kind == 2:
            length, position = _varint(message, position)
            if position + length > len(message):
                raise ValueError("cut off")
            yield key >> 3, message[position : position + length]
            position += length
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            yield key >> 3, int.from_bytes(message[position : position + size], "little")
            position += size
        else:
            raise ValueError("no protobuf message")


def _varint(data: bytes, position: int) -> Tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position
        shift += 7
        if shift > 63:
            raise ValueError("no varint")


def unpack(data: bytes) -> Any:
    """One MessagePack value; extension values (Terraform's unknowns) become ``Unknown``."""
    return _Unpacker(data).value()


class _Unpacker:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, size: int) -> bytes:
        if self.position + size > len(self.data):
            raise ValueError("cut off")
        self.position += size
        return self.data[self.position - size : self.position]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def value(self) -> Any:
        code = self.take(1)[0]
        if code < 0x80:
            return code
        if code < 0x90:
            return self.mapping(code & 0x0F)
        if code < 0xA0:
            return self.array(code & 0x0F)
        if code < 0xC0:
            return self.text(code & 0x1F)
        if code >= 0xE0:
            return code - 256
        return self.special(code)

    def special(self, code: int) -> Any:
        if code in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[code]
        if 0xC4 <= code <= 0xC6:
            return self.take(self.number(1 << (code - 0xC4)))
        if 0xC7 <= code <= 0xC9:
            self.take(self.number(1 << (code - 0xC7)) + 1)
            return Unknown
        if code in (0xCA, 0xCB):
            return struct.unpack(">f" if code == 0xCA else ">d", self.take(4 if code == 0xCA else 8))[0]
        if 0xCC <= code <= 0xCF:
            return self.number(1 << (code - 0xCC))
        if 0xD0 <= code <= 0xD3:
            return int.from_bytes(self.take(1 << (code - 0xD0)), "big", signed=True)
        if 0xD4 <= code <= 0xD8:
            self.take((1 << (code - 0xD4)) + 1)
            return Unknown
        if 0xD9 <= code <= 0xDB:
            return self.text(self.number(1 << (code - 0xD9)))
        if code in (0xDC, 0xDD):
            return self.array(self.number(2 if code == 0xDC else 4))
        if code in (0xDE, 0xDF):
            return self.mapping(self.number(2 if code == 0xDE else 4))
        raise ValueError("no MessagePack")

    def text(self, size: int) -> str:
        return self.take(size).decode("utf-8", "replace")

    def array(self, size: int) -> List[Any]:
        return [self.value() for _ in range(size)]

    def mapping(self, size: int) -> Dict[Any, Any]:
        return {self.value(): self.value() for _ in range(size)}
