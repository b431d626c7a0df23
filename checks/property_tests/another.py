"""What a function answers after something else was asked: a cache whose key lacks an argument or the object.

In the process of the search, which asks many things, head gives another value than base; in a process of its
own it does not. Such inputs are asked there right after another one, first after those that share arguments.
"""

import json

from harness.check.interface import Draft

from .emptied import Emptied
from .repeated import MARKS, MOST
from .search import Search
from .target import Target
from .wire import Scenario

OTHER = "@other"
EARLIER = 6
"""Other inputs that come before each."""


class Another(Emptied):
    """Another call comes before. Uses the two sessions of a search that has ended."""

    rule = "shared-state"
    after = "after it was called with other arguments"
    why = (
        "What the earlier call left behind changes it: a cache whose key lacks an argument or the object, or another "
        "value that calls share."
    )
    suggestion = "Put all that matters into the key, or keep nothing between calls."

    def __init__(self, search: Search) -> None:
        super().__init__(search)
        self._alone: dict[str, Scenario] = {}

    def chosen(self) -> list[Scenario]:
        """Pairs of inputs of which the second gave another value on head within the search.

        Those of a class are done by one object, or the first by another one: what all objects share shows there.
        """
        result = self.search.result
        cases = (*result.unsteady, *result.cases)
        drifting = [one[0] for case in cases for one in case.scenarios[:EARLIER]]
        others = [*drifting, *result.samples]
        found: list[Scenario] = []
        for last in drifting[: MOST // EARLIER // 2]:
            for pair in [*_with_others(last, others), *_after_calls(last, others)]:
                found.append(pair)
                self._alone[repr(pair)] = last
        return [one for one in found if not any(mark in json.dumps(one) for mark in MARKS)]

    def told(self, draft: Draft, target: Target) -> Draft:
        if target.kind == "class":
            self.after = "after other calls"
        return super().told(draft, target)

    def plain(self, scenario: Scenario) -> Scenario:
        """The second input alone."""
        return self._alone[repr(scenario)]


def _after_calls(last: Scenario, others: list[Scenario]) -> list[Scenario]:
    """The scenario after calls with other arguments, by the same object."""
    before = [one for one in others if one != last and len(one[1]) == 1]
    before.sort(key=lambda one: -_shared(one, last))
    return [[last[0], [*one[1], *last[1]]] for one in before[:EARLIER]]


def _with_others(last: Scenario, others: list[Scenario]) -> list[Scenario]:
    """The scenario of an object after another object has done the same."""
    if last[0] is None or last[0][0] != "new":
        return []
    made = {repr(one[0]): one[0] for one in others if one[0] != last[0] and one[0][0] == "new"}
    return [
        [last[0], [[OTHER, [["then", one, last[1]]], []], *last[1]]] for one in [*made.values()][:EARLIER]
    ]


def _shared(one: Scenario, other: Scenario) -> int:
    """How many arguments two calls have in common."""
    (_, args, kwargs), (_, more, named) = one[1][-1], other[1][-1]
    same = sum(bool(left == right) for left, right in zip(args or (), more or (), strict=False))
    return same + len([pair for pair in kwargs if pair in named])
