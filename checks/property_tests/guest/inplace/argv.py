"""Command lines: one word of a list of texts is another, while the rest, and so the files in it, stay.

A list such as ``[file, "--only", "food"]`` is a whole only together: its first part is a file
that is there while the test runs, and a word in its last place asks for something else.
"""

from __future__ import annotations

import random
import re
import typing

from guestlib.recipes import Recipe

from .live import is_path

OPTION = re.compile(r"--?[A-Za-z][\w-]*$")
WORD = re.compile(r"[^\s/]{1,20}$")
LISTS = ("list", "tuple")
ABSENT = "missing"
NUMBERS = ("0", "1", "2", "10")


def is_texts(recipe: Recipe) -> bool:
    """Whether a recipe is a list of texts and of paths."""
    if not (isinstance(recipe, list) and len(recipe) > 1 and recipe[0] in LISTS):
        return False
    items = recipe[1]
    return isinstance(items, list) and all(isinstance(item, str) or is_path(item) for item in items)


def is_command_line(recipe: Recipe) -> bool:
    """Whether a recipe is a list of texts with an option among them."""
    return is_texts(recipe) and any(isinstance(item, str) and OPTION.match(item) for item in recipe[1])


class Lexicon:
    """Options and other words that calls and literals name. ``serves`` once a call had an option."""

    def __init__(self) -> None:
        self.serves = False
        self.options: list[str] = []
        self.words: list[str] = [ABSENT]

    def learn(self, texts: typing.Iterable[Recipe]) -> None:
        """Take in what is a word. Anything else is passed over."""
        for text in texts:
            if not isinstance(text, str):
                continue
            into = self.options if OPTION.match(text) else self.words
            if text not in into and (into is self.options or WORD.match(text)):
                into.append(text)

    def varied(self, rng: random.Random, recipe: Recipe) -> Recipe:
        """The command line with one word replaced, an option left out, or one more."""
        items = list(recipe[1])
        places = [at for at, item in enumerate(items) if isinstance(item, str) and "/" not in item]
        if not places or (self.options and rng.random() < 0.2):
            items += self._another(rng)
            return [recipe[0], items, *recipe[2:]]
        values = [at for at in places if not OPTION.match(items[at])]
        at = rng.choice(values if values and rng.random() < 0.75 else places)
        if at in values:
            items[at] = self._value(rng, items[at])
        elif rng.random() < 0.5:
            items[at] = rng.choice(self.options)
        else:
            del items[at : at + 1 + (at + 1 in values)]
        return [recipe[0], items, *recipe[2:]]

    def _another(self, rng: random.Random) -> list[str]:
        """An option with a word, a number or nothing behind it."""
        made = [rng.choice(self.options)] if self.options else []
        return [*made, rng.choice((rng.choice(self.words), rng.choice(NUMBERS)))][: rng.choice((1, 2, 2))]

    def _value(self, rng: random.Random, old: str) -> str:
        roll = rng.random()
        if old.lstrip("-").isdecimal() and roll < 0.7:
            return str(rng.choice((int(old) + 1, int(old) - 1, 0, -int(old), 10 * int(old))))
        if roll < 0.35:
            return ABSENT
        return rng.choice(self.words) if roll < 0.85 else old.swapcase()
