"""What is tried first of a call that was met: words of the code in each place, and parameters that no test gives.

Few calls can be made of each that is met, so the likely ones come before chance: the word that a query or a branch
singles out, and a limit or a filter that stays at its default in all tests.
"""

from __future__ import annotations

import re
import typing

from guestlib.recipes import Recipe

from ..domain import Domain
from ..generate import Generator

Arguments = typing.Tuple[typing.List[Recipe], typing.List[typing.List[Recipe]]]
QUOTED = re.compile(r"'([^'\n]{1,40})'|\"([^\"\n]{1,40})\"")
WORDS = 5
"""Of each kind, for each place."""


def words(literals: typing.Iterable[Recipe]) -> list[Recipe]:
    """The literals that may be an argument as they stand, and what is quoted in longer ones, as in a query."""
    found: dict[Recipe, None] = {}
    for literal in literals:
        if type(literal) is int:
            found[literal] = None
        elif isinstance(literal, str):
            for one, two in QUOTED.findall(literal):
                found[one or two] = None
            if literal and len(literal) <= 40 and "\n" not in literal:
                found.setdefault(literal)
    return list(found)


def replaced(
    args: list[Recipe], kwargs: list[list[Recipe]], known: list[Recipe]
) -> typing.Iterator[Arguments]:
    """The arguments with one text or number made one of the words of its kind."""
    for at, item in enumerate(args):
        for word in _alike(item, known):
            yield [*args[:at], word, *args[at + 1 :]], kwargs
    for at, (name, item) in enumerate(kwargs):
        for word in _alike(item, known):
            yield args, [*kwargs[:at], [name, word], *kwargs[at + 1 :]]


def _alike(item: Recipe, known: list[Recipe]) -> list[Recipe]:
    if type(item) not in (int, str):
        return []
    return [word for word in known if type(word) is type(item) and word != item][:WORDS]


def added(
    args: list[Recipe],
    kwargs: list[list[Recipe]],
    known: list[tuple[typing.Any, Domain]],
    generator: Generator,
) -> typing.Iterator[Arguments]:
    """The arguments with one optional parameter that the call leaves out, by name."""
    given = {name for name, _ in kwargs}
    for at, (parameter, domain) in enumerate(known):
        optional = parameter.default is not parameter.empty
        by_name = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if optional and by_name and at >= len(args) and parameter.name not in given and not domain.open:
            for _ in range(2):
                yield args, [*kwargs, [parameter.name, generator.value(domain)]]
