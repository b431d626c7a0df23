"""What a plan does, one plain object a resource, without secrets."""

import json
import re
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from . import placeholder
from .replaying import NO_CHANGE, Replay
from .synthesis import Object, managed, without_indexes

MAX_VALUE = 300
MAX_FORCED = 12
MAX_CHANGES = 6000
SECRET = re.compile(
    r"(?i)pass(word|wd|phrase)?$|^pass|secret|token|private_?key|credential|api_?key|access_?key"
)


def changes(replay: Replay, plan: Object, blocked: Set[str]) -> List[Object]:
    """Every managed resource that the plan touches, the destroyed ones first."""
    found = [c for c in managed(plan) if c["change"]["actions"] not in NO_CHANGE or c.get("previous_address")]
    found.sort(key=lambda c: ("delete" not in c["change"]["actions"], c["address"]))
    created = [c for c in found if c["change"]["actions"] == ["create"]]
    uses = references(plan)
    return [_change(replay, change, created, uses, blocked) for change in found[:MAX_CHANGES]]


def _change(
    replay: Replay, change: Object, created: List[Object], uses: Dict[str, List[str]], blocked: Set[str]
) -> Object:
    details = change["change"]
    address, previous = change["address"], change.get("previous_address")
    stood_in = replay.synthesis.stood_in.get(previous or address, set())
    return {
        "type": "change",
        "address": address,
        "resource_type": change["type"],
        "name": change["name"],
        "module": change.get("module_address") or "",
        "actions": details["actions"],
        "reason": change.get("action_reason") or "",
        "previous": previous or "",
        "importing": bool(details.get("importing")),
        "forced": list(_forced(details, stood_in))[:MAX_FORCED],
        "twin": _twin(change, created),
        "residual": address in replay.residual,
        "blocked": address in blocked or previous in blocked,
        "uses": uses.get(without_indexes(address), []),
        "words": _words(details),
    }


def _forced(details: Object, stood_in: Set[str]) -> Iterator[Object]:
    """The leaves that differ below each path that forces replacement."""
    for path in details.get("replace_paths") or []:
        before, after = reach(details.get("before"), path), reach(details.get("after"), path)
        unknown = reach(details.get("after_unknown"), path)
        secret = _marked(details.get("before_sensitive"), path) or _marked(
            details.get("after_sensitive"), path
        )
        unsure = json.dumps(path) in stood_in
        for leaf, old, new, not_known in leaves(list(path), before, after, unknown):
            hidden = secret or any(isinstance(step, str) and SECRET.search(step) for step in leaf)
            hidden = hidden or _marked(details.get("after_sensitive"), leaf)
            hidden = hidden or _marked(details.get("before_sensitive"), leaf)
            guess = placeholder.MARK in json.dumps(new) or placeholder.MARK in json.dumps(old)
            yield {
                "path": leaf,
                "before": "(sensitive)" if hidden else shown(old),
                "after": "(known after apply)" if not_known else "(sensitive)" if hidden else shown(new),
                "unknown": not_known,
                "unsure": unsure or json.dumps(leaf) in stood_in or guess,
            }


def leaves(
    path: List[Any], before: Any, after: Any, unknown: Any
) -> Iterator[Tuple[List[Any], Any, Any, bool]]:
    """(path, before, after, unknown) of what differs, as deep as both sides have the same shape."""
    if unknown is True:
        yield path, before, None, True
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after) and before:
        for index, (old, new) in enumerate(zip(before, after)):
            inner = unknown[index] if isinstance(unknown, list) and index < len(unknown) else None
            if old != new or inner:
                yield from leaves([*path, index], old, new, inner)
    elif isinstance(before, dict) and isinstance(after, dict) and before:
        for key in sorted(set(before) | set(after)):
            inner = unknown.get(key) if isinstance(unknown, dict) else None
            if before.get(key) != after.get(key) or inner:
                yield from leaves([*path, key], before.get(key), after.get(key), inner)
    elif before != after or _any_true(unknown):
        yield path, before, after, _any_true(unknown)


def shown(value: Any) -> str:
    """A value as short JSON."""
    text = json.dumps(_scrub(value), ensure_ascii=False, sort_keys=True)
    return text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"


def _scrub(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: "(sensitive)" if SECRET.search(str(k)) else _scrub(v) for k, v in value.items()}
    return [_scrub(item) for item in value] if isinstance(value, list) else value


def reach(tree: Any, path: List[Any]) -> Any:
    """The value at a path, None where there is none."""
    for step in path:
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def _marked(tree: Any, path: List[Any]) -> bool:
    """Whether a tree of marks is true at the path or above it, or anywhere below it."""
    for step in path:
        if tree is True:
            return True
        tree = reach(tree, [step])
    return _any_true(tree)


def _any_true(tree: Any) -> bool:
    if isinstance(tree, dict):
        return any(_any_true(item) for item in tree.values())
    if isinstance(tree, list):
        return any(_any_true(item) for item in tree)
    return tree is True


def _twin(change: Object, created: List[Object]) -> str:
    """The address of a new resource that equals a deleted one: a rename without ``moved``."""
    if change["change"]["actions"] != ["delete"]:
        return ""
    before = change["change"].get("before") or {}
    for other in created:
        after = {k: v for k, v in (other["change"].get("after") or {}).items() if v not in (None, [], {})}
        if other["type"] == change["type"] and after and all(before.get(k) == v for k, v in after.items()):
            return str(other["address"])
    return ""


def references(plan: Object) -> Dict[str, List[str]]:
    """By resource address without indexes: what its expressions name (resources, variables, modules)."""
    found: Dict[str, List[str]] = {}

    def walk(module: Object, prefix: str) -> None:
        for resource in module.get("resources", []):
            names = set(_named(resource.get("expressions"))) | set(resource.get("depends_on") or [])
            found[prefix + resource["address"]] = sorted(
                n if n.startswith(("var.", "local.")) else prefix + n for n in names
            )[:200]
        for name, call in module.get("module_calls", {}).items():
            walk(call.get("module", {}), prefix + "module.%s." % name)

    walk(plan.get("configuration", {}).get("root_module", {}), "")
    return found


def _named(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, item in tree.items():
            if key == "references" and isinstance(item, list):
                yield from (str(name) for name in item)
            else:
                yield from _named(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from _named(item)


def _words(details: Object) -> List[str]:
    """Names of what a resource without a telling type holds: keys of its input, for its class."""
    value: Optional[Object] = details.get("before") or details.get("after")
    holder = (value or {}).get("input") or (value or {}).get("triggers")
    return sorted(str(key)[:40] for key in holder)[:20] if isinstance(holder, dict) else []


def redacted(state: Object) -> Object:
    """A state without the values that are sensitive by mark or by name."""
    copy: Object = json.loads(json.dumps(state))
    for resource in copy.get("resources", []):
        for instance in resource.get("instances", []):
            for steps in instance.get("sensitive_attributes", []):
                name = steps[0]["value"] if steps else None
                if name in instance["attributes"]:
                    instance["attributes"][name] = "(sensitive)"
            instance["attributes"] = _scrub(instance["attributes"])
    return copy
