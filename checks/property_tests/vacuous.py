"""Answers that nobody relies on: base gives one only because another argument is empty.

``chunks([], 0)`` is ``[]`` where ``chunks(["a"], 0)`` divides by zero: that base answers the first
does not make 0 an argument that its contract admits.
"""

from collections.abc import Sequence
from typing import Any

from .wire import Scenario, Side

CONTAINERS = ("list", "tuple", "set", "frozenset", "dict", "iter", "gen", "deque")
EMPTY: tuple[Any, ...] = ("", *([tag, []] for tag in CONTAINERS))
ASKED = 12
FEW = 3
"""Fewer failures say nothing of an argument."""


def vacuous(base: Side, scenario: Scenario, samples: Sequence[Scenario]) -> bool:
    """Whether base fails by accident on every fuller variant of one call of a function.

    ``samples`` are scenarios that base answered; their arguments take the places of empty ones.
    """
    *surroundings, (name, args, kwargs) = scenario[1]
    fuller: list[Scenario] = []
    for at, item in enumerate(args or []):
        for sample in samples if item in EMPTY else ():
            theirs = sample[1][0][1] or []
            if len(theirs) > at and theirs[at] not in EMPTY:
                fuller.append(
                    [None, [*surroundings, [name, [*args[:at], theirs[at], *args[at + 1 :]], kwargs]]]
                )
    if len(fuller) < FEW:
        return False
    outcomes = [found[-1] for found, _ in base.execute(fuller[:ASKED]) if found]
    return len(outcomes) >= FEW and all(one.get("origin") in ("garbage", "data") for one in outcomes)
