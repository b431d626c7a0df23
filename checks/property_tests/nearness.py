"""How near a scenario is to calls that the repository's own tests make.

A reviewer believes a small input, and even more one that looks like those of the tests. So
what is measured, and what shrinking aims at, is length plus a price for each part that no
recorded call holds.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .shrink import Recipe, size
from .wire import Scenario

STRANGE = 12
"""Price of a part that no recorded call holds, in characters of the scenario."""
EXAMPLES = 6
PLAIN = (0, 1, "", "a", "0")


class Nearness:
    """Measures scenarios of one target. ``records`` are recorded calls as the guest sends them."""

    def __init__(self, records: Iterable[Mapping[str, Any]], symbol: str) -> None:
        self.known: set[str] = {json.dumps(item) for item in PLAIN}
        self.examples: dict[tuple[str, int], list[Recipe]] = {}
        for record in records:
            if not str(record.get("symbol", "")).startswith(symbol):
                continue
            arguments = [record.get("args"), record.get("kwargs"), record.get("receiver")]
            self.known.update(map(json.dumps, scalars(arguments)))
            name = str(record["symbol"]).rpartition(".")[2]
            for at, item in enumerate(record.get("args") or []):
                seen = self.examples.setdefault((name, at), [])
                if len(seen) < EXAMPLES and item not in seen:
                    seen.append(item)

    def size(self, scenario: Scenario) -> tuple[int, int, int, str]:
        """Smaller is simpler or nearer to the recorded calls."""
        steps, length, weight, text = size(scenario)
        parts = [scenario[0], *(step[1:] for step in scenario[1])]
        strange = sum(json.dumps(part) not in self.known for part in scalars(parts))
        return steps, length + STRANGE * strange, weight, text

    def neighbours(self, scenario: Scenario) -> Iterator[Scenario]:
        """The scenario with one argument as some recorded call has it."""
        receiver, steps = scenario
        for number, (name, args, kwargs) in enumerate(steps):
            for at, item in enumerate(args or []):
                for example in self.examples.get((name, at), ()):
                    if example != item:
                        changed = [name, [*args[:at], example, *args[at + 1 :]], kwargs]
                        yield [receiver, [*steps[:number], changed, *steps[number + 1 :]]]


def scalars(recipe: Recipe) -> Iterator[int | str]:
    """Every number and text in a recipe, tags included: they name the kinds that occur."""
    if isinstance(recipe, list):
        for item in recipe:
            yield from scalars(item)
    elif isinstance(recipe, int | str) and not isinstance(recipe, bool):
        yield recipe
