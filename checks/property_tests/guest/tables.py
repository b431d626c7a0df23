"""Tables: sequences whose rows all have one length, in every observed call."""

from __future__ import annotations

import re
import typing

ROWS = ("list", "tuple")
NAMES = re.compile(r"(^|_)(rows|lines|table|matrix|grid|board|image|pixels|cells)(_|$)")
ENOUGH = 5
"""Tables that must have been observed before others are ruled out; one where the name says so."""


def lengths(items: typing.Sequence[typing.Any]) -> list[int]:
    """The lengths of the rows; empty where an item is none."""
    rows = all(isinstance(item, list) and item and item[0] in ROWS for item in items)
    return [len(item[1]) for item in items] if rows else []


class Level:
    """What observed sequences of rows have in common."""

    def __init__(self) -> None:
        self.level = self.ragged = 0

    def learn(self, items: typing.Sequence[typing.Any]) -> None:
        """Take in the items of one sequence."""
        found = lengths(items)
        if len(found) > 1:
            self.level += is_level(items)
            self.ragged += not is_level(items)

    def wanted(self, name: str) -> bool:
        """Whether a position of that name takes tables only."""
        return not self.ragged and self.level >= (1 if NAMES.search(name.lower()) else ENOUGH)


def is_level(items: typing.Sequence[typing.Any]) -> bool:
    """Whether rows have one length above zero. What holds no rows is level."""
    found = lengths(items)
    return not found or (min(found) == max(found) > 0)


def leveled(items: list[typing.Any]) -> list[typing.Any]:
    """The rows without empty ones, cut to the shortest."""
    kept = [item for item in items if item[1]] if lengths(items) else []
    if not kept:
        return [] if lengths(items) else items
    width = min(lengths(kept))
    return [[item[0], item[1][:width], *item[2:]] for item in kept]
