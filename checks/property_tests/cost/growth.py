"""Growing inputs from inputs that both sides answered: which part can grow, and how.

The forms are those of ``guest/cost/grown.py``; everything here is plain data.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..wire import Scenario

SEQUENCES = ("list", "tuple", "set", "frozenset", "deque", "iter", "gen")
MAPPINGS = ("dict", "OrderedDict", "Counter")
GAPS = (", ", "; ", ",", ";", "\n", "|", "/", " ", "-", ".")
MAX_DEPTH = 3
EACH = 2

Recipe = Any


@dataclass(frozen=True)
class Growth:
    """A growing scenario. ``repeat``: its steps are done as often as the size says."""

    scenario: Scenario
    repeat: bool
    place: str

    def message(self) -> dict[str, Any]:
        return {"scenario": self.scenario, "repeat": self.repeat}


def growths(samples: Sequence[Scenario], most: int) -> list[Growth]:
    """At most ``most`` growing scenarios: some for each part that can grow, longest samples first."""
    found: dict[str, list[Growth]] = {}
    for scenario in sorted(samples, key=lambda one: -len(json.dumps(one)))[:60]:
        for place, grown in _places(scenario):
            known = found.setdefault(place, [])
            if len(known) < EACH and all(one.scenario != grown for one in known):
                known.append(Growth(grown, False, place))
        repeated = _repeated(scenario)
        if repeated is not None:
            place = "calls of " + str(repeated[1][-1][0])
            found.setdefault(place, []).append(Growth(repeated, True, place))
    chosen = []
    for rank in range(EACH):  # the first form of every part before the second of any
        chosen += [grown[rank] for grown in found.values() if len(grown) > rank]
    return chosen[:most]


def _places(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """(name of the part, scenario in which it grows); only the last step of a sequence stays."""
    receiver, steps = scenario
    if receiver is not None:
        for place, grown in _arguments(receiver[3], receiver[4]) if receiver[0] == "new" else ():
            yield "constructor " + place, [[*receiver[:3], *grown], steps]
    name, args, kwargs = steps[-1]
    for place, (positional, keywords) in _arguments(args or [], kwargs):
        yield f"{name} {place}", [receiver, [*steps[:-1], [name, positional, keywords]]]


def _arguments(args: list[Recipe], kwargs: list[Any]) -> Iterator[tuple[str, tuple[list[Recipe], list[Any]]]]:
    for at, item in enumerate(args):
        for grown in _grown(item, 0):
            yield str(at), ([*args[:at], grown, *args[at + 1 :]], kwargs)
    for at, (name, item) in enumerate(kwargs):
        for grown in _grown(item, 0):
            yield name, (args, [*kwargs[:at], [name, grown], *kwargs[at + 1 :]])


def _grown(recipe: Recipe, depth: int) -> Iterator[Recipe]:
    """The recipe with one part of it growing."""
    if type(recipe) is int and recipe > 1 and depth == 0:
        yield ["number"]
    elif isinstance(recipe, str) and recipe:
        yield from _texts(recipe)
    elif isinstance(recipe, list) and recipe and recipe[0] in SEQUENCES and len(recipe) > 1:
        yield from _sequence(recipe)
        if recipe[1] and depth < MAX_DEPTH:
            for inner in _grown(recipe[1][0], depth + 1):
                yield [recipe[0], [inner, *recipe[1][1:]], *recipe[2:]]
    elif isinstance(recipe, list) and recipe and recipe[0] in MAPPINGS:
        pairs = recipe[1]
        if pairs and isinstance(pairs[0][0], str | int):
            yield ["grown", recipe[0], [_holes(pairs[0][0], "hole"), pairs[0][1]]]
        for at, (key, value) in enumerate(pairs[:4] if depth < MAX_DEPTH else ()):
            for inner in _grown(value, depth + 1):
                yield [recipe[0], [*pairs[:at], [key, inner], *pairs[at + 1 :]]]
    elif isinstance(recipe, list) and recipe and recipe[0] == "new" and depth < MAX_DEPTH:
        for _, grown in _arguments(recipe[3], recipe[4]):
            if grown[0] != recipe[3] or grown[1] != recipe[4]:
                yield [*recipe[:3], *grown]


def _texts(text: str) -> Iterator[Recipe]:
    for gap in GAPS:
        word = text.split(gap)[0] if gap in text else ""
        if word and word.isprintable():
            yield ["words", gap, word]
            break
    yield ["long", text]


def _sequence(recipe: Recipe) -> Iterator[Recipe]:
    tag, items, *rest = recipe
    if not items:
        return
    if tag == "deque" and rest[0] is not None:
        return
    for hole in ("hole", "mixed"):
        template = _holes(items[0], hole)
        if template != items[0]:
            yield ["grown", tag, template, *rest]
    if tag not in ("set", "frozenset"):
        yield ["cycled", tag, items, *rest]


def _holes(recipe: Recipe, hole: str) -> Recipe:
    """The recipe with its numbers and texts varying by position."""
    if isinstance(recipe, bool):
        return recipe
    if isinstance(recipe, int):
        return [hole, recipe, 1]
    if isinstance(recipe, str):
        return [hole, recipe[:3] if recipe.isalnum() and len(recipe) > 8 else recipe, 1]
    if isinstance(recipe, list) and recipe and recipe[0] in ("list", "tuple"):
        ints = [item for item in recipe[1] if type(item) is int]
        step = max(ints) - min(ints) + 1 if len(ints) > 1 else 1
        made = [_holes(item, hole) for item in recipe[1]]
        return [recipe[0], [[item[0], item[1], step] if _is_int_hole(item) else item for item in made]]
    if isinstance(recipe, list) and recipe and recipe[0] in MAPPINGS:
        return [recipe[0], [[key, _holes(value, hole)] for key, value in recipe[1]]]
    if isinstance(recipe, list) and recipe and recipe[0] == "new":
        return [*recipe[:3], [_holes(item, hole) for item in recipe[3]],
                [[name, _holes(item, hole)] for name, item in recipe[4]]]  # fmt: skip
    return recipe


def _is_int_hole(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 3 and item[0] in ("hole", "mixed") and type(item[1]) is int


def _repeated(scenario: Scenario) -> Scenario | None:
    """One call of a method, to be repeated with other arguments on one object."""
    receiver, steps = scenario
    if receiver is None or steps[-1][1] is None or not (steps[-1][1] or steps[-1][2]):
        return None
    name, args, kwargs = steps[-1]
    return [receiver, [[name, [_holes(item, "hole") for item in args],
                        [[key, _holes(item, "hole")] for key, item in kwargs]]]]  # fmt: skip
