"""State that calls or objects share on head: found by doing the same twice; no alarm for what remembers harmlessly."""

import pytest

from .local import compared

CART = """
class Cart:
    def __init__(self, owner: str):
        self.owner = owner
        self.items = []

    def add(self, name: str, cents: int):
        self.items.append((name, cents))

    def total(self):
        return sum(cents for _, cents in self.items)
"""
SHARED_CART = CART.replace("        self.items = []\n", "").replace(
    "class Cart:\n", "class Cart:\n    items = []\n\n"
)
SETTINGS = """
import copy

DEFAULTS = {"retries": 3, "hosts": []}


def settings(**changes):
    made = copy.deepcopy(DEFAULTS)
    made["hosts"].append("localhost")
    made.update(changes)
    return made
"""
DIVISORS = """
def divisors(number: int) -> tuple[int, ...]:
    return tuple(one for one in range(1, number + 1) if number % one == 0)
"""
NUMBERS = """
_last = [0]


def next_number(prefix: str) -> str:
    _last[0] += 1
    return f"{prefix}-{_last[0]}"
"""
COUNTER = """
import itertools

_numbers = itertools.count(1)


def next_number(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"
"""
POINT = """
class Box:
    def __init__(self, width: int, height: int):
        self.width = width
        self.height = height
        self.area = width * height

    def scaled(self, by: int):
        return Box(self.width * by, self.height * by)
"""
PROPERTY = """
class Box:
    def __init__(self, width: int, height: int):
        self.width = width
        self.height = height

    @property
    def area(self) -> int:
        return self.width * self.height

    def scaled(self, by: int):
        return Box(self.width * by, self.height * by)
"""


@pytest.mark.parametrize(
    ("base", "head", "line"),
    [
        (CART, SHARED_CART, "earlier = Cart("),
        (
            SETTINGS,
            SETTINGS.replace("copy.deepcopy(DEFAULTS)", "dict(DEFAULTS)"),
            "    settings()\n    assert set",
        ),
    ],
)
def test_what_one_does_shows_at_another(tmp_path, base, head, line):
    context = compared(tmp_path, base, head)
    found = {draft.rule: draft for draft in context.drafts}["shared-state"]
    assert found.proof.input.endswith(("after another object has done the same", "after it was called once"))
    assert line in found.proof.files["test_@id@_base.py"].decode()
    assert context.verdicts(found) == (True, False)


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (
            DIVISORS,
            DIVISORS.replace("\ndef ", "\nimport functools\n\n\n@functools.lru_cache(maxsize=None)\ndef "),
        ),
        (NUMBERS, COUNTER),
        (POINT, PROPERTY),
    ],
)
def test_what_remembers_harmlessly_is_no_difference(tmp_path, base, head):
    assert compared(tmp_path, base, head).drafts == []


RATES = """
_known = {}


def rate(currency: str, day: int) -> int:
    key = (currency, day)
    if key not in _known:
        _known[key] = len(currency) * 100 + day
    return _known[key]
"""


@pytest.mark.parametrize("key", ["currency", "(currency, day // 7)", "day"])
def test_a_cache_whose_key_lacks_an_argument(tmp_path, key):
    context = compared(tmp_path, RATES, RATES.replace("(currency, day)", key))
    found = {draft.rule: draft for draft in context.drafts}["shared-state"]
    assert found.title.endswith("after it was called with other arguments")
    assert found.proof.input.count("rate(") == 2
    assert context.verdicts(found) == (True, False)


@pytest.mark.parametrize("key", ["(day, currency)", "f'{day} {currency}'"])
def test_a_cache_with_another_whole_key_is_no_difference(tmp_path, key):
    assert compared(tmp_path, RATES, RATES.replace("(currency, day)", key)).drafts == []


RATE_TABLE = """
class RateTable:
    known = {}

    def __init__(self, factor: int):
        self.factor = factor

    def rate(self, currency: str, day: int) -> int:
        key = (self.factor, currency, day)
        if key not in RateTable.known:
            RateTable.known[key] = len(currency) * 100 + self.factor * day
        return RateTable.known[key]
"""


@pytest.mark.parametrize("key", ["(self.factor, currency)", "(self.factor, day)"])
def test_a_cache_of_all_objects_whose_key_lacks_an_argument(tmp_path, key):
    context = compared(tmp_path, RATE_TABLE, RATE_TABLE.replace("(self.factor, currency, day)", key))
    found = {draft.rule: draft for draft in context.drafts}
    assert found
    assert all(context.verdicts(draft) == (True, False) for draft in found.values())


def test_a_cache_of_all_objects_with_another_whole_key_is_no_difference(tmp_path):
    head = RATE_TABLE.replace("(self.factor, currency, day)", "(day, currency, self.factor)")
    assert compared(tmp_path, RATE_TABLE, head).drafts == []


PRICES = """
class PriceList:
    def __init__(self, prices: dict[str, int], surcharge: int = 0):
        self.prices = prices
        self.surcharge = surcharge

    def price(self, article: str) -> int:
        cents = self.prices[article]
        return cents + cents * self.surcharge // 100
"""
KEPT = """
_known = {}


class PriceList:
    def __init__(self, prices: dict[str, int], surcharge: int = 0):
        self.prices = prices
        self.surcharge = surcharge

    def price(self, article: str) -> int:
        if article not in _known:
            cents = self.prices[article]
            _known[article] = cents + cents * self.surcharge // 100
        return _known[article]
"""


def test_a_cache_of_all_objects_that_knows_nothing_of_the_object(tmp_path):
    context = compared(tmp_path, PRICES, KEPT)
    found = {draft.rule: draft for draft in context.drafts}["shared-state"]
    assert found.title == "PriceList.price() returns another value after other calls"
    assert found.proof.input.count("PriceList(") == 2
    assert (
        "    with suppress(Exception):\n        thing_1.price("
        in found.proof.files["test_@id@_base.py"].decode()
    )
    assert context.verdicts(found) == (True, False)


def test_a_cache_in_each_object_is_no_difference(tmp_path):
    head = KEPT.replace("_known = {}\n\n\n", "").replace("_known", "self._known")
    head = head.replace(
        "        self.surcharge = surcharge\n",
        "        self.surcharge = surcharge\n        self._known = {}\n",
    )
    assert compared(tmp_path, PRICES, head).drafts == []
