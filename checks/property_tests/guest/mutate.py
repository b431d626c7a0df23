"""Varies recipes near where they come from: one part a time, guided by the domain of the position."""

from __future__ import annotations

import datetime
import decimal
import random
import typing

from . import objects, placed, texts
from .domain import MAPPINGS, Domain, Recipe, tag_of
from .figures import whole
from .generate import ABSENT, Generator, octets
from .tables import leveled
from .tagged import form_of

EMPTY = Domain()
MAX_PAST = 24
"""Calls of an object's past that a variation may reach."""


def mutate(generator: Generator, recipe: Recipe, domain: Domain, depth: int = 0) -> Recipe:
    """A neighbour of ``recipe``. Falls back on a fresh value of the domain."""
    rng = generator.rng
    if depth and generator.absent and rng.random() < ABSENT:
        return None
    if isinstance(recipe, list) and recipe and recipe[0] == "graph":
        return _graph(generator, recipe, domain, depth)
    if rng.random() < 0.08:
        return generator.value(domain, depth) if not domain.open else recipe
    if domain.options and recipe in domain.options:
        return rng.choice(domain.options)
    tag = tag_of(recipe)
    if tag == "bool":
        return not recipe
    if tag == "int":
        number = int(recipe[1]) if isinstance(recipe, list) else recipe
        return whole(_integer(generator, number, domain))
    if tag == "str":
        if rng.random() < 0.06:
            return ""
        seen = [item for item in domain.pool if isinstance(item, str)]
        if seen and rng.random() < 0.15:
            return rng.choice(seen)
        return texts.vary(rng, recipe, generator.words, seen or generator.words.examples)
    if tag == "none":
        return None if domain.open else generator.value(domain, depth)
    if tag in ("list", "set", "frozenset", "deque", "iter", "gen", "tuple"):
        return _sequence(generator, recipe, domain, depth)
    if tag in MAPPINGS:
        return _mapping(generator, recipe, domain, depth)
    if tag == "at":
        return ["at", rng.randrange(len(generator.nodes))] if generator.nodes else recipe
    if tag == "file":
        seen = [item for item in domain.pool if tag_of(item) == "file"]
        return placed.vary(rng, recipe, generator.words, seen)
    if tag in ("new", "then"):
        return _instance(generator, recipe, depth)
    return _scalar(rng, recipe) or (generator.value(domain, depth) if not domain.open else recipe)


def _graph(generator: Generator, recipe: Recipe, domain: Domain, depth: int) -> Recipe:
    if domain.shape is None:
        return recipe
    return objects.vary(
        generator.rng, domain.shape, recipe, lambda item, inner: mutate(generator, item, inner, depth + 1)
    )


def graph_of(recipe: Recipe) -> Recipe:
    """The recipe of the graph somewhere inside a recipe, None without one."""
    if isinstance(recipe, list):
        if recipe and recipe[0] == "graph":
            return recipe
        for part in recipe:
            found = graph_of(part) if isinstance(part, list) else None
            if found is not None:
                return found
    return None


def _integer(generator: Generator, number: int, domain: Domain) -> int:
    rng = generator.rng
    roll = rng.random()
    if roll < 0.3:
        return number + rng.choice((1, -1))
    if roll < 0.6 and generator.ints:
        unit = rng.choice(generator.ints)
        if 0 < abs(unit) < 10**9:
            return rng.choice(
                (unit, number - number % unit, number - number % unit + unit, number + unit, number * 2)
            )
    if roll < 0.75:
        return generator.integer(domain)
    return rng.choice((0, 1, number * 2, -number, number // 2, number * 10, number + 10, number))


def _scalar(rng: random.Random, recipe: Recipe) -> Recipe:
    tag = recipe[0]
    if tag == "float":
        value = float(recipe[1])
        return [
            "float",
            repr(rng.choice((-value, value + 1, value / 2, value * 2, 0.0, value + 0.5, value + 0.005))),
        ]
    if tag == "Decimal":
        amount = decimal.Decimal(recipe[1])
        step = decimal.Decimal(rng.choice(("1", "0.1", "0.5", "0.05", "0.005", "0.01", "-0.01", "-1", "10")))
        made = (
            rng.choice((amount + step, amount * 2, amount / 2, amount * 0, -amount))
            if amount.is_finite()
            else step
        )
        return ["Decimal", str(made)]
    if tag in ("date", "datetime"):
        shift = datetime.timedelta(days=rng.choice((1, -1, 1, -1, 2, 7, 30, 365, 0)))
        try:
            if tag == "date":
                return ["date", (datetime.date.fromisoformat(recipe[1]) + shift).isoformat()]
            shift += datetime.timedelta(minutes=rng.choice((0, 0, 1, -1, 60, -60, 720)))
            return ["datetime", (datetime.datetime.fromisoformat(recipe[1]) + shift).isoformat(), *recipe[2:]]
        except (ValueError, OverflowError):
            return recipe
    if tag in ("bytes", "bytearray"):
        return [tag, _octets(rng, bytes.fromhex(recipe[1])).hex()]
    if tag == "timedelta":
        return ["timedelta", recipe[1], rng.choice((0, 1, 60, 3600, recipe[2])), 0]
    if tag == "Fraction":
        return ["Fraction", str(int(recipe[1]) * rng.randrange(-1, 4)), recipe[2]]
    return None


def _octets(rng: random.Random, given: bytes) -> bytes:
    """The bytes with one of them doubled, removed, replaced or added."""
    at = rng.randrange(len(given) + 1)
    roll = rng.random()
    if roll < 0.3:
        return given[:at] + given[at : at + 1] * rng.choice((2, 2, 3)) + given[at + 1 :]
    if roll < 0.5:
        return given[:at] + given[at + 1 :]
    return given[:at] + octets(rng, 1) + given[at + (roll < 0.75) :]


def _sequence(generator: Generator, recipe: Recipe, domain: Domain, depth: int) -> Recipe:
    rng = generator.rng
    items = list(recipe[1])
    told = recipe[0] == "tuple" and domain.forms.told
    parts = domain.forms.parts(form_of(items)) if told else None
    parts = domain.parts if parts is None else parts
    if recipe[0] == "tuple" and parts is not None and len(parts) == len(items) and items[told:]:
        at = rng.randrange(int(told), len(items))  # the first text says what the others are
        items[at] = mutate(generator, items[at], parts[at], depth + 1)
        return ["tuple", items]
    inner = domain.item or EMPTY
    roll = rng.random()
    if items and roll < 0.45:
        at = rng.randrange(len(items))
        items[at] = mutate(generator, items[at], inner, depth + 1)
    elif items and roll < 0.57:
        del items[rng.randrange(len(items))]
    elif items and roll < 0.69:
        items.insert(rng.randrange(len(items) + 1), rng.choice(items))
    elif items and roll < 0.8:
        fresh = rng.choice(items)
        for _ in range(rng.choice((1, 1, 2))):
            fresh = mutate(generator, fresh, inner, depth + 1)
        items.insert(rng.randrange(len(items) + 1), fresh)
    elif roll < 0.86:
        items = []
    elif roll < 0.92:
        rng.shuffle(items)
    elif items:
        items = items[: rng.randrange(1, len(items) + 1)]
    if not items and rng.random() < 0.5 and not inner.open:
        items = [generator.value(inner, depth + 1)]
    if domain.facts.rows.wanted(domain.name):
        items = leveled(items)
    return [recipe[0], items, *recipe[2:]]


def _mapping(generator: Generator, recipe: Recipe, domain: Domain, depth: int) -> Recipe:
    rng = generator.rng
    pairs = [list(pair) for pair in recipe[-1]]
    roll = rng.random()
    if pairs and roll < 0.04 and not domain.record:
        pairs = []
    elif pairs and roll < 0.6:
        pair = rng.choice(pairs)
        fields = domain.fields or {}
        inner = fields.get(pair[0]) if isinstance(pair[0], str) else None
        pair[1] = mutate(generator, pair[1], inner or domain.value or EMPTY, depth + 1)
    elif pairs and roll < 0.75 and not domain.record:
        del pairs[rng.randrange(len(pairs))]
    elif not domain.record:
        key = generator.value(domain.keys(), depth + 2) if not domain.keys().open else None
        if key is not None and not any(pair[0] == key for pair in pairs):
            pairs.append([key, generator.value(domain.values(), depth + 1)])
    else:
        rng.shuffle(pairs)
    return [*recipe[:-1], pairs]


def _instance(generator: Generator, recipe: Recipe, depth: int) -> Recipe:
    if recipe[0] == "then":
        if generator.rng.random() < 0.5:
            return ["then", _instance(generator, recipe[1], depth), recipe[2]]
        return ["then", recipe[1], _past(generator.rng, recipe[2])]
    _, module, name, args, kwargs = recipe
    known = generator.constructors(module, name) or []
    args, kwargs = mutate_arguments(generator, args, kwargs, known, depth + 1)
    return ["new", module, name, args, kwargs]


def _past(rng: random.Random, steps: list[typing.Any]) -> list[typing.Any]:
    """What happened to an object, with one of it once more or not at all."""
    at = rng.randrange(len(steps)) if steps else 0
    if rng.random() < 0.4:
        return steps[:at] + steps[at + 1 :]
    return [*steps, *steps[at : at + 1]][:MAX_PAST]


def mutate_arguments(
    generator: Generator,
    args: list[Recipe],
    kwargs: list[list[Recipe]],
    known: list[tuple[typing.Any, Domain]],
    depth: int = 0,
) -> tuple[list[Recipe], list[list[Recipe]]]:
    """The arguments with one of them varied, or an optional one added."""
    rng = generator.rng
    args, kwargs = list(args), [list(pair) for pair in kwargs]
    if not depth:
        graph = graph_of(args) or graph_of(kwargs)
        generator.begin(objects.read(graph) if graph is not None else None)
    by_name = {parameter.name: domain for parameter, domain in known}
    total = len(args) + len(kwargs)
    if known and rng.random() < 0.12:
        given = {pair[0] for pair in kwargs}
        spare = [
            (parameter, domain)
            for parameter, domain in known[len(args) :]
            if parameter.name not in given
            and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        ]
        if spare:
            parameter, domain = rng.choice(spare)
            kwargs.append([parameter.name, generator.value(domain, depth)])
            return args, kwargs
    if not total:
        return args, kwargs
    at = rng.randrange(total)
    if at < len(args):
        domain = known[min(at, len(known) - 1)][1] if known else EMPTY
        args[at] = mutate(generator, args[at], domain, depth)
    else:
        pair = kwargs[at - len(args)]
        pair[1] = mutate(generator, pair[1], by_name.get(pair[0], EMPTY), depth)
    return args, kwargs
