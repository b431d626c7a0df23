"""Whether a difference can rest on a stand-in: a value that only the real infrastructure tells."""

import json
from typing import Any, List, Sequence, Set

from . import placeholder


def rests_on_stand_in(leaf: Sequence[Any], before: Any, after: Any, stood_in: Set[str]) -> bool:
    """Whether the values at a path might be equal in reality.

    ``stood_in`` holds paths of base's state, as JSON, whose values are made up. A list or a map
    of which only some elements are made up differs for certain when a known element is gone.
    """
    if placeholder.MARK in json.dumps(after):
        return True
    path = list(leaf)
    if any(json.dumps(path[:size]) in stood_in for size in range(1, len(path) + 1)):
        return True
    inside = [json.loads(text) for text in stood_in]
    below = [one[len(path) :] for one in inside if one[: len(path)] == path]
    if not below and placeholder.MARK not in json.dumps(before):
        return False
    return not _lost_something(before, after, below)


def _lost_something(before: Any, after: Any, below: List[List[Any]]) -> bool:
    if isinstance(before, list) and isinstance(after, list):
        made_up = {path[0] for path in below}
        known = [
            item
            for i, item in enumerate(before)
            if i not in made_up and placeholder.MARK not in json.dumps(item)
        ]
        return any(item not in after for item in known)
    if isinstance(before, dict) and isinstance(after, dict):
        made_up = {path[0] for path in below}
        return any(k not in made_up and after.get(k) != v for k, v in before.items())
    return False
