"""Properties of results: those that base kept and head breaks are told as a sentence."""

import pytest

from harness.check.interface import Difference

from .local import LocalContext, check

BROKEN = {
    "permutation": (
        "def ranked(scores: list[int]) -> list[int]:\n    return sorted(scores)\n",
        "def ranked(scores: list[int]) -> list[int]:\n    return sorted(set(scores))\n",
    ),
    "sorted": (
        "def unique(scores: list[int]) -> list[int]:\n    return sorted(set(scores))\n",
        "def unique(scores: list[int]) -> list[int]:\n    return list(dict.fromkeys(scores))\n",
    ),
    "commutative": (
        "def gap(left: int, right: int) -> int:\n    return abs(left - right) + 3\n",
        "def gap(left: int, right: int) -> int:\n    return max(left - right, 0) + 3\n",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_property_that_a_difference_breaks_is_told(name, tmp_path):
    base, head = BROKEN[name]
    context = LocalContext(tmp_path, {"shop.py": base}, {"shop.py": head})
    check(context)
    found = [one for one in context.drafts if one.category == "property"]
    assert [one.rule for one in found] == [name], [one.title for one in context.drafts]
    assert context.verdicts(found[0]) == (True, False)
    assert found[0].title.startswith("No longer true: ")


def test_the_class_of_the_difference_is_that_of_its_input(tmp_path):
    """A test that declares the difference declares the property with it."""
    base, head = BROKEN["permutation"]
    context = LocalContext(tmp_path, {"shop.py": base}, {"shop.py": head})
    check(context)
    classes = {one.category: one.difference for one in context.drafts}
    assert classes["property"] == classes["regression"]
    assert classes["property"] == Difference("shop.ranked", "value", "value", "collection→collection")
