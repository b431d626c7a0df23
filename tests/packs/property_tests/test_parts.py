"""The outside parts on their own: what changed, shrinking, comparing, reading hostile answers."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .local import module

syntax, changed, shrinking, comparing, wire, testfile, laws = map(
    module, ("syntax", "changed", "shrink", "compare", "wire", "testfile", "laws")
)

RECIPES = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=6)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: ["float", repr(number)])
    | st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: ["Decimal", str(number)]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: ["list", items])
        | st.lists(inner, max_size=3).map(lambda items: ["tuple", items])
        | st.lists(st.tuples(st.text(max_size=3), inner).map(list), max_size=3).map(lambda pairs: ["dict", pairs])
    ),
    max_leaves=8,
)  # fmt: skip
SCENARIOS = st.lists(RECIPES, max_size=3).map(lambda args: [None, [["f", args, []]]])


@given(SCENARIOS)
def test_neighbours_are_scenarios(scenario):
    for neighbour in shrinking.neighbours(scenario):
        assert wire.is_scenario(neighbour)
        json.dumps(neighbour)


@settings(deadline=None)
@given(SCENARIOS, st.integers(0, 40))
def test_shrinking_keeps_the_difference_and_never_grows(scenario, limit):
    def still(batch):
        return [len(json.dumps(one)) >= limit for one in batch]

    smallest = shrinking.shrink(scenario, still, lambda: True)
    assert smallest == scenario or (
        still([smallest]) == [True] and shrinking.size(smallest) < shrinking.size(scenario)
    )


def test_an_int_shrinks_to_the_smallest_that_still_differs():
    def still(batch):
        return [bool(one[1][0][1]) and one[1][0][1][0] % 58 == 18 for one in batch]

    assert shrinking.shrink([None, [["f", [76], []]]], still, lambda: True) == [None, [["f", [18], []]]]


READS = "def f():\n    return N\ndef g():\n    return 2\n"
METHOD = "    def f(self): return self.x\n"
ROWS = "def dump_row(row): return _x(row)\ndef load_row(text): return _x(text)\ndef other(a): return a\n"


def names(before, after):
    return changed.changed_functions(syntax.parse(before), syntax.parse(after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("def f(a):\n    return a\n", "def f(a: int) -> int:\n    '''Doc.'''\n    return a  # same\n", []),
        ("def f(a=1):\n    return a\n", "def f(a=2):\n    return a\n", ["f"]),
        (f"N = 1\n{READS}", f"N = 2\n{READS}", ["f"]),
        (f"class A:\n    x = 1\n{METHOD}", f"class A:\n    x = 2\n{METHOD}", ["A.f"]),
        ("import functools\ndef f(): pass\n", "import functools\n@functools.cache\ndef f(): pass\n", ["f"]),
    ],
)  # fmt: skip
def test_changed_functions(before, after, expected):
    assert names(before, after) == expected


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [
        ("def f(a, b): pass", "def f(a, b, c=1): pass", True),
        ("def f(a, b): pass", "def f(a, c): pass", False),
        ("def f(a, b=1): pass", "def f(a, b): pass", False),
        ("def f(a, *, b): pass", "def f(a, *, b, c=2): pass", True),
        ("def f(a, *, b=1): pass", "def f(a): pass", False),
    ],
)
def test_compatible_signatures(old, new, fits):
    assert changed.compatible(syntax.parse(old).functions["f"], syntax.parse(new).functions["f"]) is fits


VALUE = {"kind": "value", "text": "1", "group": "number"}
PURPOSE = {"kind": "raises ValueError", "origin": "purpose", "bases": ["Exception"]}


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (VALUE, VALUE, None),
        (VALUE, {**VALUE, "text": "2"}, ("value", "value")),
        ({**VALUE, "loose": "x"}, {**VALUE, "text": "2", "loose": "x"}, None),
        (VALUE, {"kind": "hangs"}, ("value", "hangs")),
        ({"kind": "hangs"}, VALUE, None),
        (PURPOSE, VALUE, ("raises ValueError", "value")),
        ({**PURPOSE, "origin": "garbage"}, VALUE, None),
        ({**PURPOSE, "origin": "data"}, VALUE, None),
        (PURPOSE, {"kind": "raises TooLow", "origin": "purpose", "bases": ["ValueError", "Exception"]}, None),
        (VALUE, {**VALUE, "mutated": "x"}, ("value", "mutates")),
        ({**VALUE, "printed": "x"}, VALUE, ("prints", "value")),
    ],
)
def test_classes_of_difference(base, head, expected):
    found = comparing.split([base], [head], set())
    assert (None if found is None else (found.before, found.after)) == expected


JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(JSON)
def test_hostile_answers_are_read_or_refused(value):
    outcomes = wire.observed(value)
    assert outcomes is None or all(isinstance(one["kind"], str) for one in outcomes)
    if wire.is_scenario(value):
        assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["1\nimport os", "x = 1", "", "a b", "\x1b[31m", 5, None, "(" * 9000])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(testfile.UnwritableTestError):
        testfile.expression(text)


def test_imports_keep_only_what_is_used():
    assert testfile.needed("from shop import A, B as C", "C(1)") == "from shop import B as C"
    assert testfile.needed("import re", "result") == ""
    with pytest.raises(testfile.UnwritableTestError):
        testfile.needed("print(1)", "print")


def test_round_trips_are_proposed_by_name_first():
    before = syntax.parse(ROWS + "def _x(a): return a\n")
    after = syntax.parse(ROWS + "def _x(a): return [a]\n")
    found = laws.candidates(before, after)
    assert {law.sentence for law in found if law.named} == {
        "load_row(dump_row(x)) == x", "dump_row(load_row(x)) == x",
    }  # fmt: skip
