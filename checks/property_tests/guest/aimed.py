"""Inputs that run lines of the change, and the methods by which they do so."""

from __future__ import annotations

import random
import typing

from .reach import Edge
from .target import Scenario
from .together import inner

MAX_AIMED = 24
"""Scenarios kept of each way from line to line."""
RARE = 0.4
"""A way that a greater share of the inputs takes is nothing special."""
ENOUGH = 20
"""Inputs after which shares mean something."""
UNSEEN = 0.25
"""Weight of a method that never leads there: it may prepare what another one does, or show it."""


class Aimed:
    """What was seen of a search: which ways through the change each scenario took."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.runs = 0
        self.taken: dict[Edge, int] = {}
        self.scenarios: dict[Edge, list[Scenario]] = {}
        self.tried: dict[str, int] = {}
        self.led: dict[str, int] = {}

    def feed(self, scenario: Scenario, edges: typing.AbstractSet[Edge]) -> None:
        """Remember a scenario that was watched, and its ways from line to line of the change."""
        self.runs += 1
        for name in {one[0] for step in scenario[1] for one in inner(step)}:
            self.tried[name] = self.tried.get(name, 0) + 1
            self.led[name] = self.led.get(name, 0) + bool(edges)
        for edge in edges:
            self.taken[edge] = self.taken.get(edge, 0) + 1
            kept = self.scenarios.setdefault(edge, [])
            if len(kept) >= MAX_AIMED:
                kept.pop(self.rng.randrange(MAX_AIMED))
            kept.append(scenario)

    def source(self) -> Scenario | None:
        """A scenario that took a rare way, the rarest most often; None for every other one, and where none is rare."""
        rare = {edge: 1 / count for edge, count in self.taken.items() if count <= RARE * self.runs}
        if not rare or self.rng.random() < 0.5:
            return None
        return self.rng.choice(self.scenarios[self.rng.choices(list(rare), list(rare.values()))[0]])

    def method(self, names: typing.Sequence[str]) -> str:
        """One of the methods, the likelier the more often calls of it led to the change."""
        if self.runs < ENOUGH or not self.taken:
            return self.rng.choice(names)
        return self.rng.choices(names, [self._share(name) for name in names])[0]

    def _share(self, name: str) -> float:
        return UNSEEN + (self.led.get(name, 0) + 1) / (self.tried.get(name, 0) + 1)
