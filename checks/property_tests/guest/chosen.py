"""Which recorded calls are told: as different ones as fit, and those on one object together, in their order."""

from __future__ import annotations

import itertools
import json
import typing

from guestlib.record import Record

PER_SYMBOL = 500
PER_CONSTRUCTOR = 40
MAX_BYTES = 5 << 20
"""Of all records that are told: a longer message counts as none outside."""
MAX_RECORD = 200_000

Scene = typing.List[Record]
"""Calls on one object in one test, or one call."""


def function_of(test: str) -> str:
    """The test function of a test's id: parametrised ones have many tests."""
    return test.partition("[")[0]


def wanted(symbol: str, symbols: typing.Sequence[str]) -> bool:
    """Whether calls of it are of use: of the symbols, of what lies below them, and all constructions."""
    return symbol.endswith(".__init__") or _below(symbol, symbols)


def _below(symbol: str, symbols: typing.Sequence[str]) -> bool:
    return any(symbol == name or symbol.startswith(name + ".") for name in symbols)


def chosen(records: list[Record], symbols: list[str]) -> list[Record]:
    """Records of the wanted symbols and of all constructors, as many as fit: of each test function in turn.

    A parametrised test has thousands of calls that are alike; the first ones must not crowd out what others show.
    """
    counts: dict[str, int] = {}
    found: dict[str, list[Record]] = {}
    every: list[Record] = []
    for record in itertools.chain.from_iterable(spread(scenes(records, symbols))):
        symbol = record["symbol"]
        counts[symbol] = counts.get(symbol, 0) + 1
        if counts[symbol] <= (PER_SYMBOL if _below(symbol, symbols) else PER_CONSTRUCTOR):
            record["outcome"] = {"kind": record["outcome"]["kind"]}
            record.pop("key", None)
            found.setdefault(symbol, []).append(record)
            every.append(record)
    kept = set(map(id, fitting(found)))
    return [record for record in every if id(record) in kept]


def scenes(records: list[Record], symbols: list[str]) -> list[Scene]:
    """What belongs together; a call that says the same as an earlier one is left out."""
    seen: set[str] = set()
    found: dict[typing.Any, Scene] = {}
    for at, record in enumerate(records):
        symbol = record["symbol"]
        if not wanted(symbol, symbols):
            continue
        alone = record["serial"] is None or not _below(symbol, symbols)
        if alone:
            key = json.dumps([symbol, record["args"], record["kwargs"], record["outcome"]["kind"]])
            if key in seen:
                continue
            seen.add(key)
        found.setdefault(at if alone else (record["test"], record["serial"]), []).append(record)
    return list(found.values())


def spread(every: list[Scene]) -> list[Scene]:
    """One scene of each test function, then a second one of each, and so on."""
    functions: dict[str, list[Scene]] = {}
    for scene in every:
        functions.setdefault(function_of(scene[0]["test"]), []).append(scene)
    turns = itertools.zip_longest(*functions.values())
    return [scene for turn in turns for scene in turn if scene is not None]


def fitting(found: dict[str, list[Record]]) -> list[Record]:
    """The first records of each symbol, in turns, until there is no room for more; by symbol."""
    kept: dict[str, list[Record]] = {symbol: [] for symbol in found}
    room = MAX_BYTES
    for turn in range(max(map(len, found.values()), default=0)):
        for symbol, records in found.items():
            size = len(json.dumps(records[turn])) if turn < len(records) else MAX_RECORD
            if size < min(room, MAX_RECORD):
                kept[symbol].append(records[turn])
                room -= size
    return [record for records in kept.values() for record in records]
