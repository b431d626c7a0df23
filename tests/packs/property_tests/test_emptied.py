"""What a call hands out is the caller's own on base: emptied by a caller it must not change what is kept."""

import pytest

from .local import compared, module

copied = module("copied")
CART = """
class Cart:
    def __init__(self, owner: str):
        self.owner = owner
        self._lines = []

    def add(self, name: str, cents: int):
        self._lines.append([name, cents])

    def lines(self):
        return list(self._lines)

    def total(self):
        return sum(cents for _, cents in self._lines)
"""
SETTINGS = """
import copy

_DEFAULTS = {"retries": 3, "hosts": ["localhost"]}


def settings():
    return copy.deepcopy(_DEFAULTS)
"""
ROUTES = """
def routes(count: int):
    found = []
    for number in range(count % 5):
        found.append("route %d" % number)
    return found


def report(count: int):
    lines = routes(count)
    lines.append("end")
    return len(lines)
"""
CACHED = ROUTES.replace("def routes", "import functools\n\n\n@functools.lru_cache\ndef routes")


BASKET = """
class Basket:
    def __init__(self, names: list[str]):
        self._names = list(names)
        self._prices = {}

    def price(self, prices: dict[str, int]):
        self._prices = dict(prices)

    def count(self):
        return len(self._names)

    def known(self):
        return sorted(self._prices)
"""


def alone(text):
    return text.partition("\n\ndef report")[0]


@pytest.mark.parametrize(
    ("base", "head", "line"),
    [
        (CART, CART.replace("list(self._lines)", "self._lines"), "    earlier = receiver.lines()\n"),
        (SETTINGS, SETTINGS.replace("copy.deepcopy(_DEFAULTS)", "_DEFAULTS"), "    earlier.clear()\n"),
        (
            SETTINGS,
            SETTINGS.replace("copy.deepcopy(_DEFAULTS)", "_DEFAULTS.copy()"),
            "    earlier['hosts'].clear()\n",
        ),
        (ROUTES, CACHED, "    earlier = routes("),
    ],
    ids=["a list of the object", "a constant", "a copy that shares its lists", "a cache"],
)
def test_what_is_kept_is_not_handed_out(tmp_path, base, head, line):
    context = compared(tmp_path, base, head)
    found = {draft.rule: draft for draft in context.drafts}["shared-result"]
    assert found.title.endswith("after its caller emptied what it had been given")
    assert line in found.proof.files["test_@id@_base.py"].decode()
    assert context.verdicts(found) == (True, False)


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (CART, CART.replace("list(self._lines)", "self._lines[:]")),
        (CART, CART.replace("list(self._lines)", "[*self._lines]")),
        (alone(ROUTES), alone(CACHED)),
        (CART.replace("list(self._lines)", "self._lines"), CART.replace("return list(", "found = (").replace(
            "self._lines)\n\n    def total", "self._lines)\n        return found\n\n    def total")),
    ],
    ids=["a slice", "a display", "a cache whose callers change nothing", "shared on both sides"],
)  # fmt: skip
def test_a_copy_of_another_kind_is_no_difference(tmp_path, base, head):
    assert base != head
    assert compared(tmp_path, base, head).drafts == []


@pytest.mark.parametrize(
    ("returned", "copies"),
    [
        ("list(self._a)", True), ("self._a.copy()", True), ("copy.deepcopy(A)", True), ("self._a[:]", True),
        ("[*self._a]", True), ("{**self._a}", True), ("[one for one in self._a]", True),
        ("list(self._a.values())", True),
        ("list(range(3))", False), ("[one * 2 for one in self._a]", False), ("self._a", False),
        ("self._a[1:]", False), ("dict(a=1)", False), ("[one for one in self._a if one]", False),
    ],
)  # fmt: skip
def test_what_is_a_copy(returned, copies):
    text = f"class C:\n    def f(self):\n        return {returned}\n"
    assert copied.returns_copies(text, ["C.f"]) is copies
    assert copied.returns_copies(text, ["C.g"]) is False


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("x = rows()\n    x.append(1)", True), ("x = rows()\n    x[0] = 1", True), ("rows().sort()", True),
        ("x = rows()\n    del x[0]", True), ("x = rows()\n    return len(x)", False),
        ("x = other()\n    x.append(1)", False), ("x = rows()\n    y.append(1)", False),
    ],
)  # fmt: skip
def test_who_changes_what_it_got(body, changes):
    assert copied.changed_by_callers(f"def f():\n    {body}\n", "rows") is changes


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("list(names)", "names", ["    receiver = Basket(given)\n", "    given.clear()\n"]),
        ("dict(prices)", "prices", ["    receiver.price(given)\n", "    given.clear()\n"]),
    ],
)
def test_an_object_keeps_a_copy_of_what_it_is_given(tmp_path, old, new, lines):
    context = compared(tmp_path, BASKET, BASKET.replace(old, new))
    found = {draft.rule: draft for draft in context.drafts}["kept-argument"]
    assert found.title.endswith("after its caller emptied what it had given to it")
    assert "@" not in found.title + found.proof.input + str(found.location.symbol)
    assert all(line in found.proof.files["test_@id@_base.py"].decode() for line in lines)
    assert context.verdicts(found) == (True, False)


@pytest.mark.parametrize(
    ("old", "new"),
    [("list(names)", "[*names]"), ("dict(prices)", "{**prices}"), ("list(names)", "tuple(names)")],
)
def test_another_copy_of_what_is_given_is_no_difference(tmp_path, old, new):
    assert compared(tmp_path, BASKET, BASKET.replace(old, new)).drafts == []


@pytest.mark.parametrize(
    ("body", "keeps"),
    [
        ("self.a = list(given)", True), ("self.a = given", False), ("self.a = [*given] if given else []", True),
        ("a = list(given)", False), ("self.a = list(self.b)", False), ("self.a: list = copy.copy(given)", True),
    ],
)  # fmt: skip
def test_who_keeps_a_copy(body, keeps):
    text = f"class C:\n    def f(self, given):\n        {body}\n"
    assert copied.keeps_copies(text, ["C.f"]) is keeps
