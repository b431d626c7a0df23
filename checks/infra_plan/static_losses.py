"""What the files alone say about destroyed and replaced resources, where no plan can be made."""

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.check.interface import Draft, Location, Severity

from .evaluate import Unknown
from .expansion import Expansion, Placed
from .hcl import plain
from .instances import instances
from .locate import bare
from .severity import classify

# One step below what a plan would give: a file does not say what exists.
LOST: dict[int, Severity] = {5: "high", 4: "medium", 3: "medium", 2: "low"}
REPLACED: dict[int, Severity] = {5: "high", 4: "medium", 3: "low", 2: "low"}
FORGOTTEN = 3
MAX_FINDINGS = 60
RESTORE = (
    "Restore it, or add a moved block (renamed) or a removed block with destroy = false (handed over). If it must go, "
    "back it up and say so in the change."
)
STEPS = (
    "Migrate in two steps: create the new one beside it, copy the data and switch over, then remove the old one in a "
    "later change."
)


@cache
def _tables() -> dict[str, Any]:
    """``force``: arguments by resource type; ``default``: the value of those that may be absent, likewise."""
    path = Path(__file__).with_name("rules") / "replacements.toml"
    return tomllib.loads(path.read_text("utf-8"))


@dataclass(frozen=True)
class StaticDifference:
    """Findings, and by address what the files do not tell: an argument that may force replacement."""

    findings: list[Draft]
    untold: list[tuple[str, str]]


def static_losses(base: Expansion, head: Expansion, mode: str) -> StaticDifference:
    """Removed, renamed, force-replaced and forgotten resources that keep something."""
    found: list[Draft] = []
    untold: list[tuple[str, str]] = []
    for address, before in base.resources.items():
        if before.resource.data or before.exists() is False:
            continue
        gone: list[Placed] = []
        changed: list[tuple[Placed, Placed, str]] = []
        for one in (instances(before) or {None: before}).values():
            after = _after(one, head)
            if after is not None:
                name, told = _forcing(one, after)
                if name and told:
                    changed.append((one, after, name))
                elif name:
                    untold.append((after.address, name))
            elif head.removed(address):
                found.extend(_forgotten(one))
            else:
                gone.append(one)
        found.extend(_removal(gone, base, head, mode))
        found.extend(_replacement(changed, mode))
    return StaticDifference(found[:MAX_FINDINGS], untold[:MAX_FINDINGS])


def _after(one: Placed, head: Expansion) -> Placed | None:
    """The instance on head, or its block where the files do not tell the block's instances."""
    target = head.moved(one.address) or one.address
    block = head.resources.get(bare(target))
    if block is None:
        return None
    known = instances(block)
    if known is None:
        return block
    by_address = {instance.address: instance for instance in known.values()}
    if target in by_address:
        return by_address[target]
    if target == block.address:  # terraform itself takes a block without count for the first instance
        return known.get(0)
    return known.get(None) if target == f"{block.address}[0]" else None


def _weight(placed: Placed) -> tuple[int, str]:
    found = classify(placed.resource.type, placed.resource.name, (), placed.resource.guarded())
    return found.weight, found.label


def _cuts_traffic(before: Placed, after: Placed) -> bool:
    """Whether what goes through it stops: not where the new one stands before the old one goes."""
    first = any(b.literal("create_before_destroy") is True for b in after.resource.block.of("lifecycle"))
    return classify(before.resource.type, before.resource.name).cuts_traffic and not first


def _removal(gone: Sequence[Placed], base: Expansion, head: Expansion, mode: str) -> Iterator[Draft]:
    if not gone:
        return
    before = gone[0]
    weight, label = _weight(before)
    if weight not in LOST:
        return
    block = head.resources.get(bare(before.address))
    twin = "" if block else _twin(base.resources[bare(before.address)], head, base)
    where, line = _start(before)
    why = "its block is gone and nothing says that it lives on (a moved block, or a removed block with destroy = false)"
    if block is not None:
        name = "count" if "count" in block.resource.block.attributes else "for_each"
        where, line = block.resource.path, block.line(name)
        why = f"{name} no longer has it" if instances(block) else f"{name} is now empty"
    symbol = before.address if len(gone) == 1 else bare(before.address)
    count = f" ({len(gone)} instances)" if len(gone) > 1 else ""
    yield Draft(
        rule="infra-destroy",
        category="infra",
        severity=LOST[weight],
        title=f"{symbol}{count} would be destroyed",
        message=f"{symbol}{count}, {label}, would be destroyed: {why}."
        + (f" {twin} looks like the same resource under another name." if twin else "")
        + f" {mode}",
        location=Location(where, line, symbol=symbol),
        key=f"destroy {symbol}",
        certainty="certain",
        suggestion=f"Add a moved block: moved {{ from = {before.address}, to = {twin} }}."
        if twin
        else RESTORE,
        group=bare(before.address),
    )


def _forgotten(one: Placed) -> Iterator[Draft]:
    weight, label = _weight(one)
    if weight >= FORGOTTEN:
        yield forget_draft(one.address, label, Location(*_start(one), symbol=one.address))


def forget_draft(address: str, label: str, place: Location) -> Draft:
    """A resource that lives on without being managed: told, but no harm in itself."""
    return Draft(
        rule="infra-forget",
        category="infra",
        severity="info",
        title=f"{address} is no longer managed",
        message=f"{address}, {label}, is handed over: it lives on, but no plan will see it any more.",
        location=place,
        key=f"forget {address}",
        certainty="certain",
        suggestion="Make sure that something else manages it from now on, and import it there.",
        group=bare(address),
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


def _forcing(before: Placed, after: Placed) -> tuple[str, bool]:
    """(an argument that forces replacement and differs, whether the files tell both of its values)."""
    unsure = ""
    kind = before.resource.type
    defaults = _tables()["default"].get(kind, {})
    for name in _tables()["force"].get(kind, []):
        old, new = (side.value(name, defaults.get(name)) for side in (before, after))
        if old is None or new is None or _same(old, new):
            continue
        if _told(old) and _told(new):
            return name, True
        unsure = unsure or name
    return unsure, False


def _told(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_told(item) for item in value.values())
    if isinstance(value, list):
        return all(_told(item) for item in value)
    return not isinstance(value, Unknown)


def _replacement(changed: Sequence[tuple[Placed, Placed, str]], mode: str) -> Iterator[Draft]:
    if not changed:
        return
    before, after, name = changed[0]
    weight, label = _weight(before)
    grave = REPLACED.get(weight)
    if grave is None:
        return
    if _cuts_traffic(before, after):
        grave = "medium"
    symbol = after.address if len(changed) == 1 else bare(after.address)
    count = f" ({len(changed)} instances)" if len(changed) > 1 else ""
    values = f"{_shown(name, before)} → {_shown(name, after)}"
    yield Draft(
        rule="infra-replace",
        category="infra",
        severity=grave,
        title=f"{symbol}{count} would be replaced",
        message=f"{symbol}{count}, {label}, would be destroyed and created anew: {name} cannot be changed in place "
        f"({values}). {mode}",
        location=Location(after.resource.path, after.line(name), symbol=symbol),
        key=f"replace {symbol} {name}",
        certainty="certain",
        suggestion=STEPS,
        group=bare(after.address),
    )


def _same(old: Any, new: Any) -> bool:
    return json.dumps(_text(old), sort_keys=True) == json.dumps(_text(new), sort_keys=True)


def _text(value: Any) -> Any:
    if isinstance(value, Unknown):
        return {"unknown": value.text}
    if isinstance(value, list):
        return [_text(item) for item in value]
    return {k: _text(v) for k, v in value.items()} if isinstance(value, dict) else value


def _shown(name: str, placed: Placed) -> str:
    value = placed.value(name, _tables()["default"].get(placed.resource.type, {}).get(name))
    if any(word in name for word in ("password", "secret", "token")):
        return "(sensitive)"
    return value.text[:80] if isinstance(value, Unknown) else json.dumps(_text(value))[:80]
