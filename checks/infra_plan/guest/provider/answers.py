"""Made-up answers for what only a cloud could tell: deterministic, typed, the same on both sides."""

import hashlib
import json
from typing import Any, Dict, List

from .. import placeholder
from . import schema

ELEMENTS = 3
KNOWN = {
    "account_id": "000000000000", "partition": "aws", "dns_suffix": "amazonaws.com", "region": "us-east-1",
    "hosted_zone_id": "Z0000000000000", "user_id": "AIDAHARNESS",
}  # fmt: skip


def fingerprint(config: Any) -> str:
    """Short digest of a read's arguments."""
    return hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()[:8]


def filled(block: bytes, config: Any, seed: str) -> Dict[str, Any]:
    """A read's result: its arguments as given, a stand-in for each computed value."""
    given = config if isinstance(config, dict) else {}
    result: Dict[str, Any] = {}
    for attribute in schema.attributes(block):
        value = given.get(attribute.name)
        if value is None and attribute.computed:
            value = made(attribute.kind(), attribute.name, seed)
        result[attribute.name] = value
    for inner in schema.nested(block):
        value = given.get(inner.name)
        if isinstance(value, list):
            value = [filled(inner.block, item, seed) for item in value]
        elif isinstance(value, dict) and inner.nesting in (1, 5):
            value = filled(inner.block, value, seed)
        elif value is None and inner.nesting in schema.LISTS:
            value = []
        result[inner.name] = value
    return result


def made(kind: Any, name: str, seed: str) -> Any:
    """A stand-in of a type in Terraform's JSON notation."""
    if kind == "string":
        return KNOWN.get(name) or placeholder.text(name, "%s.%s" % (seed, name))
    if kind == "number":
        return 1
    if kind == "bool":
        return False
    if kind in ("dynamic", None):
        return None
    if kind[0] in ("list", "set"):
        return [made(kind[1], name, "%s%d" % (seed, index)) for index in range(ELEMENTS)]
    if kind[0] == "map":
        return {}
    if kind[0] == "object":
        return {key: made(item, key, seed) for key, item in kind[1].items()}
    items: List[Any] = [made(item, name, seed) for item in kind[1]]
    return items
