import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.replay.regions import is_small, regions, taken_back, texts_of

BASE = """\
def f(a, b):
    if a > 10:
        return 1
    b = round(b)
    if b > 10:
        return 2
    return round(a)
"""
TABLE = "RATES = {\n    'a': 1,\n    'b': 2,\n    'c': 3,\n}\n"


def places(old: str, new: str) -> list[int]:
    """How many places each region has."""
    return [len(region) for region in regions({"m.py": texts_of(old, new)})]


def test_changed_places_with_a_line_between_are_regions_of_their_own():
    assert places(BASE, BASE.replace("return 1", "return 3").replace("b > 10", "b >= 10")) == [1, 1]


def test_the_same_words_replaced_are_one_region():
    assert places(BASE, BASE.replace("round(", "ceil(")) == [2]


def test_statements_changed_next_to_each_other_are_regions_of_their_own():
    assert places("a = 1\nb = 2\n", "a = 3\nb = 4\n") == [1, 1]


def test_entries_of_one_table_are_one_region():
    assert places(TABLE, TABLE.replace("1", "7").replace("3", "8")) == [2]


def test_new_lines_together_are_one_region():
    assert places("def f(a):\n    return a\n", "def f(a):\n    if a:\n        return 1\n    return a\n") == [
        1
    ]


def test_comments_and_blank_lines_are_none():
    assert places(BASE, BASE.replace("    b = round(b)\n", "    # rounded\n\n    b = round(b)\n")) == []


def test_a_file_that_is_not_python_is_one():
    assert [len(one) for one in regions({"rates.json": texts_of("1\n2\n3\n", "4\n2\n5\n")})] == [1]


@pytest.mark.parametrize(
    ("old", "new", "small"),
    [
        ("if a > 10:", "if a >= 10:", True),
        ("if a > 10:", "if a > 12:", True),
        ("b = round(b)", "b = round(b, 1)", True),
        ("round(", "ceil(", True),  # in two places
        ("if a > 10:", "if a > 10 or a < 0:", False),
        ("if a > 10:", "if a >= 10 or a < 0:", False),
        ("return 1", "return 1 if b else 3", False),
        ("if a > 10:", "if b > 11:", False),  # two edits
        ("return 1", "return table[a].price + 1", False),
        ("    b = round(b)\n", "", False),
        ("    b = round(b)\n", "    b = round(b)\n    a = round(a)\n", False),
    ],
)
def test_one_edit_of_a_few_words_is_small(old: str, new: str, small: bool):
    files = {"m.py": texts_of(BASE, BASE.replace(old, new))}
    [region] = regions(files)
    assert is_small(region, files) == small


def test_a_region_is_taken_back_where_it_stands():
    new = BASE.replace("return 1", "return 3").replace("b > 10", "b >= 10")
    files = {"m.py": texts_of(BASE, new)}
    first, second = regions(files)
    assert taken_back(files, [first]) == {"m.py": BASE.replace("b > 10", "b >= 10")}
    assert taken_back(files, [second]) == {"m.py": BASE.replace("return 1", "return 3")}
    assert taken_back(files, []) == {}


lines = st.lists(
    st.sampled_from(["a = 1\n", "b = 2\r\n", "if a:\n", "    c = 3\n", "\n", "x = (\n", ")"]), max_size=9
)


@given(lines.map("".join), lines.map("".join))
def test_with_everything_taken_back_that_says_something_base_is_left(old, new):
    files = {"m.py": texts_of(old, new)}
    made = taken_back(files, regions(files)).get("m.py", new)
    said = [[line for line in text.splitlines() if line.strip()] for text in (made, old)]
    assert said[0] == said[1]
