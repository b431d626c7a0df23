"""Makes a scenario smaller while it keeps showing the same difference.

The lattice is that of the recipe as plain data: fewer steps, fewer arguments, shorter
containers and texts, numbers nearer to zero. All neighbours of a scenario are asked in one
batch, smallest first, because a batch costs about as much as a single question.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .simpler import ITEMS_AT_1, MAPPINGS, decimals, everywhere, floats, integers, texts
from .wire import ENVIRON, Scenario

Recipe = Any
MAX_BATCH = 120
MOST_PLACES = 40


def size(scenario: Scenario) -> tuple[int, int, int, str]:
    """Smaller is simpler: steps, then length, then the magnitude of what is in it."""
    text = json.dumps(scenario)
    weight = sum(count * _weight(letter) for letter, count in Counter(text).items())
    return len(scenario[1]), len(text), weight, text


def _weight(letter: str) -> int:
    if letter.isdecimal():
        return int(letter)
    if letter.isascii():
        return (
            2 if letter.isalnum() or letter in '[],"' else 3 if letter == " " else 4 if letter != "-" else 12
        )
    return 9


def shrink(
    scenario: Scenario,
    still: Callable[[list[Scenario]], list[bool]],
    more_time: Callable[[], bool],
    measure: Callable[[Scenario], Any] = size,
    further: Callable[[Scenario], Iterator[Scenario]] = lambda scenario: iter(()),
    most: int = MAX_BATCH,
) -> Scenario:
    """The smallest scenario found. ``still`` says of each of a batch whether it shows the difference.

    ``measure`` orders scenarios; ``further`` gives neighbours besides those of :func:`neighbours`;
    ``most`` are asked at once.
    """
    best = scenario
    tried: set[str] = {json.dumps(scenario)}
    while more_time():
        fresh = {json.dumps(one): one for one in (*neighbours(best), *further(best))}
        least = measure(best)
        measured = [(measure(one), key) for key, one in fresh.items() if key not in tried]
        better = sorted(one for one in measured if one[0] < least)
        candidates = [fresh[key] for _, key in better]
        tried.update(key for _, key in better)
        found = None
        for start in range(0, len(candidates), most):
            batch = candidates[start : start + most]
            found = next((one for one, yes in zip(batch, still(batch), strict=True) if yes), None)
            if found is not None or not more_time():
                break
        if found is None:
            break
        best = found
    return best


def neighbours(scenario: Scenario) -> Iterator[Scenario]:
    """Scenarios one simplification away."""
    receiver, steps = scenario
    for at, step in enumerate(steps):
        if len(steps) > 1:
            yield [receiver, steps[:at] + steps[at + 1 :]]
        for simpler in _call(step):
            yield [receiver, [*steps[:at], simpler, *steps[at + 1 :]]]
    yield from everywhere(scenario)
    if isinstance(receiver, list):
        for made in recipes(receiver):
            if isinstance(made, list) and made[0] == receiver[0]:
                yield [made, steps]


def _call(step: list[Any]) -> Iterator[list[Any]]:
    name, args, kwargs = step
    if args is None:
        return
    if name == ENVIRON:
        for simpler in recipes(args[1]):
            yield [name, [args[0], simpler], kwargs]
        return
    if name == "@within":
        for at in (1, 3):
            for simpler in recipes(args[at]):
                yield [name, [*args[:at], simpler, *args[at + 1 :]], kwargs]
        return
    for simpler_args, simpler_kwargs in _arguments(args, kwargs):
        yield [name, simpler_args, simpler_kwargs]


def _arguments(args: list[Recipe], kwargs: list[list[Any]]) -> Iterator[tuple[list[Recipe], list[list[Any]]]]:
    for fewer in _fewer_nodes([args, kwargs]):
        yield fewer[0], fewer[1]
    for at in range(len(kwargs)):
        yield args, kwargs[:at] + kwargs[at + 1 :]
    if args:
        yield args[:-1], kwargs
    for at, item in enumerate(args):
        for simpler in recipes(item):
            yield [*args[:at], simpler, *args[at + 1 :]], kwargs
    for at, (name, item) in enumerate(kwargs):
        for simpler in recipes(item):
            yield args, [*kwargs[:at], [name, simpler], *kwargs[at + 1 :]]


def _fewer_nodes(call: list[Any]) -> Iterator[list[Any]]:
    """The arguments with one object of their graph removed; references to it become nothing."""
    graph = _graph_of(call)
    for gone in range(len(graph[2])) if graph is not None and len(graph[2]) > 1 else ():
        yield _without(call, gone)


def _graph_of(recipe: Recipe) -> Recipe:
    if not isinstance(recipe, list):
        return None
    if len(recipe) == 4 and recipe[0] == "graph":
        return recipe
    return next((found for found in map(_graph_of, recipe) if found is not None), None)


def _without(recipe: Recipe, gone: int) -> Recipe:
    if not isinstance(recipe, list):
        return recipe
    if len(recipe) == 2 and recipe[0] == "at":
        return None if recipe[1] == gone else ["at", recipe[1] - (recipe[1] > gone)]
    if len(recipe) == 4 and recipe[0] == "graph":
        nodes = [_without(node, gone) for at, node in enumerate(recipe[2]) if at != gone]
        return ["graph", recipe[1], nodes, max(recipe[3] - (recipe[3] >= gone), 0)]
    if len(recipe) == 2 and recipe[0] == "list" and isinstance(recipe[1], list):
        return ["list", [_without(one, gone) for one in recipe[1] if one != ["at", gone]]]
    return [_without(one, gone) for one in recipe]


def recipes(recipe: Recipe) -> Iterator[Recipe]:
    """Simpler recipes of the same kind."""
    if isinstance(recipe, bool):
        if recipe:
            yield False
    elif isinstance(recipe, int):
        yield from integers(recipe)
    elif isinstance(recipe, str):
        yield from texts(recipe)
    elif isinstance(recipe, list) and recipe:
        yield from _tagged(recipe)


def _tagged(recipe: list[Any]) -> Iterator[Recipe]:
    tag = recipe[0]
    if tag in ITEMS_AT_1:
        yield from _items(recipe)
    elif tag in MAPPINGS:
        yield from _pairs(recipe)
    elif tag == "new":
        for args, kwargs in _arguments(recipe[3], recipe[4]):
            yield [*recipe[:3], args, kwargs]
    elif tag == "graph":
        yield from _graphs(recipe)
    elif tag == "then":
        yield from _past(recipe)
    elif tag == "file":
        for simpler in _contents(recipe[2]):
            yield [*recipe[:2], simpler, recipe[3]]
    elif tag == "float":
        yield from (["float", text] for text in floats(recipe[1]))
    elif tag == "Decimal":
        yield from (["Decimal", text] for text in decimals(recipe[1]))
    elif tag == "Fraction":
        for top in integers(int(recipe[1])):
            yield ["Fraction", str(top), recipe[2]]
        yield ["Fraction", recipe[1], "1"]
    elif tag == "bytes":
        for at in range(0, min(len(recipe[1]), 80), 2):
            yield ["bytes", recipe[1][:at] + recipe[1][at + 2 :]]
    elif tag == "datetime" and len(recipe) > 2:
        yield ["datetime", recipe[1][:10] + "T00:00:00", *recipe[2:]]
        yield ["datetime", recipe[1][:17] + "00", *recipe[2:]]
    elif tag == "timedelta":
        for at in (1, 2, 3):
            for number in integers(recipe[at]):
                yield [*recipe[:at], number, *recipe[at + 1 :]]


def _past(recipe: list[Any]) -> Iterator[Recipe]:
    """An object with a shorter or simpler past."""
    _, made, steps = recipe
    yield made
    for one in recipes(made):
        yield ["then", one, steps]
    for at, step in enumerate(steps):
        yield ["then", made, steps[:at] + steps[at + 1 :]]
        for simpler in _call(step):
            yield ["then", made, [*steps[:at], simpler, *steps[at + 1 :]]]


def _contents(content: Recipe) -> Iterator[Recipe]:
    """What lies in a file with fewer lines or plainer words; a folder with fewer files."""
    if isinstance(content, str):
        lines = content.splitlines(keepends=True)
        for at in range(len(lines) if len(lines) > 1 else 0):
            yield "".join(lines[:at] + lines[at + 1 :])
        yield from texts(content)
    elif isinstance(content, list) and content[0] == "dict":
        for at, (name, text) in enumerate(content[1]):
            yield ["dict", content[1][:at] + content[1][at + 1 :]]
            for simpler in _contents(text):
                yield ["dict", [*content[1][:at], [name, simpler], *content[1][at + 1 :]]]


def _graphs(recipe: list[Any]) -> Iterator[Recipe]:
    """A graph with fewer links or simpler fields."""
    _, where, nodes, at = recipe
    for number, node in enumerate(nodes):
        for half, fields in enumerate(node):
            for place, (name, item) in enumerate(fields):
                simpler: list[Recipe] = [None] if isinstance(item, list) and item[:1] == ["at"] else []
                for one in [*simpler, *recipes(item)]:
                    changed = [*fields[:place], [name, one], *fields[place + 1 :]]
                    halves = [changed if side == half else other for side, other in enumerate(node)]
                    yield ["graph", where, [*nodes[:number], halves, *nodes[number + 1 :]], at]


def _long(items: list[Recipe]) -> Iterator[list[Recipe]]:
    """Many items with fewer of them, or with one and the same everywhere: to try each would take too long."""
    for part in range(8):
        yield items[: len(items) * part // 8] + items[len(items) * (part + 1) // 8 :]
    for at in _places(len(items)):
        yield items[:at] + items[at + 1 :]
    for same in (items[0], *itertools.islice(recipes(items[0]), 3)):
        yield [same] * len(items)


def _places(length: int) -> Iterable[int]:
    """Some places of a long value: at both ends and between."""
    if length <= MOST_PLACES:
        return range(length)
    between = range(MOST_PLACES // 4, length - MOST_PLACES // 4, length // (MOST_PLACES // 2))
    return (*range(MOST_PLACES // 4), *between, *range(length - MOST_PLACES // 4, length))


def _items(recipe: list[Any]) -> Iterator[Recipe]:
    tag, items, *rest = recipe
    if len(items) > 3:
        half = len(items) // 2
        yield [tag, items[:half], *rest]
        yield [tag, items[half:], *rest]
    if len(items) > MOST_PLACES:
        for fewer in _long(items):
            yield [tag, fewer, *rest]
        return
    for at, item in enumerate(items):
        yield [tag, items[:at] + items[at + 1 :], *rest]
        for simpler in recipes(item):
            yield [tag, [*items[:at], simpler, *items[at + 1 :]], *rest]


def _pairs(recipe: list[Any]) -> Iterator[Recipe]:
    *start, pairs = recipe
    for at in _places(len(pairs)):
        key, value = pairs[at]
        yield [*start, pairs[:at] + pairs[at + 1 :]]
        for simpler in recipes(value):
            yield [*start, [*pairs[:at], [key, simpler], *pairs[at + 1 :]]]
        for simpler in recipes(key):
            if all(simpler != other for other, _ in pairs):
                yield [*start, [*pairs[:at], [simpler, value], *pairs[at + 1 :]]]
