"""What a search finds: classes of difference, each with the inputs that show it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .compare import Observed, Split
from .wire import Scenario

CANDIDATES = 12
VARIED = 400

Key = tuple[str, str, str, str | None]
Ran = tuple[Scenario, list[Observed], list[Observed]]
"""A scenario with what base and head did."""


@dataclass
class Case:
    """A class of difference with the scenarios that showed it, the simplest and most familiar first."""

    key: Key
    split: Split
    measure: Callable[[Scenario], Any]
    scenarios: list[Ran] = field(default_factory=list)
    varied: dict[str, Scenario] = field(default_factory=dict)
    """The most familiar scenario of each pair of answers: where they are many, the first ones."""

    def add(self, scenario: Scenario, base: list[Observed], head: list[Observed]) -> None:
        self.scenarios.append((scenario, base, head))
        self.scenarios.sort(key=lambda one: self.measure(one[0]))
        del self.scenarios[CANDIDATES:]
        answers = repr([(one[-1]["kind"], one[-1].get("text")) for one in (base, head) if one])
        known = self.varied.get(answers)
        room = len(self.varied) < VARIED
        if room if known is None else self.measure(scenario) < self.measure(known):
            self.varied[answers] = scenario


@dataclass
class Searched:
    """What the search of one target gave. ``tried`` counts scenarios that both sides ran."""

    cases: list[Case] = field(default_factory=list)
    tried: int = 0
    answered: int = 0
    refused: int = 0
    unstable: int = 0
    trouble: str = ""
    samples: list[Scenario] = field(default_factory=list)
    """Inputs that both sides answered alike, for measuring how their work grows."""
    unsteady: list[Case] = field(default_factory=list)
    """Differences on inputs that base answers alike in every process, and head in each as it happens."""


def rank(case: Case) -> tuple[int, Any]:
    """Crashes and hangs first, then implicit errors, other values, mutation, other errors."""
    after = case.split.after
    order = (
        4
        if case.split.both_raise
        else 0
        if after in ("hangs", "crashes")
        else 1
        if after.startswith("raises")
        else 2
    )
    order = 3 if after in ("mutates", "prints", "writes") else order
    return order, case.measure(case.scenarios[0][0])[:2] if case.scenarios else ()
