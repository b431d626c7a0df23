"""What is shared with a caller on head and was the caller's own on base, or the other way round.

``return list(self._items)`` that becomes ``return self._items`` shows nothing in one call, nor does a cache
that gives every caller the same list, nor an object that keeps the list it was given. Inputs that both sides
answered alike are done again while a caller empties what the call gave, or what it gave to the call. Only where
the code says that it matters: base copies it, or callers in the repository change what they get.
"""

import dataclasses
from collections.abc import Iterator

from harness.check.interface import Draft

from .compare import Split
from .repeated import Repeated, in_turns
from .target import Target
from .wire import Scenario

EMPTIED, INSIDE, TAKEN = "@emptied", "@emptied inside", "@taken"


class Emptied(Repeated):
    """A caller empties what it was given, and asks again. Uses the two sessions of a search that has ended."""

    times = 1
    rule = "shared-result"
    after = "after its caller emptied what it had been given"
    why = (
        "On head the call gives out what is kept, not a copy of it: a caller that changes what it was given "
        "changes it for all that ask later."
    )
    suggestion = "Return a copy, as base does."

    def chosen(self) -> list[Scenario]:
        """Inputs with what the caller does in between."""
        made: dict[frozenset[str], list[Scenario]] = {}
        for scenario in self.answered():
            for one in self.varied(scenario):
                made.setdefault(frozenset(str(step[0]) for step in one[1]), []).append(one)
        # An object gives nothing that could be emptied before it was given something: methods of every set.
        return in_turns(made[names] for names in sorted(made, key=lambda names: (len(names), sorted(names))))

    def varied(self, scenario: Scenario) -> Iterator[Scenario]:
        """The scenario with its changed call done again once what it gave was emptied."""
        receiver, steps = scenario
        focus = set(self.search.opening["focus"])
        for at, step in enumerate(steps):
            if (receiver is None and at == len(steps) - 1) or step[0] in focus:
                for name in (EMPTIED, INSIDE):
                    yield [receiver, [*steps[: at + 1], [name, [], []], step]]

    def fresh(self, batch: list[Scenario]) -> dict[str, Split | None]:
        """Where the sides part without what the caller does."""
        plain = [self.plain(one) for one in batch]
        ran = self.ran([one for one in plain if one[1]])
        return {repr(one): ran.get(repr(other)) for one, other in zip(batch, plain, strict=True)}

    def plain(self, scenario: Scenario) -> Scenario:
        """The scenario without what the caller does."""
        return [scenario[0], [step for step in scenario[1] if step[0] not in (EMPTIED, INSIDE, TAKEN)]]

    def told(self, draft: Draft, target: Target) -> Draft:
        plan = draft.proof
        if plan is None:
            return draft
        return dataclasses.replace(
            draft,
            rule=self.rule,
            title=f"{draft.title} {self.after}",
            message=f"{plan.input}: {plan.base} on base; on head it {plan.head}. {self.why}",
            key=f"{self.rule}:{draft.key}",
            suggestion=self.suggestion,
        )


class Taken(Emptied):
    """A caller empties what it has given to an object."""

    rule = "kept-argument"
    after = "after its caller emptied what it had given to it"
    why = (
        "On head the object keeps what it was given, not a copy of it: a caller that goes on using its own value "
        "changes the object."
    )
    suggestion = "Copy what is kept, as base does."

    def varied(self, scenario: Scenario) -> Iterator[Scenario]:
        """The scenario with what was given to its changed call, or to the construction, emptied behind it."""
        receiver, steps = scenario
        focus = set(self.search.opening["focus"])
        if receiver is not None and receiver[0] == "new" and "__init__" in focus:
            yield [receiver, [[TAKEN, [], []], *steps]]
        for at, step in enumerate(steps if receiver is not None else ()):
            if step[0] in focus and step[1]:
                yield [receiver, [*steps[: at + 1], [TAKEN, [], []], *steps[at + 1 :]]]
