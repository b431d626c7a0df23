"""Calls with fewer arguments, because those that stay have names: ``f(rows, "", "", 3)`` is ``f(rows, width=3)``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .shrink import Recipe
from .wire import Scenario

Call = tuple[list[Recipe], list[list[Any]]]
Parameters = Mapping[str, Sequence[tuple[str, bool]]]
"""Of each method, ``__init__`` too: the names of what may be given by place or by name, and whether it is optional."""


def by_name(parameters: Parameters, scenario: Scenario) -> Iterator[Scenario]:
    """The scenario with the optional arguments of one of its calls by name, and some of them left out."""
    receiver, steps = scenario
    for at, (name, args, kwargs) in enumerate(steps):
        for fewer in _fewer(parameters.get(name, ()), args or [], kwargs):
            yield [receiver, [*steps[:at], [name, *fewer], *steps[at + 1 :]]]
    if isinstance(receiver, list) and receiver and receiver[0] == "new":
        for fewer in _fewer(parameters.get("__init__", ()), *receiver[3:]):
            yield [[*receiver[:3], *fewer], steps]


def _fewer(known: Sequence[tuple[str, bool]], args: list[Recipe], kwargs: list[list[Any]]) -> Iterator[Call]:
    """Each optional argument alone, then all but one of them."""
    required = next((at for at, (_, optional) in enumerate(known) if optional), len(known))
    if not required < len(args) <= len(known):
        return
    named = [[name, value] for (name, _), value in zip(known, args, strict=False)]
    for at in range(required, len(args)):
        yield args[:required], [named[at], *kwargs]
    for at in range(required, len(args) - 1):
        yield args[:at], [*named[at + 1 :], *kwargs]
