"""What a function answers after it was asked something else: a cache whose key lacks an argument.

In the process of the search, which asks many things, head gives another value than base; in a process of its
own it does not. Such inputs are asked there right after another one, first after those that share arguments.
"""

import json

from .emptied import Emptied
from .repeated import MARKS, MOST
from .search import Search
from .wire import Scenario

EARLIER = 6
"""Other inputs that come before each."""


class Another(Emptied):
    """Another call comes before. Uses the two sessions of a search that has ended."""

    rule = "shared-state"
    after = "after it was called with other arguments"
    why = (
        "What the earlier call left behind changes it: a cache whose key lacks an argument, or another value that "
        "calls share."
    )
    suggestion = "Put every argument that matters into the key, or keep nothing between calls."

    def __init__(self, search: Search) -> None:
        super().__init__(search)
        self._alone: dict[str, Scenario] = {}

    def chosen(self) -> list[Scenario]:
        """Pairs of inputs of which the second gave another value on head within the search.

        Those of a class are done by one object: what all objects share, one object keeps as well.
        """
        result = self.search.result
        cases = (*result.unsteady, *result.cases)
        drifting = [one[0] for case in cases for one in case.scenarios[:EARLIER]]
        others = [*drifting, *result.samples]
        found: list[Scenario] = []
        for last in drifting[: MOST // EARLIER]:
            before = [one for one in others if one != last and len(one[1]) == 1]
            before.sort(key=lambda one: -_shared(one, last))
            for one in before[:EARLIER]:
                found.append([last[0], [*one[1], *last[1]]])
                self._alone[repr(found[-1])] = last
        return [one for one in found if not any(mark in json.dumps(one) for mark in MARKS)]

    def plain(self, scenario: Scenario) -> Scenario:
        """The second input alone."""
        return self._alone[repr(scenario)]


def _shared(one: Scenario, other: Scenario) -> int:
    """How many arguments two calls have in common."""
    (_, args, kwargs), (_, more, named) = one[1][-1], other[1][-1]
    same = sum(bool(left == right) for left, right in zip(args or (), more or (), strict=False))
    return same + len([pair for pair in kwargs if pair in named])
