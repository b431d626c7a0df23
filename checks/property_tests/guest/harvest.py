"""What earlier inputs are worth keeping: those that base answered, or that went where none had been."""

from __future__ import annotations

import json
import random
import typing

from guestlib.outcome import Outcome

from .domain import Recipe
from .environment import apart
from .target import Scenario

MAX_POOL = 300
MAX_RECEIVERS = 60
MAX_ALIKE = 30
"""Scenarios of one object: it must not crowd the others out."""


class Harvest:
    """``seeds`` are recorded scenarios, ``focus`` the changed methods: who calls them is kept first."""

    def __init__(self, rng: random.Random, seeds: list[Scenario], focus: typing.Sequence[str]) -> None:
        self.rng = rng
        self.seeds = seeds
        self.focus = focus
        self.pool: list[Scenario] = list(seeds)
        self.pioneers: list[Scenario] = []
        self.receivers: list[Recipe] = []
        self.refused: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.pool or self.pioneers)

    def source(self) -> Scenario:
        """A scenario to vary: a recorded one, one that reached something new, or any that was answered."""
        roll = self.rng.random()
        if self.pioneers and (roll < 0.35 or not self.pool):
            late = self.rng.random() < 0.5
            return self.rng.choice(self.pioneers[-8:] if late else self.pioneers)
        return self.rng.choice(self.seeds if self.seeds and self.rng.random() < 0.6 else self.pool)

    def receiver(self) -> Recipe:
        """An object that base built, of a recorded scenario where there is one; None before the first."""
        if self.pool and (self.seeds or not self.receivers) and self.rng.random() < 0.5:
            return self.rng.choice(self.pool)[0]
        return self.rng.choice(self.receivers) if self.receivers else None

    def is_refused(self, receiver: Recipe) -> bool:
        """Whether base did not build this object: calls of its methods would show nothing."""
        return receiver is not None and json.dumps(receiver) in self.refused

    def feed(self, scenario: Scenario, outcomes: list[Outcome], fresh: bool) -> None:
        """Keep what base took. ``fresh``: lines were run that no earlier input had run."""
        if not outcomes:
            return
        last = outcomes[-1]
        good = all(item["kind"] == "value" for item in outcomes)
        if fresh and (good or last.get("origin") == "purpose"):
            self.pioneers.append(scenario)
        if scenario[0] is not None and not self._built(scenario[0], outcomes[0]):
            return
        taken = self._taken(scenario, outcomes)
        if apart(taken[1])[1] and self.rng.random() < self._share(taken) and self._has_room(taken[0]):
            self.pool.append(taken)

    def _has_room(self, receiver: Recipe) -> bool:
        if receiver is not None and sum(one[0] == receiver for one in self.pool) >= MAX_ALIKE:
            return False
        return len(self.pool) < MAX_POOL

    def _built(self, receiver: Recipe, outcome: Outcome) -> bool:
        if outcome["kind"] != "value":
            self.refused.add(json.dumps(receiver))
            return False
        if receiver not in self.receivers:
            if len(self.receivers) >= MAX_RECEIVERS:
                self.receivers.pop(self.rng.randrange(MAX_RECEIVERS))
            self.receivers.append(receiver)
        return True

    def _taken(self, scenario: Scenario, outcomes: list[Outcome]) -> Scenario:
        """The scenario up to its first refused step."""
        receiver, steps = scenario
        of_steps = outcomes[int(receiver is not None) :]
        good = 0
        while good < len(of_steps) and of_steps[good]["kind"] == "value":
            good += 1
        return [receiver, steps[:good]]

    def _share(self, scenario: Scenario) -> float:
        """How often such a scenario is kept: ones without a changed method seldom, where any is known."""
        if scenario[0] is None or not self.focus:
            return 0.3
        return 0.6 if any(step[0] in self.focus for step in scenario[1]) else 0.06
