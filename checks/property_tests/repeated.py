"""State that calls or objects share on head: what is done once changes what the same gives the second time.

A list that becomes an attribute of the class, a default argument that is changed, a constant that is no
longer copied: one call alone shows nothing of it. Inputs that both sides answered alike are therefore done
twice, each in a process that ran nothing before, with objects of their own, and what the second time gives
is compared. The search itself cannot see this: its process has run many inputs, and there all of them differ.
"""

import copy
import dataclasses
import itertools
import json
import time
from collections.abc import Iterable
from typing import Any

from harness.check.interface import Draft

from .cases import Case, rank
from .compare import Observed, Split, split, stable
from .drafts import draft_of
from .search import Search
from .shrink import shrink
from .syntax import Module
from .target import Target
from .wire import Scenario, Side

TIMES = 2
MOST = 30
SECONDS = 6.0
AT_ONCE = 16
"""Inputs of a question while one is shrunk: each costs a process of its own."""
MARKS = ('["file", ', '["@together", ', '["@within", ', '["fn", "ticks"]')
"""Left out: scenarios with files of their own, with calls at the same time or in a body that fails, with a clock."""


class Afresh(Side):
    """A side that runs each input in a process of its own, and tells of the last of so many times."""

    def __init__(self, side: Side, times: int) -> None:
        super().__init__(side.session)
        self._times = times

    def explain(self, scenario: Scenario, times: int = 0) -> tuple[list[Observed], Any]:
        outcomes, parts = super().explain(scenario, times or self._times)
        return _unbuilt(scenario, outcomes), parts

    def execute(
        self, batch: list[Scenario], timeout: float = 120, limit: float = 0.4, times: int = 0, depth: int = 0
    ) -> list[tuple[Any, Any]]:
        answers = super().execute(batch, timeout, limit, times or self._times, depth)
        return [(_unbuilt(one, outcomes), fits) for one, (outcomes, fits) in zip(batch, answers, strict=True)]


def _unbuilt(scenario: Scenario, outcomes: list[Observed] | None) -> Any:
    """The outcomes without what a new object holds: its methods show that, and in a test it is no value."""
    if scenario[0] is None or not outcomes or outcomes[0]["kind"] != "value":
        return outcomes
    return [{"kind": "value", "text": "", "group": "object"}, *outcomes[1:]]


class Repeated:
    """Uses the two sessions of a search that has ended."""

    times = TIMES

    def __init__(self, search: Search) -> None:
        self.sides = search.base, search.head
        self.search = copy.copy(search)
        self.search.base, self.search.head = (Afresh(side, self.times) for side in self.sides)

    def run(self, target: Target, module: Module | None) -> Draft | None:
        """The finding; None where the second time gives on head what it gives on base."""
        try:
            return self._searched(target, module)
        finally:
            for side, afresh in zip(self.sides, (self.search.base, self.search.head), strict=True):
                side.lost = side.lost or afresh.lost

    def _searched(self, target: Target, module: Module | None) -> Draft | None:
        batch = self.chosen()
        if not batch or not self._opened(0):
            return None
        ran, fresh = self.ran(batch), self.fresh(batch)
        found: dict[Any, Case] = {}
        for scenario in batch:
            apart = ran[repr(scenario)]
            if apart is not None and fresh[repr(scenario)] is None:
                key = self.search.key(scenario, apart)
                case = found.setdefault(key, Case(key, apart, self.search.nearness.size))
                case.add(scenario, [], [])
        for case in sorted(found.values(), key=rank):
            draft = self._drafted(case, target, module)
            if draft is not None:
                return draft
        return None

    def fresh(self, batch: list[Scenario]) -> dict[str, Split | None]:
        """Where the sides part the first time."""
        return self.ran(batch, times=1)

    def chosen(self) -> list[Scenario]:
        """What is tried: every set of methods has its turn, for those that add are not those that tell."""
        made: dict[Any, list[Scenario]] = {}
        for scenario in self.answered():
            made.setdefault(frozenset(str(step[0]) for step in scenario[1]), []).append(scenario)
        return in_turns(made.values())

    def answered(self) -> list[Scenario]:
        """Inputs that were answered alike, or on head now so, now otherwise: simple ones first."""
        result = self.search.result
        every = [*result.samples]
        for case in result.unsteady:
            # The simplest ones are one and the same call; what differs among the rest is what was done before.
            every += [*(one[0] for one in case.scenarios), *case.varied.values()]
        usable = [one for one in every if not any(mark in json.dumps(one) for mark in MARKS)]
        return sorted(usable, key=self.search.nearness.size)

    def _opened(self, hash_seed: int) -> bool:
        """New processes, in which base runs nothing to learn of its arguments."""
        search = self.search
        quiet = {**search.opening, "without": [*search.opening["without"], "probe"]}
        sides = ((search.base, quiet), (search.head, search.plain_opening()))
        return all(side.open(opening, hash_seed=hash_seed) is None for side, opening in sides)

    def ran(self, batch: list[Scenario], times: int = 0) -> dict[str, Split | None]:
        """Where the sides part at each input; None where they do not, or base would not take it."""
        search = self.search
        old = search.base.execute(batch, times=times)
        new = search.head.execute(batch, times=times)
        found: dict[str, Split | None] = {}
        for scenario, (base, fits), (head, _) in zip(batch, old, new, strict=True):
            usable = fits and base and head and all(one["kind"] == "value" for one in base)
            found[repr(scenario)] = split(base, head, search.expected) if usable else None
        return found

    def _drafted(self, case: Case, target: Target, module: Module | None) -> Draft | None:
        end = time.monotonic() + SECONDS

        def still(batch: list[Scenario]) -> list[bool]:
            apart = self.ran(batch)
            return [one is not None and self.search.key(scenario, one) == case.key
                    for scenario, one in zip(batch, (apart[repr(one)] for one in batch), strict=True)]  # fmt: skip

        def more_time() -> bool:
            return time.monotonic() < end and not self.search.base.lost and not self.search.head.lost

        near = self.search.nearness
        smallest = shrink(case.scenarios[0][0], still, more_time, near.size, near.neighbours, AT_ONCE)
        case.scenarios.insert(0, (smallest, [], []))
        if not self._stable(smallest):
            return None
        made = draft_of(case, target, self.search, module)
        return self.told(made, target) if isinstance(made, Draft) else None

    def told(self, draft: Draft, target: Target) -> Draft:
        """The draft in words of its own."""
        return _told(draft, target)

    def _stable(self, scenario: Scenario) -> bool:
        """Whether each side gives the same in another process under another hash seed."""
        sides = (self.search.base, self.search.head)
        before = [side.execute([scenario])[0][0] for side in sides]
        if not self._opened(1):
            return False
        after = [side.execute([scenario])[0][0] for side in sides]
        return all(old and new and stable(old, new) for old, new in zip(before, after, strict=True))


def in_turns(groups: Iterable[list[Scenario]]) -> list[Scenario]:
    """The first of every group, then the second of every group, until they are enough."""
    turns = itertools.zip_longest(*groups)
    every = (one for turn in turns for one in turn if one is not None)
    return list(itertools.islice(every, MOST))


def _told(draft: Draft, target: Target) -> Draft:
    plan = draft.proof
    if plan is None:
        return draft
    what = "another object has done the same" if target.kind == "class" else "it was called once"
    plan = dataclasses.replace(plan, input=f"{plan.input}, after {what}")
    return dataclasses.replace(
        draft,
        rule="shared-state",
        title=f"{draft.title} after {what}",
        message=f"{plan.input}: {plan.base} on base; on head it {plan.head}. Calls or objects share a value that "
        "they change: an attribute of the class, a default argument, or a constant of the module.",
        key=f"shared-state:{draft.key}",
        proof=plan,
        suggestion="Make the value anew for each object and call, as base does.",
    )
