"""What the files alone say about destroyed and replaced resources, where no plan can be made."""

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from harness.check.interface import Draft, Location, Severity

from .evaluate import Unknown
from .expansion import Expansion, Placed
from .hcl import plain
from .severity import classify

# One step below what a plan would give: a file does not say what exists.
LOST: dict[int, Severity] = {5: "high", 4: "medium", 3: "medium", 2: "low"}
REPLACED: dict[int, Severity] = {5: "high", 4: "medium", 3: "low", 2: "low"}
MAX_FINDINGS = 60


@cache
def _force() -> dict[str, list[str]]:
    path = Path(__file__).with_name("rules") / "replacements.toml"
    table: dict[str, list[str]] = tomllib.loads(path.read_text("utf-8"))["force"]
    return table


def static_losses(base: Expansion, head: Expansion, mode: str) -> list[Draft]:
    """Removed, renamed and force-replaced resources that keep something; ``group`` is the address."""
    found: list[Draft] = []
    for address, before in base.resources.items():
        if before.resource.data or before.exists() is False:
            continue
        target = address if address in head.resources else head.moved(address)
        after = head.resources.get(target or "")
        if after is not None and after.exists() is not False:
            found.extend(_replacement(before, after, mode))
        elif (not head.removed(address) and target is None) or after is not None:
            found.extend(_removal(before, after, head, base, mode))
    return found[:MAX_FINDINGS]


def _weight(placed: Placed) -> tuple[int, str]:
    found = classify(placed.resource.type, placed.resource.name, (), placed.resource.guarded())
    return found.weight, found.label


def _removal(
    before: Placed, after: Placed | None, head: Expansion, base: Expansion, mode: str
) -> Iterator[Draft]:
    weight, label = _weight(before)
    if weight not in LOST:
        return
    twin = _twin(before, head, base)
    where, line = (after.resource.path, after.line("count")) if after else _start(before)
    why = "its count or for_each is now empty" if after else "its block is gone"
    suggestion = (
        f"Add a moved block: moved {{ from = {before.address}, to = {twin} }}."
        if twin
        else "Restore the block, or add a moved block (renamed) or a removed block with destroy = false (handed over)."
    )
    yield Draft(
        rule="infra-destroy",
        category="infra",
        severity=LOST[weight],
        title=f"{before.address} would be destroyed",
        message=f"{before.address}, {label}, would be destroyed: {why} and no moved or removed block says where to."
        + (f" {twin} looks like the same resource under another name." if twin else "")
        + f" {mode}",
        location=Location(where, line, symbol=before.address),
        key=f"destroy {before.address}",
        certainty="certain",
        suggestion=suggestion,
        group=before.address,
    )


def _start(placed: Placed) -> tuple[str, int]:
    return placed.resource.path, placed.resource.block.line


def _twin(before: Placed, head: Expansion, base: Expansion) -> str:
    """The address of a resource that is new on head and reads the same."""
    text = _body(before)
    for address, other in head.resources.items():
        if (
            address not in base.resources
            and other.resource.type == before.resource.type
            and _body(other) == text
        ):
            return address
    return ""


def _body(placed: Placed) -> str:
    attributes = placed.resource.block.attributes
    return json.dumps({name: plain(a.value) for name, a in sorted(attributes.items())}, default=str)


def _replacement(before: Placed, after: Placed, mode: str) -> Iterator[Draft]:
    weight, label = _weight(before)
    if weight not in REPLACED:
        return
    for name in _force().get(before.resource.type, []):
        old, new = before.value(name), after.value(name)
        if old is None or new is None or _same(old, new):
            continue
        sure = not isinstance(old, Unknown) and not isinstance(new, Unknown)
        yield Draft(
            rule="infra-replace",
            category="infra",
            severity=REPLACED[weight] if sure else "medium",
            title=f"{after.address} {'would' if sure else 'may'} be replaced",
            message=f"{after.address}, {label}, {'would' if sure else 'may'} be destroyed and created anew: "
            f"{name} cannot be changed in place ({_shown(name, old)} → {_shown(name, new)}). {mode}",
            location=Location(after.resource.path, after.line(name), symbol=after.address),
            key=f"replace {after.address} {name}",
            certainty="certain" if sure else "conditional",
            suggestion="Migrate in two steps: create the new one beside it, copy the data and switch over, "
            "then remove the old one in a later change.",
            group=after.address,
        )
        return


def _same(old: Any, new: Any) -> bool:
    return json.dumps(_text(old), sort_keys=True) == json.dumps(_text(new), sort_keys=True)


def _text(value: Any) -> Any:
    if isinstance(value, Unknown):
        return {"unknown": value.text}
    if isinstance(value, list):
        return [_text(item) for item in value]
    return {k: _text(v) for k, v in value.items()} if isinstance(value, dict) else value


def _shown(name: str, value: Any) -> str:
    if any(word in name for word in ("password", "secret", "token")):
        return "(sensitive)"
    return value.text[:80] if isinstance(value, Unknown) else json.dumps(_text(value))[:80]
