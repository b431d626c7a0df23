"""Letters that one method of texts takes otherwise than the one in its stead; the harness's own use of digits."""

import pytest

from .local import compared, module

FIND = """
def find(names, wanted):
    \"\"\"Index of the name, letters compared whatever their case, or -1.\"\"\"
    for at, name in enumerate(names):
        if name.casefold() == wanted.casefold():
            return at
    return -1
"""
TEST_FIND = """
from m import find


def test_find():
    assert find(["Ann", "bob"], "BOB") == 1
    assert find(["Ann", "bob"], "eve") == -1
"""
NUMBER = """
def number(text):
    return int(text) if text.isdecimal() else None
"""
TEST_NUMBER = """
from m import number


def test_number():
    assert number("12") == 12
    assert number("x") is None
"""


@pytest.mark.parametrize(
    ("base", "new", "test"),
    [(FIND, ("casefold", "lower"), TEST_FIND), (NUMBER, ("isdecimal", "isdigit"), TEST_NUMBER)],
)
def test_a_less_careful_method(tmp_path, base, new, test):
    context = compared(tmp_path, base, base.replace(*new), {"tests/test_m.py": test})
    assert context.verdicts(context.drafts[0]) == (True, False)


def test_letters_of_the_caller_stay_what_they_were(tmp_path):
    """A careful method that comes, and one that stays, are no reason for letters that no caller passed."""
    head = FIND.replace("casefold", "lower")
    context = compared(
        tmp_path, head, head.replace("return -1", "return int(-1)"), {"tests/test_m.py": TEST_FIND}
    )
    assert context.drafts == []
    vocabulary = module("vocabulary")
    assert "ß" in vocabulary.sharp(FIND, head, ["find"])
    assert "ß" not in vocabulary.sharp(head, FIND, ["find"])


def test_a_superscript_digit_has_a_weight():
    shrinking = module("shrink")
    assert shrinking.size([None, [["f", ["²"], []]]]) > shrinking.size([None, [["f", ["2"], []]]])
