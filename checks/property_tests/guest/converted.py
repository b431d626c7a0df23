"""Values of other kinds, where base's own code makes of them what it needs: ``str(key)`` takes numbers, too.

Which conversions a change takes away is told from outside (see ``vocabulary.conversions``): ``text``, ``number``,
``items`` for what ``str``, ``int`` and ``list`` do, and ``mixed`` for items of kinds that cannot be ordered.
"""

from __future__ import annotations

import itertools
import random
import typing

from .domain import MAPPINGS, Recipe, tag_of
from .places import Change, changed_once
from .target import Scenario

SHARE = 0.3
MOST_PLACES = 30
MAX_DIGITS = 12


def converted(rng: random.Random, scenario: Scenario, kinds: typing.Sequence[str]) -> Scenario:
    """The scenario, sometimes with one part of another kind."""
    if not kinds or rng.random() > SHARE:
        return scenario
    changes = CHANGES[rng.choice(kinds)]
    found = list(itertools.islice(changed_once(scenario, changes[0]), MOST_PLACES))
    return rng.choice(found) if found else scenario


def usual(scenario: Scenario, kinds: typing.Sequence[str]) -> typing.Iterator[Scenario]:
    """What the scenario may have been before one part of it got another kind."""
    for kind in kinds:
        yield from itertools.islice(changed_once(scenario, CHANGES[kind][1]), MOST_PLACES)


def _digits_to_number(recipe: Recipe) -> typing.Iterator[Recipe]:
    if tag_of(recipe) == "str" and recipe.isdecimal() and recipe.isascii() and len(recipe) <= MAX_DIGITS:
        yield int(recipe)
    elif tag_of(recipe) in MAPPINGS:
        yield from _with_keys(recipe, _digits_to_number)


def _number_to_digits(recipe: Recipe) -> typing.Iterator[Recipe]:
    if type(recipe) is int:
        yield str(recipe)
    elif tag_of(recipe) in MAPPINGS:
        yield from _with_keys(recipe, _number_to_digits)


def _with_keys(recipe: Recipe, change: Change) -> typing.Iterator[Recipe]:
    """A mapping with all its keys changed at once, as keys of two kinds have no order; of several only."""
    keys = [made for key, _ in recipe[-1] for made in change(key) if not isinstance(made, list)]
    if 1 < len(keys) == len(recipe[-1]):
        yield [*recipe[:-1], [[key, value] for key, (_, value) in zip(keys, recipe[-1])]]


def _list_to_others(recipe: Recipe) -> typing.Iterator[Recipe]:
    if tag_of(recipe) == "list":
        yield ["tuple", recipe[1]]
        yield ["iter", recipe[1]]


def _others_to_list(recipe: Recipe) -> typing.Iterator[Recipe]:
    if tag_of(recipe) in ("tuple", "iter"):
        yield ["list", recipe[1]]


def _to_mixed(recipe: Recipe) -> typing.Iterator[Recipe]:
    if tag_of(recipe) in ("list", "set", "tuple"):
        others: dict[str, Recipe] = {"int": "a", "str": 1}
        for item in recipe[1][:1]:
            if tag_of(item) in others:
                yield [recipe[0], [*recipe[1], others[tag_of(item)]], *recipe[2:]]


def _from_mixed(recipe: Recipe) -> typing.Iterator[Recipe]:
    tag = tag_of(recipe)
    if tag in ("list", "set", "tuple") and len(set(map(tag_of, recipe[1]))) > 1:
        for kept in dict.fromkeys(map(tag_of, recipe[1])):
            yield [tag, [item for item in recipe[1] if tag_of(item) == kept], *recipe[2:]]


CHANGES: dict[str, tuple[Change, Change]] = {
    "text": (_digits_to_number, _number_to_digits),
    "number": (_number_to_digits, _digits_to_number),
    "items": (_list_to_others, _others_to_list),
    "mixed": (_to_mixed, _from_mixed),
}
