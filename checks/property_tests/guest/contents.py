"""Which forms of file contents base is at home with: those that tests gave it, and those that it took again and again.

The form of JSON is the kinds that it is built of, that of a table its header. A form that makes base
stumble (an implicit TypeError, AttributeError …) is not what the program writes or is given, and then
neither is an empty document of that form, which base takes only because it holds nothing.
"""

from __future__ import annotations

import json
import typing
from collections import Counter

from guestlib import files
from guestlib.outcome import Outcome

from .domain import Recipe

TAKEN = 4
"""So many answers make a form known, where no test gave it, and so many for each time that base stumbled."""
DEEP = 4
BARE = ("number", "str", "bool", "NoneType")
"""Documents of one bare value: code that hands on what it reads takes them all; only a test says that one is meant."""


class Contents:
    """What is known of forms, by what base did."""

    def __init__(self) -> None:
        self.given: set[str] = set()
        self.took: Counter[str] = Counter()
        self.stumbled: Counter[str] = Counter()

    def learn(self, scenario: Recipe) -> None:
        """Take in a call that a test made."""
        self.given.update(filter(None, map(form, placed(scenario))))

    def feed(self, scenario: Recipe, outcomes: list[Outcome]) -> None:
        """Take in what base did with files of a scenario."""
        forms = set(filter(None, map(form, filter(_holds_something, placed(scenario)))))
        if any(outcome.get("origin") == "garbage" for outcome in outcomes):
            self.stumbled.update(forms)
        elif all(outcome["kind"] == "value" for outcome in outcomes):
            self.took.update(forms)

    def fits(self, recipe: Recipe) -> bool:
        """Whether what lies in a file or folder is of known forms."""
        return all(self._known(one) for one in filter(None, map(form, placed(recipe))))

    def _known(self, one: str) -> bool:
        known = [*self.given, *(other for other in self.took if self._is_taken(other))]
        if one in known:
            return one in self.given or one not in BARE
        return one in ("{}", "[]") and any(other.startswith(one[0]) and other != one for other in known)

    def _is_taken(self, one: str) -> bool:
        return self.took[one] >= TAKEN * max(1, self.stumbled[one])


def placed(recipe: Recipe) -> typing.Iterator[tuple[str, str]]:
    """Name and text of each file in a scenario or recipe."""
    if not isinstance(recipe, list) or not files.wanted(recipe):
        return
    if recipe[0] != "file" or len(recipe) != 4:
        for item in recipe:
            yield from placed(item)
        return
    inside = (
        recipe[2][1] if isinstance(recipe[2], list) and recipe[2][0] == "dict" else [[recipe[1], recipe[2]]]
    )
    for name, text in inside:
        if isinstance(text, str):
            yield name, text


def form(file: tuple[str, str]) -> str | None:
    """The form of a file's content; None where any text will do."""
    name, text = file
    if text.lstrip()[:1] in ("{", "[") or name.endswith(".json"):
        try:
            return _kinds(json.loads(text), 0)
        except (ValueError, RecursionError):
            return None
    if name.endswith((".csv", ".tsv")) and text.strip():
        return "table " + text.splitlines()[0].strip()
    return None


def _holds_something(file: tuple[str, str]) -> bool:
    """Whether there is more in it than brackets or a header."""
    name, text = file
    return len(text.splitlines()) > 1 if name.endswith((".csv", ".tsv")) else len(text.strip()) > 2


def _kinds(value: typing.Any, depth: int) -> str:
    if depth > DEEP:
        return "…"
    if isinstance(value, dict):
        fields = {_kinds(item, depth + 1) for item in value.values()}
        return "{%s}" % ", ".join(sorted(fields))
    if isinstance(value, list):
        return "[%s]" % ", ".join(sorted({_kinds(item, depth + 1) for item in value}))
    return (
        "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__
    )
