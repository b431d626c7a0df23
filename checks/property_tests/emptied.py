"""What head hands out without a copy, where base hands out one: a caller that changes it changes what is kept.

``return list(self._items)`` that becomes ``return self._items`` shows nothing in one call, nor does a cache
that gives every caller the same list. Inputs that both sides answered alike are done again after the caller
has emptied what the call gave. Only where the code says that it matters: base copies what it returns, or
callers in the repository change what they get.
"""

import dataclasses
import itertools
from collections.abc import Iterator

from harness.check.interface import Draft

from .compare import Split
from .repeated import MOST, Repeated
from .target import Target
from .wire import Scenario

EMPTIED = "@emptied"
AFTER = "after its caller emptied what it had been given"


class Emptied(Repeated):
    """Uses the two sessions of a search that has ended."""

    times = 1

    def chosen(self) -> list[Scenario]:
        """Inputs whose changed call is done again once what it gave was emptied."""
        made: dict[int, list[Scenario]] = {}
        for scenario in self.answered():
            for one in self._done_again(scenario):
                made.setdefault(len(one[1]), []).append(one)
        # An object gives nothing that could be emptied before it was given something: steps of every number.
        turns = itertools.zip_longest(*(made[steps] for steps in sorted(made)))
        return [one for turn in turns for one in turn if one is not None][:MOST]

    def fresh(self, batch: list[Scenario]) -> dict[str, Split | None]:
        """Where the sides part when nothing is emptied."""
        plain = [_plain(one) for one in batch]
        ran = self.ran(plain)
        return {repr(one): ran[repr(other)] for one, other in zip(batch, plain, strict=True)}

    def told(self, draft: Draft, target: Target) -> Draft:
        plan = draft.proof
        if plan is None:
            return draft
        called = plan.input
        return dataclasses.replace(
            draft,
            rule="shared-result",
            title=f"{draft.title} {AFTER}",
            message=f"{called}: {plan.base} on base; on head it {plan.head}. On head the call gives out what is kept, "
            "not a copy of it: a caller that changes what it was given changes it for all that ask later.",
            key=f"shared-result:{draft.key}",
            suggestion="Return a copy, as base does.",
        )

    def _done_again(self, scenario: Scenario) -> Iterator[Scenario]:
        receiver, steps = scenario
        focus = set(self.search.opening["focus"])
        for at, step in enumerate(steps):
            if (receiver is None and at == len(steps) - 1) or step[0] in focus:
                yield [receiver, [*steps[: at + 1], [EMPTIED, [], []], step]]


def _plain(scenario: Scenario) -> Scenario:
    return [scenario[0], [step for step in scenario[1] if step[0] != EMPTIED]]
