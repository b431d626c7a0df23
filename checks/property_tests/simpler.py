"""Simpler numbers and texts, in one place or in all places of a scenario where one stands."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from .wire import ENVIRON, Scenario

EVERY = 80
MOST_REPEATED = 8
ITEMS_AT_1 = ("list", "set", "frozenset", "tuple", "iter", "gen", "deque")
MAPPINGS = ("dict", "OrderedDict", "Counter", "defaultdict")

Scalar = int | str
Change = Callable[[Scalar], Scalar]


def integers(number: int) -> Iterator[int]:
    """Integers nearer to zero, round ones first."""
    for candidate in (
        0,
        1,
        2,
        10,
        100,
        abs(number),
        number // 2,
        number - 1,
        number // 10,
        number - number % 10,
    ):
        if abs(candidate) < abs(number) or (number < 0 <= candidate):
            yield candidate
    yield from range(3, min(number, EVERY))


def texts(text: str) -> Iterator[str]:
    """Shorter texts, then the same length in plainer letters."""
    length = len(text)
    if not length:
        return
    for candidate in ("", "a", "0"):
        if candidate != text:
            yield candidate
    for part in (2, 4):
        if length > part:
            step = length // part
            for start in range(0, length, step):
                yield text[:start] + text[start + step :]
    for at in range(min(length, 40)):
        yield text[:at] + text[at + 1 :]
    for at, letter in enumerate(text[:20]):
        plain = "a" if letter.isalpha() else "0" if letter.isdecimal() else letter
        if plain != letter:
            yield text[:at] + plain + text[at + 1 :]


def floats(text: str) -> Iterator[str]:
    try:
        value = float(text)
        for candidate in (
            0.0,
            1.0,
            float(int(value)),
            round(value, 1),
            round(value, 2),
            abs(value),
            value / 2,
        ):
            if repr(candidate) != text:
                yield repr(candidate)
    except (ValueError, OverflowError):
        return


def decimals(text: str) -> Iterator[str]:
    try:
        value = Decimal(text)
        sign, digits, exponent = value.as_tuple()
    except (InvalidOperation, ValueError):
        return
    if not isinstance(exponent, int):
        return
    for at in range(len(digits) - 1):
        yield str(Decimal((sign, digits[:at] + digits[at + 1 :], exponent)))
        if digits[at] > 1:
            yield str(Decimal((sign, (*digits[:at], 1, *digits[at + 1 :]), exponent)))
    if exponent < 0:
        yield str(Decimal((sign, digits[:-1] or (0,), exponent + 1)))
    if sign:
        yield str(-value)


def everywhere(scenario: Scenario) -> Iterator[Scenario]:
    """The scenario with a text or number that stands in it more than once made simpler in all these places.

    A key that is put into a mapping and asked for is such a one: changed in one place it is another key.
    """
    counts: Counter[tuple[type, Scalar]] = Counter()

    def counted(value: Scalar) -> Scalar:
        counts[type(value), value] += 1
        return value

    _in_scenario(scenario, counted)
    for (kind, value), count in sorted(counts.items(), key=lambda one: -len(str(one[0][1]))):
        if count > 1 and len(str(value)) > 1:
            simpler = ["b", *texts(value)] if isinstance(value, str) else [*integers(value)]
            for one in simpler[:MOST_REPEATED]:
                yield _in_scenario(scenario, _renaming(kind, value, one))


def _renaming(kind: type, old: Scalar, new: Scalar) -> Change:
    return lambda value: new if type(value) is kind and value == old else value


def _in_scenario(scenario: Scenario, change: Change) -> Scenario:
    receiver, steps = scenario
    return [_in_recipe(receiver, change), [_in_step(step, change) for step in steps]]


def _in_step(step: list[Any], change: Change) -> list[Any]:
    name, args, kwargs = step
    if name in ("@together", "@within", ENVIRON):  # their arguments hold names of methods, of variables
        return step
    return [name, args if args is None else _each(args, change), _values(kwargs, change)]


def _in_recipe(recipe: Any, change: Change) -> Any:
    """The recipe with its texts and numbers changed; names of classes, methods and attributes stay."""
    if isinstance(recipe, int | str) and not isinstance(recipe, bool):
        return change(recipe)
    tag = recipe[0] if isinstance(recipe, list) and recipe else None
    if tag in ITEMS_AT_1:
        return [tag, _each(recipe[1], change), *recipe[2:]]
    if tag in MAPPINGS:
        return [*recipe[:-1], [_each(pair, change) for pair in recipe[-1]]]
    if tag == "new":
        return [*recipe[:3], _each(recipe[3], change), _values(recipe[4], change)]
    if tag == "then":
        return [tag, _in_recipe(recipe[1], change), [_in_step(step, change) for step in recipe[2]]]
    return recipe


def _each(recipes: list[Any], change: Change) -> list[Any]:
    return [_in_recipe(one, change) for one in recipes]


def _values(pairs: list[list[Any]], change: Change) -> list[list[Any]]:
    return [[name, _in_recipe(value, change)] for name, value in pairs]
