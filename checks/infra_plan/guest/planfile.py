"""Reads what only the binary plan file tells: the exact types of dynamic values.

A plan as JSON shows a list, a set and a tuple alike; a state must name the type or every such
value looks changed. The file is a zip with a protobuf message ``tfplan`` (planfile.proto of
Terraform, version 3, the same in OpenTofu) whose values are MessagePack; the few fields needed
here have kept their numbers since Terraform 0.14.
"""

import json
import struct
import zipfile
from typing import Any, Dict, Iterator, Tuple

from .wire.messagepack import unpack
from .wire.protobuf import fields

RESOURCE_CHANGES = 3
ADDRESS = 13
CHANGE = 9
ACTION = 1
VALUES = 2
MSGPACK = 1
MAX_PLAN = 512 << 20


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
