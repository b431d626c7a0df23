"""Instances of a block by ``count`` and ``for_each``, and its dynamic blocks written out.

Both put literals in the place of references (``each.value``, ``ingress.key``), as far as the
files tell them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from .evaluate import MISSING, Unknown, step_into
from .expansion import Placed
from .hcl import Attribute, Block, Expression

Key = str | int | None
MAX_INSTANCES = 200


def instances(placed: Placed) -> dict[Key, Placed] | None:
    """By key: the block with ``each`` or ``count`` filled in; None when the keys are not known."""
    for name in ("count", "for_each"):
        value = placed.value(name, default=MISSING)
        if value is MISSING:
            continue
        keyed = _keyed(name, value)
        if keyed is None or len(keyed) > MAX_INSTANCES:
            return None
        return {key: _bound(placed, key, bound) for key, bound in keyed.items()}
    return {None: placed}


def _keyed(name: str, value: Any) -> dict[Key, dict[str, Any]] | None:
    """By key: what the iteration's names stand for."""
    if name == "count":
        if isinstance(value, bool) or not isinstance(value, int) or value > MAX_INSTANCES:
            return None
        return {index: {"count": {"index": index}} for index in range(value)}
    if isinstance(value, dict):
        return {str(key): {"each": {"key": key, "value": item}} for key, item in value.items()}
    if isinstance(value, list) and not any(isinstance(item, Unknown | list | dict) for item in value):
        return {str(item): {"each": {"key": item, "value": item}} for item in value}
    return None


def _bound(placed: Placed, key: Key, names: Mapping[str, Any]) -> Placed:
    block = filled(placed.resource.block, names)
    return replace(
        placed, address=f"{placed.address}[{json.dumps(key)}]", resource=replace(placed.resource, block=block)
    )


def unrolled(placed: Placed) -> Placed:
    """The block with each dynamic block written out where its ``for_each`` is known."""
    block = placed.resource.block
    blocks = [inner for one in block.blocks for inner in _written_out(placed, one)]
    return replace(
        placed, resource=replace(placed.resource, block=msgspec.structs.replace(block, blocks=tuple(blocks)))
    )


def _written_out(placed: Placed, block: Block) -> list[Block]:
    if block.type != "dynamic" or not block.labels or "for_each" not in block.attributes:
        return [block]
    value = placed.scope.value(block.attributes["for_each"].value)
    iterator = block.attributes.get("iterator")
    name = iterator.value.text if iterator else block.labels[0]
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(item if isinstance(item, str) else index, item) for index, item in enumerate(value)]
    else:
        return [block]
    contents = [inner for inner in block.blocks if inner.type == "content"]
    return [
        msgspec.structs.replace(
            filled(content, {name: {"key": key, "value": item}}), type=block.labels[0], labels=()
        )
        for key, item in pairs[:MAX_INSTANCES]
        for content in contents
    ]


def filled(block: Block, names: Mapping[str, Any]) -> Block:
    """A block in which references below ``names`` are literals."""
    attributes = {
        key: Attribute(one.line, one.end, _filled(one.value, names)) for key, one in block.attributes.items()
    }
    return msgspec.structs.replace(
        block, attributes=attributes, blocks=tuple(filled(inner, names) for inner in block.blocks)
    )


def _filled(expression: Expression, names: Mapping[str, Any]) -> Expression:
    if expression.kind == "reference":
        head = re.split(r"[.\[]", expression.text, maxsplit=1)[0]
        if head in names:
            value = step_into(names[head], expression.text[len(head) :])
            return literal(value) if value is not MISSING and not _unknown(value) else expression
        return expression
    if not expression.items and not expression.pairs:
        return expression
    return msgspec.structs.replace(
        expression,
        items=tuple(_filled(item, names) for item in expression.items),
        pairs=tuple((key, _filled(item, names)) for key, item in expression.pairs),
    )


def _unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(_unknown(item) for item in value)
    return isinstance(value, Unknown)


def literal(value: Any) -> Expression:
    """The expression of a JSON-like value."""
    if isinstance(value, list):
        return Expression("list", items=tuple(literal(item) for item in value))
    if isinstance(value, dict):
        return Expression("object", pairs=tuple((str(k), literal(v)) for k, v in value.items()))
    return Expression("literal", value=value)
