"""The guest on the oldest and on newer interpreters than the one that runs the harness."""

import pytest

from tests.support.interpreters import SUITES, interpreter

from .local import LocalContext, check

PRICE = """
from __future__ import annotations

import dataclasses
from typing import List, Optional


@dataclasses.dataclass
class Item:
    price: int
    parent: Optional[Item] = None


def total(items: List[Item], limit: int = 100) -> int:
    found = sum(item.price for item in items)
    return found if found <= limit else limit
"""
LAZY = """
import dataclasses


def total(items: "list[Item]", limit: int = 100) -> int:
    found = sum(item.price for item in items)
    return found if found <= limit else limit


@dataclasses.dataclass
class Item:
    price: int
"""
UNIQUE = """
def unique(names: list[str]) -> list[str]:
    seen, kept = set(), []
    for name in names:
        if name not in seen:
            seen.add(name)
            kept.append(name)
    return kept
"""
SLOWER = """
def unique(names: list[str]) -> list[str]:
    kept = []
    for name in names:
        if name not in kept:
            kept.append(name)
    return kept
"""
MATCH = """
def total(n: int) -> int:
    match n:
        case 1:
            return 1
        case _:
            return n
"""


def run(tmp_path, version, base, head):
    context = LocalContext(tmp_path, {"shop.py": base}, {"shop.py": head}, python=interpreter(version))
    return context, check(context)


@pytest.mark.parametrize("version", SUITES)
@pytest.mark.parametrize("text", [PRICE, LAZY], ids=["future", "lazy"])
def test_a_difference_is_found_and_a_refactoring_is_none(tmp_path, version, text):
    if version == "3.14":
        text = text.replace('"list[Item]"', "list[Item]")  # evaluated when somebody asks
    context, _ = run(tmp_path / "worse", version, text, text.replace("<= limit", "< limit - 1"))
    assert {one.location.symbol for one in context.drafts} == {"shop.total"}
    context, outcome = run(
        tmp_path / "same",
        version,
        text,
        text.replace("return found if found <= limit else limit", "return min(found, limit)"),
    )
    assert context.drafts == []
    assert outcome.unverified == []


@pytest.mark.parametrize("version", SUITES)
def test_work_that_grows_faster_is_counted(tmp_path, version):
    context, _ = run(tmp_path, version, UNIQUE, SLOWER)
    assert [one.category for one in context.drafts] == ["cost"]


def test_syntax_that_the_sandbox_does_not_have_is_told(tmp_path):
    context, outcome = run(tmp_path, "3.9", "def total(n: int) -> int:\n    return n\n", MATCH)
    assert context.drafts == []
    [one] = outcome.unverified
    assert one.what == "shop"
    assert "SyntaxError" in one.why
    assert one.why.endswith("no Python that version 3.9 reads")


def test_syntax_that_came_after_the_harness_own_version(tmp_path):
    text = "def total(n: int) -> int:\n    try:\n        return n\n"
    text += "    except TypeError, ValueError:\n        return 0\n"
    _, outcome = run(tmp_path, "3.14", text, text.replace("return n\n", "return n + 0\n"))
    assert [one.what for one in outcome.unverified] == ["shop.py"]
