"""Keys that are data and keys that are fields; iterables that can be gone through once."""

import pytest

from .local import compared

EXPORT = """
import json


def export(record: dict) -> str:
    return json.dumps(record, sort_keys=True, default=str)
"""
ONE_RECORD = """
from m import export


def test_export():
    assert export({"boat": "Anna"}) == '{"boat": "Anna"}'
"""
GREET = """
def greet(person: dict) -> str:
    name, town = person["name"], person["town"]
    return f"{name} of {town}"
"""
MAPPED = """
def greet(person: dict) -> str:
    return "{name} of {town}".format_map(person)
"""
ONE_PERSON = """
from m import greet


def test_greet():
    assert greet({"name": "Ann", "town": "Cork"}) == "Ann of Cork"
"""
MEAN = """
from collections.abc import Iterable


def mean(lengths: Iterable[float]) -> float:
    lengths = list(lengths)
    return sum(lengths) / len(lengths) if lengths else 0.0
"""
TWICE = """
from collections.abc import Iterable


def mean(lengths: Iterable[float]) -> float:
    count = sum(1 for _ in lengths)
    return sum(lengths) / count if count else 0.0
"""


def test_keys_that_no_code_names_are_data(tmp_path):
    context = compared(tmp_path, EXPORT, EXPORT.replace("sort_keys=True, ", ""), {"test_m.py": ONE_RECORD})
    [found] = context.drafts
    assert context.verdicts(found) == (True, False)


def test_keys_that_code_names_are_fields(tmp_path):
    assert compared(tmp_path, GREET, MAPPED, {"test_m.py": ONE_PERSON}).drafts == []


def test_what_may_be_any_iterable_is_gone_through_once(tmp_path):
    context = compared(tmp_path, MEAN, TWICE)
    [found] = context.drafts
    assert "iter(" in found.proof.input
    assert context.verdicts(found) == (True, False)


@pytest.mark.parametrize("kind", ["Sequence", "Collection"])
def test_what_must_be_a_sequence_may_be_gone_through_twice(tmp_path, kind):
    assert compared(tmp_path, MEAN.replace("Iterable", kind), TWICE.replace("Iterable", kind)).drafts == []
