"""Guards that head drops and doors that head opens, by comparing both sides' files."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.check.interface import Draft, Location, Severity

from .evaluate import Unknown
from .expansion import Expansion, Placed
from .exposure import Exposure, of_resource
from .instances import instances, unrolled
from .locate import bare
from .severity import classify

_PRECIOUS = 3
GUARDING = re.compile(
    r"(_public_access_block|_s3_bucket_versioning|server_side_encryption_configuration|object_lock_configuration"
    r"|_backup_plan|_backup_selection|_management_lock|_cloudtrail|_wafv2_web_acl_association|_snapshot_policy)$"
)


@dataclass(frozen=True)
class _Guard:
    name: str
    protects: object
    absent: bool
    block: tuple[str, ...] = ()
    types: str = ""

    def holds(self, value: Any, present: bool) -> bool | None:
        """Whether it protects; None when the files do not tell."""
        if isinstance(value, Unknown):
            return None
        if not present or value is None:
            return self.absent
        if self.protects == "positive":
            return isinstance(value, int | float) and value > 0
        return value in self.protects if isinstance(self.protects, list) else False


@cache
def _windows() -> dict[str, int]:
    """Arguments that say how long a deletion can be taken back, and how long that is without them."""
    table = tomllib.loads((Path(__file__).with_name("rules") / "guards.toml").read_text("utf-8"))["window"]
    return {one["name"]: one["default"] for one in table}


@cache
def _guards() -> tuple[_Guard, ...]:
    path = Path(__file__).with_name("rules") / "guards.toml"
    table = tomllib.loads(path.read_text("utf-8"))["guard"]
    return tuple(
        _Guard(i["name"], i["protects"], i["absent"], tuple(i.get("block", ())), i.get("types", ""))
        for i in table
    )


def _pairs(base: Expansion, head: Expansion) -> Iterator[tuple[Placed, Placed]]:
    for address, before in base.resources.items():
        after = head.resources.get(address) or head.resources.get(bare(head.moved(address) or ""))
        if after is not None and not before.resource.data:
            yield before, after


def guards(base: Expansion, head: Expansion, lost: set[str]) -> list[Draft]:
    """A finding for each guard that head drops from a resource that it keeps.

    ``lost`` holds the blocks that another finding already reports as destroyed: for those the
    guard is part of that finding.
    """
    found = []
    for before, after in _pairs(base, head):
        if before.address in lost or after.address in lost:
            continue
        if before.resource.guarded() and not after.resource.guarded():
            found.append(_prevent_destroy(before, after))
        found.extend(_arguments(before, after))
        found.extend(_shortened(before, after))
    return found


def _prevent_destroy(before: Placed, after: Placed) -> Draft:
    line = next((b.line for b in after.resource.block.of("lifecycle")), after.resource.block.line)
    return _guard_draft(
        after, "prevent_destroy", line, "lifecycle.prevent_destroy is no longer set", _weight(before)
    )


def _arguments(before: Placed, after: Placed) -> Iterator[Draft]:
    for guard in _guards():
        if guard.types and not re.search(guard.types, before.resource.type):
            continue
        old, old_line = _read(before, guard)
        new, line = _read(after, guard)
        if old_line is None and line is None:
            continue
        if old is True and new is False:
            name = ".".join([*guard.block, guard.name])
            what = f"{name} no longer protects" if line is not None else f"{name} is gone"
            yield _guard_draft(after, name, line or after.resource.block.line, what, _weight(before))


def _shortened(before: Placed, after: Placed) -> Iterator[Draft]:
    for name, default in _windows().items():
        written = [one.resource.block.attributes.get(name) for one in (before, after)]
        old, new = before.value(name, default), after.value(name, default)
        if any(written) and isinstance(old, int | float) and isinstance(new, int | float) and new < old:
            what = f"{name} falls from {old:g} to {new:g}: less time to take a deletion back"
            yield _guard_draft(after, name, after.line(name), what, _weight(before))


def _read(placed: Placed, guard: _Guard) -> tuple[bool | None, int | None]:
    """(whether the guard holds, the line where it is written or None)."""
    blocks = [placed.resource.block]
    for name in guard.block:
        blocks = [inner for block in blocks for inner in block.of(name)]
    for block in blocks:
        attribute = block.attributes.get(guard.name)
        if attribute is not None:
            return guard.holds(placed.scope.value(attribute.value), True), attribute.line
    return guard.holds(None, False), None


def gone_guards(base: Expansion, head: Expansion) -> list[Draft]:
    """A finding for each resource that only guards others and that head no longer has."""
    found = []
    for address, before in base.resources.items():
        target = bare(head.moved(address) or address)
        if not GUARDING.search(before.resource.type) or target in head.resources or head.removed(address):
            continue
        same = {p.resource.type for a, p in head.resources.items() if a not in base.resources}
        protected = [r for r in before.references() if r in base.resources]
        if before.resource.type in same or not any(name in head.resources for name in protected or [address]):
            continue
        found.append(
            Draft(
                rule="infra-guard-dropped",
                category="infra",
                severity="medium",
                title=f"{address} is removed; it guarded {', '.join(protected)}",
                message=f"{address} is gone on head while {', '.join(protected)} stays, now without it.",
                location=Location(before.resource.path, before.resource.block.line, symbol=address),
                key=f"guard {address}",
                certainty="certain",
                suggestion="Keep it, or say in the change what guards the resource instead.",
                group=protected[0],
            )
        )
    return found


def _weight(placed: Placed) -> int:
    return classify(placed.resource.type, placed.resource.name, (), placed.resource.guarded()).weight


def _guard_draft(after: Placed, name: str, line: int, what: str, weight: int) -> Draft:
    grave: Severity = "medium" if weight >= _PRECIOUS else "low"
    return Draft(
        rule="infra-guard-dropped",
        category="infra",
        severity=grave,
        title=f"{after.address} loses its guard {name}",
        message=f"On {after.address} {what}. Nothing is destroyed by this alone, but the next mistake would be.",
        location=Location(after.resource.path, line, symbol=after.address),
        key=f"guard {name}",
        certainty="certain",
        suggestion=f"Keep {name} as base has it, unless the resource is about to be retired.",
        group=after.address,
    )


def exposures(base: Expansion, head: Expansion, mode: str) -> list[Draft]:
    """A finding for each opening that head has and base has not, neither here nor where it was moved from."""
    before = _all(base)
    known = {(address, one.key) for address, one in before}
    gone = {(one.key, address.rsplit(".", 2)[-2]) for address, one in before if address not in head.resources}
    found = []
    for address, one in _all(head):
        kind = address.rsplit(".", 2)[-2]
        renamed = address not in base.resources and (one.key, kind) in gone
        new = one.implied and address not in base.resources
        if (address, one.key) not in known and not renamed and not new:
            found.append(_exposure_draft(head.resources[address], one, mode))
    return found


def _all(side: Expansion) -> list[tuple[str, Exposure]]:
    found: dict[tuple[str, str], Exposure] = {}
    for address, placed in side.resources.items():
        every = instances(placed)
        for instance in (every if every is not None else {None: placed}).values():
            for one in of_resource(unrolled(instance)):
                found.setdefault((address, one.key), one)
    return [(address, one) for (address, _), one in found.items()]


def _exposure_draft(placed: Placed, one: Exposure, mode: str) -> Draft:
    return Draft(
        rule=one.rule,
        category="infra",
        severity=one.severity,
        title=f"{placed.address}: {one.title}",
        message=f"{one.message} Base does not have this. {mode}",
        location=Location(placed.resource.path, one.line, symbol=placed.address),
        key=one.key,
        cwe=one.cwe,
        certainty="certain",
        suggestion=one.suggestion,
        group=placed.address,
    )
