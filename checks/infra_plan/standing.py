"""Guards that head drops and doors that head opens, by comparing both sides' files."""

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
from .severity import classify

_PRECIOUS = 3


@dataclass(frozen=True)
class _Guard:
    name: str
    protects: object
    absent: bool

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
def _guards() -> tuple[_Guard, ...]:
    path = Path(__file__).with_name("rules") / "guards.toml"
    table = tomllib.loads(path.read_text("utf-8"))["guard"]
    return tuple(_Guard(item["name"], item["protects"], item["absent"]) for item in table)


def _pairs(base: Expansion, head: Expansion) -> Iterator[tuple[Placed, Placed]]:
    for address, before in base.resources.items():
        after = head.resources.get(address) or head.resources.get(head.moved(address) or "")
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
    return found


def _prevent_destroy(before: Placed, after: Placed) -> Draft:
    line = next((b.line for b in after.resource.block.of("lifecycle")), after.resource.block.line)
    return _guard_draft(
        after, "prevent_destroy", line, "lifecycle.prevent_destroy is no longer set", _weight(before)
    )


def _arguments(before: Placed, after: Placed) -> Iterator[Draft]:
    for guard in _guards():
        old = guard.holds(before.value(guard.name), guard.name in before.resource.block.attributes)
        new = guard.holds(after.value(guard.name), guard.name in after.resource.block.attributes)
        present = (
            guard.name in before.resource.block.attributes or guard.name in after.resource.block.attributes
        )
        if present and old is True and new is False:
            value = after.value(guard.name)
            what = (
                f"{guard.name} is now {str(value).lower()}" if value is not None else f"{guard.name} is gone"
            )
            yield _guard_draft(after, guard.name, after.line(guard.name), what, _weight(before))


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


def exposures(base: Expansion, head: Expansion) -> list[Draft]:
    """A finding for each opening that head has and base has not, neither here nor where it was moved from."""
    before = _all(base)
    known = {(address, one.key) for address, one in before}
    gone = {(one.key, address.rsplit(".", 2)[-2]) for address, one in before if address not in head.resources}
    found = []
    for address, one in _all(head):
        kind = address.rsplit(".", 2)[-2]
        renamed = address not in base.resources and (one.key, kind) in gone
        if (address, one.key) not in known and not renamed:
            found.append(_exposure_draft(head.resources[address], one))
    return found


def _all(side: Expansion) -> list[tuple[str, Exposure]]:
    return [(address, one) for address, placed in side.resources.items() for one in of_resource(placed)]


def _exposure_draft(placed: Placed, one: Exposure) -> Draft:
    return Draft(
        rule=one.rule,
        category="infra",
        severity=one.severity,
        title=f"{placed.address}: {one.title}",
        message=f"{one.message} Base does not have this. Read from the files alone.",
        location=Location(placed.resource.path, one.line, symbol=placed.address),
        key=one.key,
        cwe=one.cwe,
        certainty="certain",
        suggestion=one.suggestion,
        group=placed.address,
    )
