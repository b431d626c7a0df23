"""Inputs with one part of them otherwise: walks through the recipes of a scenario."""

from __future__ import annotations

import typing

from .domain import MAPPINGS, Recipe, tag_of
from .target import Scenario

SEQUENCES = ("list", "set", "frozenset", "deque", "iter", "gen", "tuple")
Change = typing.Callable[[Recipe], typing.Iterable[Recipe]]
"""What may stand in place of a part; nothing for most parts."""
Arguments = typing.Tuple[typing.List[Recipe], typing.List[typing.List[Recipe]]]


def changed_once(scenario: Scenario, change: Change) -> typing.Iterator[Scenario]:
    """The scenario with the change made in one place of it: in arguments first, then in the receiver."""
    receiver, steps = scenario
    for at, (name, args, kwargs) in enumerate(steps):
        for made in _in_call(args or [], kwargs, change):
            yield [receiver, [*steps[:at], [name, *made], *steps[at + 1 :]]]
    for made in _within(receiver, change):
        yield [made, steps]


def _in_call(
    args: list[Recipe], kwargs: list[list[Recipe]], change: Change
) -> typing.Iterator[list[typing.Any]]:
    for at, item in enumerate(args):
        for made in _in(item, change):
            yield [[*args[:at], made, *args[at + 1 :]], kwargs]
    for at, (name, item) in enumerate(kwargs):
        for made in _in(item, change):
            yield [args, [*kwargs[:at], [name, made], *kwargs[at + 1 :]]]


def _in(recipe: Recipe, change: Change) -> typing.Iterator[Recipe]:
    yield from change(recipe)
    yield from _within(recipe, change)


def _within(recipe: Recipe, change: Change) -> typing.Iterator[Recipe]:
    tag = tag_of(recipe)
    if tag in SEQUENCES:
        for at, item in enumerate(recipe[1]):
            for made in _in(item, change):
                yield [tag, [*recipe[1][:at], made, *recipe[1][at + 1 :]], *recipe[2:]]
    elif tag in MAPPINGS:
        pairs = recipe[-1]
        for at, (key, item) in enumerate(pairs):
            for pair in (
                *([made, item] for made in _in(key, change)),
                *([key, made] for made in _in(item, change)),
            ):
                yield [*recipe[:-1], [*pairs[:at], pair, *pairs[at + 1 :]]]
    elif tag == "new":
        for made in _in_call(recipe[3], recipe[4], change):
            yield [*recipe[:3], *made]
