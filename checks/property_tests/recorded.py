"""Recorded calls as they come from a guest: which are usable, and which a target is told."""

from collections.abc import Iterable
from typing import Any

from .target import Target
from .wire import plain

MAX_RECORDS = 1500


def usable(heard: Any, place: str) -> list[Any]:
    """Those that have the form of a record. ``place`` tells them apart from those of the same test elsewhere."""
    return [
        {**one, "test": f"{place} {one.get('test')}"}
        for one in (heard if isinstance(heard, list) else [])
        if isinstance(one, dict) and isinstance(one.get("symbol"), str) and plain(one.get("args"))
    ]


def symbols_called(records: Iterable[Any]) -> set[str]:
    """Symbols of which calls were recorded, and the classes of methods."""
    called = {one["symbol"] for one in records}
    return called | {symbol.rpartition(".")[0] for symbol in called}


def relevant(records: list[Any], target: Target) -> list[Any]:
    """Recorded calls of the target, and constructions of any class."""
    own = [one for one in records if target.holds(one["symbol"])]
    others = [
        one for one in records if one["symbol"].endswith(".__init__") and not target.holds(one["symbol"])
    ]
    chosen = [*fair(own, MAX_RECORDS), *others][:MAX_RECORDS]
    return [{name: _lasting(value) for name, value in one.items()} for one in chosen]


def fair(records: list[Any], most: int) -> list[Any]:
    """So many records in their order: of each symbol in turns, what tests call themselves and constructions first."""
    turns: dict[tuple[str, bool], int] = {}
    ranked = []
    for at, one in enumerate(records):
        inner = bool(one.get("nested")) and not one["symbol"].endswith(".__init__")
        turns[one["symbol"], inner] = turn = turns.get((one["symbol"], inner), 0) + 1
        ranked.append((inner, turn, at))
    return [records[at] for at in sorted(at for _, _, at in sorted(ranked)[:most])]


def _lasting(recipe: Any) -> Any:
    """A recipe with the last names of paths below /tmp: what was there while a test ran, no proof finds again."""
    if isinstance(recipe, str):
        return recipe.rstrip("/").rpartition("/")[2] if recipe.startswith("/tmp/") else recipe  # noqa: S108
    return [_lasting(one) for one in recipe] if isinstance(recipe, list) else recipe
