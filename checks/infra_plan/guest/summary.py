"""What a plan does, one plain object a resource, without secrets."""

import json
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from .certainty import rests_on_stand_in
from .redaction import any_true, hidden, reach, scrub
from .synthesis import NO_CHANGE, Object, managed, without_indexes

MAX_VALUE = 300
MAX_FORCED = 12
MAX_CHANGES = 6000


class Known:
    """What is known beside a plan: made-up paths by address, base's own changes, guarded addresses."""

    def __init__(
        self,
        stood_in: Optional[Dict[str, Set[str]]] = None,
        residual: Optional[Dict[str, Any]] = None,
        blocked: Optional[Set[str]] = None,
    ) -> None:
        self.stood_in = stood_in or {}
        self.residual = residual or {}
        self.blocked = blocked or set()


def changes(plan: Object, known: Known) -> List[Object]:
    """Every managed resource that the plan touches, the destroyed ones first."""
    found = [c for c in managed(plan) if c["change"]["actions"] not in NO_CHANGE or c.get("previous_address")]
    found.sort(key=lambda c: ("delete" not in c["change"]["actions"], c["address"]))
    created = [c for c in found if c["change"]["actions"] == ["create"]]
    uses = references(plan)
    return [_change(change, created, uses, known) for change in found[:MAX_CHANGES]]


def _change(change: Object, created: List[Object], uses: Dict[str, List[str]], known: Known) -> Object:
    details = change["change"]
    address, previous = change["address"], change.get("previous_address")
    stood_in = known.stood_in.get(previous or address, set())
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
        "residual": _same_on_base(change, known.residual.get(previous or address)),
        "blocked": address in known.blocked or previous in known.blocked,
        "uses": uses.get(without_indexes(address), []),
        "words": _words(details),
    }


def _same_on_base(change: Object, on_base: Any) -> bool:
    """Whether base's own plan wants this too: then the difference is not head's."""
    if not on_base or on_base["change"]["actions"] != change["change"]["actions"]:
        return False
    wanted = on_base["change"].get("replace_paths") or []
    return all(path in wanted for path in change["change"].get("replace_paths") or [])


def _forced(details: Object, stood_in: Set[str]) -> Iterator[Object]:
    """The leaves that differ below each path that forces replacement."""
    for path in details.get("replace_paths") or []:
        before, after = reach(details.get("before"), path), reach(details.get("after"), path)
        unknown = reach(details.get("after_unknown"), path)
        for leaf, old, new, not_known in leaves(list(path), before, after, unknown):
            secret = hidden(details, path) or hidden(details, leaf)
            yield {
                "path": leaf,
                "before": "(sensitive)" if secret else shown(old),
                "after": "(known after apply)" if not_known else "(sensitive)" if secret else shown(new),
                "unknown": not_known,
                "unsure": not not_known and rests_on_stand_in(leaf, old, new, stood_in),
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
    elif before != after or any_true(unknown):
        yield path, before, after, any_true(unknown)


def shown(value: Any) -> str:
    """A value as short JSON."""
    text = json.dumps(scrub(value), ensure_ascii=False, sort_keys=True)
    return text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"


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
