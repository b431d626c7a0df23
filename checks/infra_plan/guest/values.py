"""What changed resources hold before and after, for rules about exposure and guards."""

import json
from typing import Any, Iterator

from .redaction import without_marked
from .synthesis import Object, managed

MAX_BYTES = 64 << 10
MAX_RESOURCES = 2000
ACTIONS = (["delete"], ["create"], ["update"], ["delete", "create"], ["create", "delete"])


def write(path: str, value: Any) -> None:
    """A value as a JSON file for people."""
    with open(path, "w") as stream:
        json.dump(value, stream, indent=1, sort_keys=True)


def values(plan: Object) -> Iterator[Object]:
    """A message for each resource that the plan creates, changes, replaces or destroys, secrets left out."""
    count = 0
    for change in managed(plan):
        details = change["change"]
        if details["actions"] not in ACTIONS or count >= MAX_RESOURCES:
            continue
        before = without_marked(details.get("before"), details.get("before_sensitive"))
        after = without_marked(details.get("after"), details.get("after_sensitive"))
        if len(json.dumps([before, after])) > MAX_BYTES:
            continue
        count += 1
        yield {
            "type": "values", "address": change["address"], "resource_type": change["type"],
            "name": change["name"], "previous": change.get("previous_address") or "",
            "before": before, "after": after,
            "unknown": sorted(k for k, v in (details.get("after_unknown") or {}).items() if v is True),
        }  # fmt: skip
