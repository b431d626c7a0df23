"""Recursion that head does not stand any more: a difference where base does not recurse itself."""

import pytest

from .local import compared

KEPT = """
_known = {}


def paths(width: int, height: int) -> int:
    if width <= 0 or height <= 0:
        return 1
    if (width, height) not in _known:
        _known[width, height] = paths(width - 1, height) + paths(width, height - 1)
    return _known[width, height]


def check():
    assert paths(LARGEST, 2)
"""
CACHED = """
from functools import lru_cache


@lru_cache(maxsize=None)
def paths(width: int, height: int) -> int:
    if width <= 0 or height <= 0:
        return 1
    return paths(width - 1, height) + paths(width, height - 1)
"""
TEST = "from m import paths\n\n\ndef test_paths():\n    assert paths(800, 1) == 801\n    assert paths(850, 1) == 851\n"
LOOP = """
def total(numbers: list[int]) -> int:
    found = 0
    for number in numbers:
        found += number
    return found
"""
RECURSIVE = """
def total(numbers: list[int]) -> int:
    if not numbers:
        return 0
    return numbers[0] + total(numbers[1:])
"""
LONG = "from m import total\n\n\ndef test_total():\n    assert total(list(range(600))) == 179700\n"


@pytest.mark.parametrize(
    ("base", "head", "test", "drafts"),
    [
        (KEPT.partition("\n\ndef check")[0], CACHED, TEST, 0),
        (LOOP, RECURSIVE.replace("    return n", "    return _more(numbers)\n\n\ndef _more(numbers):\n    return n"),
         LONG, 1),
    ],
    ids=["base recurses as deep", "base has a loop"],
)  # fmt: skip
def test_recursion_counts_where_base_does_without(tmp_path, base, head, test, drafts):
    context = compared(tmp_path, base, head, tests={"test_m.py": test})
    assert [draft.title for draft in context.drafts] == ["total() raises RecursionError where base answered"][
        :drafts
    ]
