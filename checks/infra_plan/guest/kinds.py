"""Types of values in Terraform's JSON notation, and values as a state file holds them."""

from typing import Any, Dict, List, Set


def block_type(block: Dict[str, Any]) -> List[Any]:
    """The type of a schema block in Terraform's JSON notation."""
    kinds = {name: _attribute_type(item) for name, item in block.get("attributes", {}).items()}
    for name, nested in block.get("block_types", {}).items():
        inner = block_type(nested["block"])
        single = nested.get("nesting_mode") in ("single", "group")
        kinds[name] = inner if single else [nested["nesting_mode"], inner]
    return ["object", kinds]


def _attribute_type(attribute: Dict[str, Any]) -> Any:
    if "type" in attribute:
        return attribute["type"]
    nested = attribute.get("nested_type", {})
    inner = ["object", {name: _attribute_type(item) for name, item in nested.get("attributes", {}).items()}]
    return inner if nested.get("nesting_mode") == "single" else [nested.get("nesting_mode"), inner]


def optional_computed(schema: Dict[str, Any]) -> Set[str]:
    """Names of the arguments that a provider fills in where the configuration is silent."""
    attributes = schema.get("block", {}).get("attributes", {})
    return {name for name, item in attributes.items() if item.get("optional") and item.get("computed")}


def member(kind: Any, key: Any) -> Any:
    """The type of one element; ``dynamic`` where it is unknown."""
    if not isinstance(kind, list):
        return "dynamic"
    if kind[0] == "object":
        return kind[1].get(key, "dynamic")
    if kind[0] == "tuple":
        return kind[1][key] if isinstance(key, int) and key < len(kind[1]) else "dynamic"
    return kind[1]


def encode(value: Any, kind: Any, types: Any = None) -> Any:
    """A value as a state file holds it: dynamic ones travel with their type."""
    if value is None or not kind:
        return value
    if kind == "dynamic":
        return {"type": refine(types, value), "value": value}
    if kind[0] == "object" and isinstance(value, dict):
        known = types if isinstance(types, dict) else {}
        return {key: encode(item, kind[1].get(key), known.get(key)) for key, item in value.items()}
    if kind[0] == "map" and isinstance(value, dict):
        return {key: encode(item, kind[1]) for key, item in value.items()}
    if kind[0] in ("list", "set") and isinstance(value, list):
        return [encode(item, kind[1]) for item in value]
    return value


def refine(kind: Any, value: Any) -> Any:
    """A type without ``dynamic`` parts that fits the value, as close to ``kind`` as possible."""
    if isinstance(kind, list) and len(kind) == 2:
        if kind[0] == "object" and isinstance(value, dict):
            return ["object", {key: refine(kind[1].get(key), item) for key, item in value.items()}]
        if kind[0] == "tuple" and isinstance(value, list):
            known = kind[1] if len(kind[1]) == len(value) else [None] * len(value)
            return ["tuple", [refine(item, element) for item, element in zip(known, value)]]
        if kind[0] in ("list", "set", "map") and isinstance(value, (list, dict)):
            first = next(iter(value.values() if isinstance(value, dict) else value), None)
            return [kind[0], refine(kind[1], first)]
    if isinstance(kind, str) and kind != "dynamic":
        return kind
    return _infer(value)


def _infer(value: Any) -> Any:
    if value is None:
        return "dynamic"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return ["tuple", [_infer(item) for item in value]]
    return ["object", {key: _infer(item) for key, item in value.items()}]
