"""Recipes of arguments some parts of which cannot be written down.

Such a part stands in the recipe as ``["live", number, class name, place]``: the ``number``-th
of its call in the order in which the arguments are gone through, which is the same on both
sides, and its place as an expression, such as ``rows[0]``. Objects stay live even where their
class could make another one: the object of the test is the one whose state is wanted.
"""

from __future__ import annotations

import enum
import inspect
import types
import typing

from guestlib import recipes
from guestlib.canon import is_iterator
from guestlib.recipes import Recipe, UnwritableError, _Maker

from .temporary import is_temporary

MAX_LIVE = 200
PATHS = ("str", "PosixPath", "PurePosixPath")
"""Classes of live parts that are paths."""


class LiveMaker(_Maker):
    """Makes recipes and keeps in :attr:`live` what they refer to."""

    def __init__(self) -> None:
        super().__init__(None)
        self.live: list[typing.Any] = []
        self.places: list[str] = []

    def named(self, name: str, value: typing.Any) -> Recipe:
        """The recipe of an argument. Raises UnwritableError for one with too many parts."""
        self.places = [name]
        return self.make(value, 0)

    def make(self, value: typing.Any, depth: int) -> Recipe:
        before = self.nodes
        try:
            if is_temporary(value):
                raise UnwritableError("a path that is there only while the test runs")
            return super().make(value, depth)
        except UnwritableError:
            if len(self.live) >= MAX_LIVE or self.nodes - before > 500:
                raise
            self.live.append(value)
            return ["live", len(self.live) - 1, type(value).__name__, ""]

    def many(self, values: typing.Iterable[typing.Any], depth: int) -> list[Recipe]:
        if isinstance(values, (list, tuple)):
            return [self._placed("[%d]" % at, value, depth) for at, value in enumerate(values)]
        return super().many(values, depth)

    def pairs(self, value: dict[typing.Any, typing.Any], depth: int) -> list[Recipe]:
        return [
            [self.make(key, depth), self._placed("[%r]" % (key,), item, depth)] for key, item in value.items()
        ]

    def _placed(self, step: str, value: typing.Any, depth: int) -> Recipe:
        self.places.append(step)
        try:
            recipe = self.make(value, depth)
            if isinstance(recipe, list) and recipe[:1] == ["live"] and not recipe[3]:
                recipe[3] = "".join(self.places)
            return recipe
        finally:
            self.places.pop()

    def instance(self, value: typing.Any, kind: type, depth: int) -> Recipe:
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            return super().instance(value, kind, depth)
        raise UnwritableError("an object of class " + kind.__qualname__)

    def compound(self, value: typing.Any, kind: type, depth: int) -> Recipe:
        if is_iterator(value) and not isinstance(value, enum.Enum):
            raise UnwritableError("an iterator")
        return super().compound(value, kind, depth)


def arguments(
    code: types.CodeType, positional: list[typing.Any], keywords: dict[str, typing.Any]
) -> tuple[list[Recipe], list[list[Recipe]], list[typing.Any]]:
    """Recipes of a call's arguments (see ``record.split``), and the live objects that they refer to."""
    names = list(code.co_varnames[: code.co_argcount])
    rest = code.co_argcount + code.co_kwonlyargcount
    star = code.co_varnames[rest] if code.co_flags & inspect.CO_VARARGS else ""
    if code.co_flags & inspect.CO_VARARGS:
        rest += 1
    stars = code.co_varnames[rest] if code.co_flags & inspect.CO_VARKEYWORDS else ""
    if names[:1] in (["self"], ["cls"]):
        del names[0]
    maker = LiveMaker()
    args = [
        _top(maker, names[at] if at < len(names) else "%s[%d]" % (star, at - len(names)), value)
        for at, value in enumerate(positional)
    ]
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    kwargs = [
        [name, _top(maker, name if name in own else "%s[%r]" % (stars, name), value)]
        for name, value in keywords.items()
    ]
    return args, kwargs, maker.live


def _top(maker: LiveMaker, name: str, value: typing.Any) -> Recipe:
    recipe = maker.named(name, value)
    if isinstance(recipe, list) and recipe[:1] == ["live"] and not recipe[3]:
        recipe[3] = name
    return recipe


def is_live(recipe: Recipe) -> bool:
    """Whether any part of a recipe is live."""
    if not isinstance(recipe, list):
        return False
    return recipe[:1] == ["live"] or any(map(is_live, recipe))


def is_path(recipe: Recipe) -> bool:
    """Whether a recipe is the path of a temporary file."""
    return isinstance(recipe, list) and len(recipe) == 4 and recipe[0] == "live" and recipe[2] in PATHS


def elsewhere(recipe: Recipe) -> Recipe:
    """The path of a file that is not there, in place of a temporary one."""
    return "missing" if recipe[2] == "str" else ["Path", "missing"]


def settled(recipe: Recipe) -> Recipe:
    """The recipe with plain paths for those of temporary files, as what is known of positions wants it."""
    if is_path(recipe):
        return elsewhere(recipe)
    return [settled(part) for part in recipe] if isinstance(recipe, list) else recipe


def building(live: list[typing.Any]) -> None:
    """Make ``build`` know these live objects from now on. For a forked child, which ends afterwards."""

    def builder(number: int, name: str, place: str) -> typing.Any:
        return live[number]

    recipes._BUILDERS["live"] = builder
