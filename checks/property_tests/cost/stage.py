"""Compares how the work of one target grows on base and on head, and drafts what grew faster."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.check.interface import Draft

from ..search import Search
from ..syntax import Module
from ..target import Target
from ..wire import Side
from .draft import draft_of
from .growth import Growth, growths
from .judge import Comparison, common

TIMEOUT = 60.0
MAX_SIZE = 1 << 20


class CostStage:
    """Uses the two open sessions; ``opening`` is the target's plain opening, as head gets it.

    At most ``most`` growing inputs are measured.
    """

    def __init__(self, base: Side, head: Side, opening: Mapping[str, Any], most: int) -> None:
        self.most = most
        self.base = base
        self.head = head
        self.opening = opening

    def run(self, search: Search, target: Target, module: Module | None) -> Draft | None:
        """The finding, None when head's work grows no faster."""
        planned = growths(search.result.samples, self.most)
        if not planned or not self._opened(0):
            return None
        timed = self._measured(planned, counting=False)
        slower = [(one, comparison) for one, comparison in zip(planned, timed, strict=True)
                  if comparison is not None and comparison.worse]  # fmt: skip
        for growth, comparison in slower[:2]:
            draft = self._confirmed(growth, comparison, search, target, module)
            if draft is not None:
                return draft
        return None

    def _confirmed(
        self, growth: Growth, timed: Comparison, search: Search, target: Target, module: Module | None
    ) -> Draft | None:
        """Count what is the same in every run; where counting sees nothing, measure the time again."""
        base, head = self._ask([growth], counting=True)
        parts = base[0].get("source") if base else None
        chosen = None
        for how in ("lines", "operations"):
            counted = common(how, *(points(side[0].get(how)) if side else [] for side in (base, head)))
            chosen = chosen or (counted if counted.worse else None)
        if chosen is None and self._opened(1):
            again = self._measured([growth], counting=False)[0]
            chosen = again if again is not None and again.worse else None
        return draft_of(growth, chosen, timed, parts, target, search, module) if chosen else None

    def _opened(self, hash_seed: int) -> bool:
        message = {"op": "open", "hash_seed": hash_seed, **self.opening}
        return all(
            reply.get("done") is True and "error" not in reply for reply in self._both(message, "opened")
        )

    def _both(self, message: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
        """Ask both sides at the same time."""
        for side in (self.base, self.head):
            if not side.lost:
                side.session.tell(message)
        return [side.hear(TIMEOUT, kind) for side in (self.base, self.head)]

    def _ask(self, planned: Sequence[Growth], counting: bool) -> list[list[dict[str, Any]]]:
        message = {"op": "cost", "growths": [one.message() for one in planned], "counting": counting}
        replies = self._both(message, "costs")
        return [_costs(reply, len(planned)) for reply in replies]

    def _measured(self, planned: Sequence[Growth], counting: bool) -> list[Comparison | None]:
        """Times of both sides for each growth; None where they do not answer alike at a small size."""
        base, head = self._ask(planned, counting)
        if not base or not head:
            return [None] * len(planned)
        found: list[Comparison | None] = []
        for old, new in zip(base, head, strict=True):
            alike = old.get("agreed") is not None and old.get("agreed") == new.get("agreed")
            both = common("seconds", points(old.get("times")), points(new.get("times")))
            found.append(both if alike else None)
        return found


def _costs(reply: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    costs = reply.get("costs")
    whole = isinstance(costs, list) and len(costs) == count and all(isinstance(one, dict) for one in costs)
    return costs if whole and isinstance(costs, list) else []


def points(value: Any) -> list[tuple[int, float]]:
    """``[size, count]`` pairs with rising sizes; what is malformed ends the list."""
    found: list[tuple[int, float]] = []
    for item in value[:40] if isinstance(value, list) else []:
        whole = isinstance(item, list) and len(item) == 2 and type(item[0]) is int
        if not whole or isinstance(item[1], bool) or not isinstance(item[1], int | float):
            break
        if not 0 < item[0] <= MAX_SIZE or not 0 <= item[1] < 1e12 or (found and item[0] <= found[-1][0]):
            break
        found.append((item[0], float(item[1])))
    return found
