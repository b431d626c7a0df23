"""Canonical text, recipes and their Python source agree with each other, whatever the value."""

import collections
import datetime
import decimal
import enum
import fractions
import json
import pathlib
import sys
import zoneinfo
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "harness" / "guest"))

from guestlib.canon import Shapes, canon, canon_texts
from guestlib.outcome import observe
from guestlib.recipes import UnwritableError, build, recipe_of
from guestlib.source import Source

HASHABLE = (
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats()
    | st.decimals(allow_nan=False) | st.fractions() | st.dates() | st.times() | st.timedeltas()
    | st.datetimes(timezones=st.none() | st.just(datetime.UTC) | st.just(zoneinfo.ZoneInfo("Europe/Berlin")))
    | st.uuids() | st.just(pathlib.Path("a/b")) | st.just(float)
)  # fmt: skip
VALUES = st.recursive(
    HASHABLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.lists(inner, max_size=4).map(collections.deque)
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.frozensets(HASHABLE, max_size=4)
        | st.sets(HASHABLE, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_a_recipe_builds_an_equal_value(value):
    recipe = json.loads(json.dumps(recipe_of(value)))
    assert canon(build(recipe)) == canon(value)


@given(VALUES)
def test_the_source_of_a_recipe_gives_an_equal_value(value):
    source = Source()
    expression = source.expression(json.loads(json.dumps(recipe_of(value))))
    space = {}
    exec("\n".join([*source.imports(), *source.prelude, "result = " + expression]), space)
    assert canon(space["result"]) == canon(value)


@given(VALUES)
def test_equal_loosely_where_equal_strictly(value):
    assert canon(value, loose=True) == canon(build(recipe_of(value)), loose=True)


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_only_the_strict_text_sees_the_order_of_a_dict(value):
    turned = dict(reversed(value.items()))
    assert canon(value) != canon(turned)
    assert canon(value, loose=True) == canon(turned, loose=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 1.0),
        (1, True),
        ("a", b"a"),
        ([1], (1,)),
        (decimal.Decimal(1), 1),
        ({1}, frozenset({1})),
        (0.1, 0.2),
    ],
)
def test_types_and_values_count(left, right):
    assert canon(left) != canon(right)
    assert canon(left, loose=True) != canon(right, loose=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (0.1 + 0.2, 0.3), (decimal.Decimal("0.30"), decimal.Decimal("0.3")), ([1, 2], iter([1, 2])),
        (ValueError("a"), ValueError("b")),
    ],
)  # fmt: skip
def test_what_a_refactoring_may_change_counts_strictly_only(left, right):
    assert canon(left, loose=True) == canon(right, loose=True)


def test_nan_equals_nan_and_addresses_do_not_count():
    assert canon([float("nan")]) == canon([float("nan")])
    assert canon(object()) == canon(object())


def test_a_value_that_contains_itself_ends():
    loop = [1]
    loop.append(loop)
    assert canon(loop) == "[1, <cycle>]"
    with pytest.raises(UnwritableError):
        recipe_of(loop)


class Account:
    """An object with public, private and uninteresting attributes."""

    def __init__(self, owner, _pin=0):
        self.owner = owner
        self._pin = _pin
        self.cache = object()

    def deposit(self, amount):
        self._pin += amount


class Limited(Account):
    def __init__(self, owner, limit):
        super().__init__(owner)
        self.limit = limit


def test_private_attributes_count_only_on_request():
    assert canon(Account("ada", 1)) == canon(Account("ada", 2)) == "Account(owner='ada')"
    assert canon(Account("ada", 1), private=True) != canon(Account("ada", 2), private=True)


def test_an_attribute_that_base_does_not_know_is_left_out():
    seen = Shapes()
    canon(Account("ada"), shapes=seen)
    known = {name: sorted(names) for name, names in seen.seen.items()}
    wider = Account("ada")
    wider.email = "ada@example.org"
    assert canon(wider, shapes=Shapes(known)) == canon(Account("ada"))
    assert canon(wider) != canon(Account("ada"))


def test_objects_by_constructor_attributes_and_fraction():
    recipe = recipe_of(Limited("bob", fractions.Fraction(1, 3)))
    assert recipe[0] == "new"
    assert canon(build(recipe), private=True) == canon(Limited("bob", fractions.Fraction(1, 3)), private=True)


def test_an_object_with_a_past():
    new = ["new", __name__, "Account", ["eve"], []]
    recipe = ["then", new, [["deposit", [5], []], ["missing", [], []]]]
    assert build(recipe)._pin == 5
    source = Source()
    expression = source.expression(recipe)
    space = {}
    exec("\n".join([*source.imports(), *source.prelude, "result = " + expression]), space)
    assert space["result"]._pin == 5


class State(enum.StrEnum):
    OPEN = "open"


class _Hidden:
    def __init__(self) -> None:
        self.shown = State.OPEN


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.OrderedDict(b=1, a=2), {"a": 2, "b": 1}),
        (collections.defaultdict(int, a=1), {"a": 1}),
        (State.OPEN, "open"),
        (Point(1, 2), (1, 2)),
        ([Point(1, State.OPEN)], [(1, "open")]),
    ],
)
def test_the_plain_text_is_that_of_the_built_in_type(value: object, plain: object) -> None:
    texts = canon_texts(value)
    assert texts["plain"] == canon(plain, loose=True)
    assert texts["text"] != texts["plain"]
    assert "plain" not in canon_texts(plain)


def test_types_count_in_the_plain_text_too() -> None:
    assert len({canon_texts(value).get("plain", canon(value)) for value in (1, 1.0, True, "1")}) == 4


def test_private_classes_have_no_name_that_counts() -> None:
    assert canon(_Hidden(), loose=True) == "_(shown=State.OPEN)"


def test_a_refusal_is_told_by_function_and_statement() -> None:
    def refuse() -> None:
        raise ValueError("no")

    here = str(pathlib.Path(__file__).parent)
    assert observe(refuse, root=here)["site"] == 'refuse: raise ValueError("no")'
    assert "site" not in observe(lambda: int("x"), root=here)


def test_an_accident_while_iterating_is_the_outcome_whatever_came_before() -> None:
    def items(*values: object) -> Iterator[int]:
        for value in values:
            yield int(str(value))

    def refusing() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    here = str(pathlib.Path(__file__).parent)
    early, late = (observe(lambda values=values: items(*values), root=here) for values in (("x",), (1, "x")))
    assert early == late
    assert early["kind"] == "raises ValueError"
    assert observe(refusing, root=here)["text"] == "<iterator of [1] then raises ValueError>"
