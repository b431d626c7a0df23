"""How grave it is to lose a resource: statefulness × action × certainty."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from harness.check.interface import Severity

Certainty = Literal["certain", "conditional", "undetermined"]
NAMED_TYPES = ("terraform_data", "null_resource")
UNKNOWN = 2
LOST: dict[int, Severity] = {5: "critical", 4: "high", 3: "high", 2: "medium", 1: "low", 0: "info"}
QUESTION: dict[int, Severity] = {5: "medium", 4: "medium", 3: "medium", 2: "low", 1: "low", 0: "info"}


@dataclass(frozen=True)
class ResourceClass:
    """Weight from 0 (nothing is lost) to 5 (data), and what the resource is, as a noun phrase."""

    weight: int
    label: str
    cuts_traffic: bool = False
    """Nothing is lost that could not be made anew, but what goes through it stops meanwhile."""


@dataclass(frozen=True)
class _Tables:
    types: tuple[tuple[re.Pattern[str], ResourceClass], ...]
    names: tuple[tuple[frozenset[str], ResourceClass], ...]


@cache
def _tables() -> _Tables:
    data = tomllib.loads(Path(__file__).with_name("rules").joinpath("classes.toml").read_text("utf-8"))
    types = tuple(
        (re.compile(i["types"]), ResourceClass(i["weight"], i["label"], i.get("cuts_traffic", False)))
        for i in data["class"]
    )
    names = tuple((frozenset(i["words"]), ResourceClass(i["weight"], i["label"])) for i in data["name"])
    return _Tables(types, names)


def classify(kind: str, name: str, words: Iterable[str] = (), guarded: bool = False) -> ResourceClass:
    """The class of a resource by its type; by its name and contents where the type says nothing.

    ``guarded``: base protected it with ``prevent_destroy``, so its authors call it precious.
    """
    found = _by_name(name, words) if kind in NAMED_TYPES else _by_type(kind)
    if guarded and found.weight < 5:
        return ResourceClass(5, "a resource that base protects with prevent_destroy")
    return found


def _by_type(kind: str) -> ResourceClass:
    for pattern, found in _tables().types:
        if pattern.search(kind):
            return found
    return ResourceClass(UNKNOWN, "a resource")


def _by_name(name: str, words: Iterable[str]) -> ResourceClass:
    for source in (
        _parts(name),
        {part for word in words for part in _parts(word)} - {"name", "version", "key"},
    ):
        for vocabulary, found in _tables().names:
            if source & vocabulary:
                return found
    return ResourceClass(UNKNOWN, "a resource")


def _parts(name: str) -> set[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return {part.lower() for part in re.split(r"[^A-Za-z]+", spaced) if part}


def severity(weight: int, certainty: Certainty, blocked: bool = False) -> Severity:
    """Severity of a destruction; a guard that still stands makes it a question."""
    table = LOST if certainty == "certain" and not blocked else QUESTION
    return table[weight]
