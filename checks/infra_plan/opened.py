"""Single arguments that open a resource to everyone, from ``rules/exposures.toml``."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .evaluate import Unknown
from .expansion import Placed


@dataclass(frozen=True)
class Door:
    """One argument; see the table for the fields."""

    types: re.Pattern[str]
    block: tuple[str, ...]
    name: str
    opens: tuple[Any, ...]
    implied: bool
    what: str

    @property
    def path(self) -> str:
        return ".".join([*self.block, self.name])


@cache
def _doors() -> tuple[Door, ...]:
    path = Path(__file__).with_name("rules") / "exposures.toml"
    table = tomllib.loads(path.read_text("utf-8"))["open"]
    return tuple(
        Door(re.compile(i["types"]), tuple(i.get("block", ())), i["name"], tuple(i["opens"]),
             i.get("implied", False), i["what"])
        for i in table
    )  # fmt: skip


def open_doors(placed: Placed) -> Iterator[tuple[Door, int | None]]:
    """(the argument, its line; None where it is open because nothing is said)."""
    for door in _doors():
        if door.types.search(placed.resource.type):
            said = False
            for value, line in _values(placed, door):
                said = True
                if _opens(door, value):
                    yield door, line
                    break
            if door.implied and not said:
                yield door, None


def _values(placed: Placed, door: Door) -> Iterator[tuple[Any, int]]:
    blocks = [placed.resource.block]
    for name in door.block:
        blocks = [inner for block in blocks for inner in block.of(name)]
    for block in blocks:
        if door.name in block.attributes:
            value = placed.scope.value(block.attributes[door.name].value)
            if value is not None:
                yield value, block.attributes[door.name].line


def _opens(door: Door, value: Any) -> bool:
    if isinstance(value, Unknown):
        return False
    values = value if isinstance(value, list) else [value]
    return any(type(item) is type(wanted) and item == wanted for item in values for wanted in door.opens)
