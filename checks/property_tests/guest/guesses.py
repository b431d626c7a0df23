"""Which kinds of value a parameter takes of which nothing is known: learnt from base's answers."""

from __future__ import annotations

import json

from .domain import Domain, Recipe, tag_of

GARBAGE = ("TypeError", "AttributeError", "NameError", "AssertionError")
KINDS = ("int", "str", "list", "float", "bool", "dict", "tuple")
FEW_VALUES = ("none", "bool")
ENOUGH = 40
FAIR = 3
"""A kind with fewer values was not refused: it had no chance."""


def learn(domain: Domain, recipe: Recipe, kind: str) -> None:
    """Note what became of a call with this value; after many values the kinds that are taken are known.

    ``kind`` is that of the call's outcome. A value counts once, so that one which is varied around does not
    decide, and neither for nor against its kind where the call was refused for another reason.
    """
    refused = kind.startswith("raises ") and kind[len("raises ") :] in GARBAGE
    key = json.dumps(recipe)
    if key in domain.tried or not (refused or kind == "value"):
        return
    domain.tried.add(key)
    took, asked = domain.tries.get(tag_of(recipe), (0, 0))
    domain.tries[tag_of(recipe)] = (took + (not refused), asked + 1)
    if len(domain.tried) >= ENOUGH:
        for tag in {*KINDS, *domain.tries}:
            answered, tried = domain.tries.get(tag, (0, 0))
            hardly_tried = tried < FAIR and tag not in FEW_VALUES
            if hardly_tried or (answered and answered * 3 >= tried):
                domain.allow(tag, 0.6)
