"""What the runs of one side said, strictly decoded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from harness.check.interface import Reply, Severity

MAX_KEY = 2000


class Effect(msgspec.Struct, frozen=True):
    """One destruction that a call would do. ``key`` is equal on both sides for the same destruction."""

    key: str
    rule: str
    severity: Severity
    what: str
    tool: str
    target: str
    scope: tuple[str, ...]
    call: str


class Ran(msgspec.Struct, frozen=True):
    """One scenario: how the script ended, every call as text, and what the calls would destroy."""

    scenario: str
    ended: str
    effects: tuple[Effect, ...]
    calls: tuple[str, ...]


class Written(msgspec.Struct, frozen=True):
    """A destructive command that stands in the script's text."""

    line: int
    effect: Effect


@dataclass(frozen=True)
class Runs:
    """All scenarios of one side by name, and what the script's text names."""

    by_name: Mapping[str, Ran] = field(default_factory=dict)
    written: tuple[Written, ...] = ()
    left: int = 0
    complete: bool = True

    def effects(self) -> dict[str, Effect]:
        """Every effect that any scenario had."""
        return {effect.key: effect for ran in self.by_name.values() for effect in ran.effects}

    def has(self, scenario: str, key: str) -> bool:
        """Whether a scenario had an effect."""
        ran = self.by_name.get(scenario)
        return ran is not None and any(effect.key == key for effect in ran.effects)

    def where(self, key: str) -> list[str]:
        """Names of the scenarios that had an effect, in order."""
        return [name for name in self.by_name if self.has(name, key)]


def read(reply: Reply) -> Runs:
    """The runs of one reply. What is not well formed is left out and makes the runs incomplete."""
    ran = [one for message in reply.of("ran") if (one := _decode(message, Ran))]
    written = [one for message in reply.of("written") if (one := _decode(message, Written))]
    ends = reply.of("replayed")
    left = ends[0].get("left") if len(ends) == 1 else None
    whole = reply.completed and isinstance(left, int) and len(ran) == len(reply.of("ran"))
    return Runs(
        {one.scenario: one for one in ran}, tuple(written), left if isinstance(left, int) else 0, whole
    )


def _decode(message: Mapping[str, Any], kind: Any) -> Any:
    try:
        return msgspec.convert({k: v for k, v in message.items() if k != "type"}, kind)
    except msgspec.ValidationError:
        return None
