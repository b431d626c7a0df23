"""JSON Schemas of the model's types, the same whichever version of the library writes them."""

import inspect
from typing import Any


def described(schema: Any) -> Any:
    """The schema with the margins of descriptions removed, which msgspec does from version 0.23 on."""
    if isinstance(schema, list):
        return [described(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: inspect.cleandoc(value)
        if name == "description" and isinstance(value, str)
        else described(value)
        for name, value in schema.items()
    }
