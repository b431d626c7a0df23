"""JSON Schemas of the files that people write, generated from the types that read them."""

from typing import Any

import msgspec

from harness.model.described import described

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def render(kind: type[msgspec.Struct], title: str) -> bytes:
    """The schema (2020-12) of ``kind`` as indented JSON with sorted keys, so that it is equal each time.

    Unknown keys are errors in it, as they are in the file.
    """
    schema: dict[str, Any] = {"$schema": _DIALECT, "title": title, **described(msgspec.json.schema(kind))}
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2) + b"\n"
