"""The Python source of a call made in place and of what it gave: the parts of a plain test."""

from __future__ import annotations

import inspect
import typing

from guestlib.aio import finished
from guestlib.canon import ADDRESS, Drained, attributes, drain, is_iterator
from guestlib.outcome import Outcome
from guestlib.recipes import Recipe, UnwritableError, build, recipe_of
from guestlib.source import Source

LIMIT = 4000


class PlacedSource(Source):
    """Writes live parts by their place in the arguments of the call."""

    def _live(self, number: int, name: str, place: str) -> str:
        if not place:
            raise UnwritableError("a live %s without a place" % name)
        return place


class Shown:
    """Collects results while a planned call is carried out."""

    def __init__(self, item: dict[str, typing.Any]) -> None:
        self.item = item
        self.results: list[typing.Any] = []
        self.iterates: list[bool] = []
        self.awaits: list[str] = []

    def keep(self, value: typing.Any) -> typing.Any:
        """The value to go on with: what iterates is read once, and its items serve twice."""
        self.awaits.append(
            "gather" if inspect.isasyncgen(value) else "await" if inspect.isawaitable(value) else ""
        )
        value = finished(value)
        self.iterates.append(is_iterator(value))
        if isinstance(value, Drained):
            self.results.append(value.items)
            return value
        drained = drain(value) if self.iterates[-1] else None
        self.results.append(value if drained is None else drained.items)
        return value if drained is None else drained

    def parts(self, outcomes: list[Outcome]) -> dict[str, typing.Any] | None:
        """Sources of imports, arguments, steps and results; None when an argument has none."""
        source = PlacedSource(taken={"pytest", "sys", "gc", "types", "inspect", "asyncio", "values", "thing"})
        try:
            made = {
                "args": [source.expression(one) for one in self.item["args"]],
                "kwargs": [[name, source.expression(one)] for name, one in self.item["kwargs"]],
                "steps": [_step(source, *step) for step in self.item["steps"]],
            }
        except (UnwritableError, KeyError):
            return None
        if source.prelude:
            return None
        at, found = 0, []
        for outcome in outcomes:
            answered = outcome["kind"] == "value" and at < len(self.results)
            found.append(self._value(source, at) if answered else {})
            at += answered
        return {**made, "values": found, "imports": source.imports()}

    def _value(self, source: Source, at: int) -> dict[str, typing.Any]:
        value = self.results[at]
        made: dict[str, typing.Any] = {"iterates": self.iterates[at], "awaits": self.awaits[at]}
        text = _written(source, value)
        if text is not None:
            made["value"] = text
            return made
        fields = [(name, _written(source, item)) for name, item in sorted(attributes(value).items())]
        made["fields"] = [[name, text] for name, text in fields if text is not None and name.isidentifier()]
        try:
            shown = repr(value)
        except Exception:
            return made
        if len(shown) < LIMIT and not ADDRESS.search(shown) and shown.isprintable():
            made["shown"] = shown
        return made


def _step(
    source: Source, name: str, args: list[Recipe] | None, kwargs: list[list[Recipe]]
) -> list[typing.Any]:
    if args is None:
        return [name, None, []]
    return [
        name,
        [source.expression(one) for one in args],
        [[key, source.expression(one)] for key, one in kwargs],
    ]


def _written(source: Source, value: typing.Any) -> str | None:
    try:
        recipe = recipe_of(value)
        text = source.expression(recipe)
        fine = not source.prelude and bool(build(recipe) == value)
    except Exception:
        return None
    finally:
        source.prelude.clear()
    return text if fine and len(text) < LIMIT and text.isprintable() else None
