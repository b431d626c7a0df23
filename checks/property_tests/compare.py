"""Compares what base and head did with one scenario. The classes are those of the guest library's
``outcome`` module; whatever arrives here is hostile and was checked by :mod:`.wire`."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from harness.check.interface import CLOSURE

Observed = dict[str, Any]
QUIET = ("hangs", "crashes", "races")
"""What binds nobody when base does it. ``races``: calls made together gave what no order of them gives."""


@dataclass(frozen=True)
class Split:
    """Where two runs part: the step (the construction of the receiver counts), and the class."""

    step: int
    before: str
    after: str
    narrow: str | None = None

    @property
    def both_raise(self) -> bool:
        return self.before.startswith("raises ") and self.after.startswith("raises ")


def split(base: Sequence[Observed], head: Sequence[Observed], expected: Set[str]) -> Split | None:
    """The first difference that counts; None when head does as base did or base's answer binds nobody.

    ``expected`` are names of exceptions that base is known to raise (tests saw them, or the
    documentation names them); an implicit exception of another class is no promise.
    """
    for step, (old, new) in enumerate(zip(base, head, strict=False)):
        before, after = old["kind"], new["kind"]
        if before in QUIET or before.startswith("unmade") or after.startswith("unmade"):
            return None
        if old.get("closure") == "unfit":  # the function that a call gave wants other arguments
            return None
        if before.startswith("raises ") and not _binding(old, expected):
            return None
        if before != after:
            if before.startswith("raises ") and before.removeprefix("raises ") in new.get("bases", ()):
                continue
            return Split(step, before, after, None if after.startswith("raises ") else old.get("site"))
        if before == "value" and not same_value(old, new):
            narrow = CLOSURE if "closure" in old else f"{old.get('group')}→{new.get('group')}"
            return Split(step, "value", "value", narrow)
        for key, kind in (("mutated", "mutates"), ("printed", "prints")):
            if old.get(key) != new.get(key):
                return Split(step, kind if key in old else before, kind if key in new else after)
        if old.get("written") != new.get("written"):
            return Split(step, "writes", "writes")
    return None


def same_value(old: Observed, new: Observed) -> bool:
    """Whether head's value does for base's: the same, or an instance of a subclass with the same content."""
    return _text(old) == _text(new) or ("plain" not in old and new.get("plain") == _text(old))


def _text(outcome: Observed) -> Any:
    return outcome.get("loose", outcome.get("text"))


def _binding(outcome: Observed, expected: Set[str]) -> bool:
    """Whether an exception of base is part of what it promises."""
    origin = outcome.get("origin")
    return origin == "purpose" or (origin == "data" and outcome["kind"].removeprefix("raises ") in expected)


def stable(first: Sequence[Observed], second: Sequence[Observed]) -> bool:
    """Whether two runs of one side agree."""
    return len(first) == len(second) and all(
        old["kind"] == new["kind"]
        and _text(old) == _text(new)
        and all(old.get(key) == new.get(key) for key in ("mutated", "printed", "written"))
        for old, new in zip(first, second, strict=True)
    )
