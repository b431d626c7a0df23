"""Strict reading of what a session says of calls met in place."""

from dataclasses import dataclass, field, replace
from typing import Any

from ..compare import Observed
from ..wire import observed, plain

MAX_CALLS = 400
MAX_PLAN = 1200
MAX_ANSWERS = 2000
MAX_TEXT = 500

Recipe = Any


@dataclass(frozen=True)
class Planned:
    """A call to make in place of the one that a test makes, and what to do with its object then.

    ``index`` counts the calls of the symbol in its test from 0. ``steps`` are ``[name, args, kwargs]``.
    """

    symbol: str
    test: str
    index: int
    args: list[Recipe]
    kwargs: list[list[Recipe]]
    steps: list[list[Any]] = field(default_factory=list)
    bound: str = ""
    """Name of the first parameter where that is the object or the class that the call is made on."""

    def message(self, number: int) -> dict[str, Any]:
        return {"id": number, "symbol": self.symbol, "test": self.test, "index": self.index, "args": self.args,
                "kwargs": self.kwargs, "steps": self.steps}  # fmt: skip

    @property
    def scenario(self) -> list[Any]:
        """In the form that shrinking takes: the call is the first step."""
        return [None, [["", self.args, self.kwargs], *self.steps]]

    def like(self, scenario: list[Any]) -> "Planned | None":
        """The plan that a shrunk scenario stands for, None when the call itself is gone."""
        first, *steps = scenario[1]
        if first[0] != "" or first[1] is None:
            return None
        return replace(self, args=first[1], kwargs=first[2], steps=steps)


@dataclass(frozen=True)
class Answer:
    """What came of a planned call. ``key`` tells the unvaried call from others; ``parts`` are sources."""

    key: str | None
    outcomes: list[Observed]
    parts: Any = None


def calls(value: Any) -> list[dict[str, Any]]:
    """Scouted calls; malformed ones are left out."""
    found = []
    for item in value[:MAX_CALLS] if isinstance(value, list) else []:
        if not _is_planned(item):
            continue
        methods = item.get("methods")
        pairs = methods if isinstance(methods, list) else []
        kept = [
            pair
            for pair in pairs[:60]
            if isinstance(pair, list) and len(pair) == 2 and all(map(_is_word, pair))
        ]
        names = ("symbol", "test", "index", "args", "kwargs")
        found.append({**{name: item[name] for name in names}, "methods": kept, "live": item.get("live") is True,
                      "bound": _bound(item)})  # fmt: skip
    return found


def planned(value: Any) -> list[Planned]:
    """Planned calls; malformed ones are left out."""
    found = []
    for item in value[:MAX_PLAN] if isinstance(value, list) else []:
        if _is_planned(item) and _are_steps(item.get("steps")):
            found.append(Planned(item["symbol"], item["test"], item["index"], item["args"], item["kwargs"],
                                 item["steps"], _bound(item)))  # fmt: skip
    return found


def answers(value: Any) -> dict[int, Answer]:
    """Answers by the number of their plan; the first one counts."""
    found: dict[int, Answer] = {}
    for item in value[:MAX_ANSWERS] if isinstance(value, list) else []:
        outcomes = observed(item.get("outcomes")) if isinstance(item, dict) else None
        if not outcomes or type(item.get("id")) is not int or item["id"] in found:
            continue
        key = item.get("key")
        found[item["id"]] = Answer(key if isinstance(key, str) else None, outcomes, item.get("source"))
    return found


def shapes(value: Any) -> dict[str, list[str]]:
    """Attribute names by class."""
    if not isinstance(value, dict):
        return {}
    return {name: [one for one in names if isinstance(one, str)] for name, names in list(value.items())[:2000]
            if isinstance(names, list)}  # fmt: skip


def _bound(item: dict[str, Any]) -> str:
    name = item.get("bound")
    return name if name in ("self", "cls") else ""


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) < MAX_TEXT


def _is_planned(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and _is_word(item.get("symbol"))
        and _is_word(item.get("test"))
        and type(item.get("index")) is int
        and 0 <= item["index"] < 10_000
        and isinstance(item.get("args"), list)
        and _are_pairs(item.get("kwargs"))
        and plain(item["args"])
    )


def _are_pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and _is_word(pair[0]) and plain(pair[1]) for pair in value
    )


def _are_steps(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(step, list) and len(step) == 3 and _is_word(step[0]) and _are_pairs(step[2])
        and (step[1] is None or (isinstance(step[1], list) and plain(step[1])))
        for step in value
    )  # fmt: skip
