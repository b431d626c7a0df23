"""Stand-ins for values that only a real apply would tell: deterministic, typed, recognisable."""

import hashlib
from typing import Any, List, Sequence, Union

MARK = "harness-"
Step = Union[str, int]
Path = List[Step]


def text(name: str, seed: str) -> str:
    """A string that a provider's validation of such a name is likely to accept."""
    short = hashlib.sha256(seed.encode()).hexdigest()[:8]
    lower = name.lower()
    if lower.endswith("arn"):
        return "arn:aws:harness:us-east-1:000000000000:" + MARK + short
    if "cidr" in lower:
        return "10.0.0.0/16"
    if lower == "ip" or lower.endswith(("_ip", "ip_address")):
        return "192.0.2.1"
    if lower.endswith(("json", "policy")):
        return '{"Version":"2012-10-17","Statement":[]}'
    if lower.endswith(("_at", "_date", "_time", "timestamp")):
        return "2000-01-01T00:00:00Z"
    return MARK + short


def make(kind: Any, path: Sequence[Step], seed: str) -> Any:
    """A value of a type in Terraform's JSON notation (``"string"``, ``["list", …]`` …)."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "value")
    if kind == "string" or kind in ("dynamic", None):
        return text(name, "%s:%s" % (seed, list(path)))
    if kind == "number":
        return 1
    if kind == "bool":
        return False
    if kind[0] in ("list", "set"):
        return []
    if kind[0] == "map":
        return {}
    if kind[0] == "object":
        return {key: make(item, [*path, key], seed) for key, item in kind[1].items()}
    return [make(item, [*path, index], seed) for index, item in enumerate(kind[1])]


def empty(kind: Any) -> Any:
    """What a computed value is while a provider has nothing to say: null or no elements."""
    if isinstance(kind, list) and kind[0] in ("list", "set"):
        return []
    return {} if isinstance(kind, list) and kind[0] == "map" else None
