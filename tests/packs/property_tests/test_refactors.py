"""Refactorings that once were alarms, and the change beside each that is none."""

import pytest

from .local import LocalContext, check, compared

ENTRY = """
class Entry:
    def __init__(self, number, waiting=0):
        self.number = number
        self.waiting = waiting

    def score(self):
        return self.number * 10 + self.waiting

    def __repr__(self):
        return "Entry(%r, %r)" % (self.number, self.waiting)
"""
ENTRY_DATACLASS = """
from dataclasses import dataclass


@dataclass
class Entry:
    number: int
    waiting: int = 0

    def score(self):
        return self.number * 10 + self.waiting
"""
EXTENSION = """
import os
from pathlib import Path


def extension(path):
    return os.path.splitext(os.path.basename(path))[1].lower()
"""
PATHLIB = EXTENSION.replace("os.path.basename(path)", "Path(path).name")
FOLDER = EXTENSION.replace("basename(path)", 'basename(path.rstrip("/"))')


def symbols(place, base, head, tests=None):
    tests = tests or {}
    context = LocalContext(place, {"shop.py": base, **tests}, {"shop.py": head, **tests})
    outcome = check(context)
    assert not outcome.failed
    return [one.location.symbol for one in context.drafts], outcome.notes


def test_a_class_made_a_dataclass_takes_its_text(tmp_path):
    found, notes = symbols(tmp_path, ENTRY, ENTRY_DATACLASS)
    assert found == []
    assert any("`repr`, which head leaves to Python" in note for note in notes)


def test_a_text_that_head_writes_itself_counts(tmp_path):
    found, _ = symbols(tmp_path, ENTRY, ENTRY.replace('"Entry(%r, %r)"', '"Entry(%r; %r)"'))
    assert found == ["shop.Entry.__repr__"]


@pytest.mark.parametrize(
    ("base", "head", "found"),
    [(EXTENSION, PATHLIB, []), (FOLDER, EXTENSION, ["shop.extension"])],
    ids=["nobody-asked", "base-asks"],
)
def test_a_path_that_ends_with_a_slash_counts_where_the_body_asks(tmp_path, base, head, found):
    test = "from shop import extension\n\n\ndef test_it():\n    assert extension('a/b.TXT') == '.txt'\n"
    assert symbols(tmp_path, base, head, {"test_shop.py": test})[0] == found


ENDING = """
import os


class Reading:
    def __init__(self, value: int):
        self.value = value


def reading(value: int) -> Reading:
    if value % 3 == 2:
        os._exit(0)
    return Reading(value)
"""


def test_a_new_attribute_where_some_inputs_end_the_process(tmp_path):
    head = ENDING.replace("        self.value = value", "        self.value = value\n        self.unit = 'm'")
    context = compared(tmp_path, ENDING, head.replace("value % 3 == 2", "2 == value % 3"))
    assert context.drafts == []
