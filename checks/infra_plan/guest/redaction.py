"""Nothing secret leaves: values that are sensitive by Terraform's marks or by their name."""

import json
import re
from typing import Any, Dict, List, Sequence

from .placeholder import MARK

Object = Dict[str, Any]
HIDDEN = "(sensitive)"
SECRET = re.compile(
    r"(?i)pass(word|wd|phrase)?$|^pass|secret|token|private_?key|credential|api_?key|access_?key"
)


def hidden(change: Object, path: Sequence[Any]) -> bool:
    """Whether a path of a planned change is secret: by mark on either side, or by a name on it."""
    if any(isinstance(step, str) and SECRET.search(step) for step in path):
        return True
    return any(marked(change.get(name), path) for name in ("before_sensitive", "after_sensitive"))


def marked(tree: Any, path: Sequence[Any]) -> bool:
    """Whether a tree of marks is true at the path or above it, or anywhere below it."""
    for step in path:
        if tree is True:
            return True
        tree = reach(tree, [step])
    return any_true(tree)


def any_true(tree: Any) -> bool:
    """Whether any leaf of a tree of marks is true."""
    if isinstance(tree, dict):
        return any(any_true(item) for item in tree.values())
    if isinstance(tree, list):
        return any(any_true(item) for item in tree)
    return tree is True


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


def scrub(value: Any) -> Any:
    """A value without what is secret by its key."""
    if isinstance(value, dict):
        return {k: "(sensitive)" if SECRET.search(str(k)) else scrub(v) for k, v in value.items()}
    return [scrub(item) for item in value] if isinstance(value, list) else value


def without_marked(value: Any, marks: Any) -> Any:
    """A value without what a tree of marks says is sensitive, and without what is by its name."""
    if marks is True:
        return HIDDEN
    if isinstance(value, dict):
        inner = marks if isinstance(marks, dict) else {}
        return {
            k: HIDDEN if SECRET.search(str(k)) and isinstance(v, str) else without_marked(v, inner.get(k))
            for k, v in value.items()
        }
    if isinstance(value, list):
        each = marks if isinstance(marks, list) else []
        return [without_marked(v, each[i] if i < len(each) else None) for i, v in enumerate(value)]
    return value


def redacted(state: Object) -> Object:
    """A state without the values that are sensitive by mark or by name; stand-ins are no secrets."""
    copy: Object = json.loads(json.dumps(state))
    for resource in copy.get("resources", []):
        for instance in resource.get("instances", []):
            marks = {steps[0]["value"] for steps in instance.get("sensitive_attributes", []) if steps}
            instance["attributes"] = {
                name: value if _made_up(value) else HIDDEN if name in marks else _without_named(value, name)
                for name, value in instance["attributes"].items()
            }
    return copy


def _made_up(value: Any) -> bool:
    if value is None or isinstance(value, bool) or value in ("", [], {}):
        return True
    return isinstance(value, str) and value.startswith(MARK)


def _without_named(value: Any, name: str = "") -> Any:
    if SECRET.search(name) and not _made_up(value):
        return HIDDEN
    if isinstance(value, dict):
        return {key: _without_named(item, str(key)) for key, item in value.items()}
    return [_without_named(item) for item in value] if isinstance(value, list) else value


def redacted_plan(plan: Object) -> Object:
    """The changes of a plan as ``show -json`` gives them, without what is sensitive."""
    kept: Object = {name: plan[name] for name in ("format_version", "terraform_version") if name in plan}
    kept["resource_changes"] = [
        dict(change, change=_redacted_change(change["change"])) for change in plan.get("resource_changes", [])
    ]
    return kept


def _redacted_change(details: Object) -> Object:
    return dict(
        details,
        before=without_marked(details.get("before"), details.get("before_sensitive")),
        after=without_marked(details.get("after"), details.get("after_sensitive")),
    )
