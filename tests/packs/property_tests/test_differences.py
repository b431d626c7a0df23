"""The whole check on small changes: what it must find, with a proof that holds, and what it must not."""

import ast

import pytest

from harness.check.interface import CheckSkipped

from .local import LocalContext, check

TESTED_SHIPPING = {
    "test_shop.py": (
        "from shop import shipping\n\n\n"
        "def test_shipping():\n"
        "    assert shipping(1000) == 500\n"
        "    assert shipping(9000) == 0\n"
    )
}
STACK = """
class Stack:
    def __init__(self, limit: int):
        if limit < 1:
            raise ValueError("a stack holds something")
        self.limit = limit
        self._items = []

    def push(self, item: int) -> bool:
        if len(self._items) == self.limit:
            return False
        self._items.append(item)
        return True

    def pop(self) -> int:
        if not self._items:
            raise IndexError("empty")
        return self._items.pop()

    def size(self) -> int:
        return len(self._items)
"""

DIFFERENT = {
    "boundary": (
        "def shipping(cents: int) -> int:\n    return 0 if cents >= 5000 else 500\n",
        "def shipping(cents: int) -> int:\n    return 0 if cents > 5000 else 500\n",
        "shop.shipping", "value", "value",
    ),
    "mutation": (
        "def ranked(scores: list[int]) -> list[int]:\n    return sorted(scores)\n",
        "def ranked(scores: list[int]) -> list[int]:\n    scores.sort()\n    return list(scores)\n",
        "shop.ranked", "value", "mutates",
    ),
    "hang": (
        "def halvings(number: int) -> int:\n    count = 0\n    while number > 1:\n        number //= 2\n"
        "        count += 1\n    return count\n",
        "def halvings(number: int) -> int:\n    count = 0\n    while number != 1:\n        number //= 2\n"
        "        count += 1\n    return count\n",
        "shop.halvings", "value", "hangs",
    ),
    "lost-error": (
        "def share(total: int, people: int) -> int:\n    if people == 0:\n        raise ValueError('nobody')\n"
        "    return total // people\n",
        "def share(total: int, people: int) -> int:\n    if people == 0:\n        return 0\n"
        "    return total // people\n",
        "shop.share", "raises ValueError", "value",
    ),
    "implicit-error": (
        "def first(words: list[str]) -> str:\n    return words[0] if words else ''\n",
        "def first(words: list[str]) -> str:\n    return words[0]\n",
        "shop.first", "value", "raises IndexError",
    ),
    "private-helper": (
        "def _rate(weight):\n    return 3 if weight > 10 else 2\n\n\n"
        "def price(weight: int) -> int:\n    return weight * _rate(weight)\n",
        "def _rate(weight):\n    return 3 if weight >= 10 else 2\n\n\n"
        "def price(weight: int) -> int:\n    return weight * _rate(weight)\n",
        "shop.price", "value", "value",
    ),
    "constant": (
        "LIMIT = 20\n\n\ndef capped(number: int) -> int:\n    return min(number, LIMIT)\n",
        "LIMIT = 21\n\n\ndef capped(number: int) -> int:\n    return min(number, LIMIT)\n",
        "shop.capped", "value", "value",
    ),
    "printing": (
        "def greet(name: str) -> None:\n    print('Hello ' + name)\n",
        "def greet(name: str) -> None:\n    print('Hello', name.strip())\n",
        "shop.greet", "prints", "prints",
    ),
    "sequence": (
        STACK,
        STACK.replace("self._items = []", "self._items = []\n        self._size = 0")
        .replace("        return True", "        self._size += 1\n        return True")
        .replace("return len(self._items)\n", "return self._size\n"),
        "shop.Stack.size", "value", "value",
    ),
}  # fmt: skip

SAME = {
    "comments": (
        "def twice(n):\n    return n * 2\n",
        "def twice(n):\n    '2 n.'\n    return n * 2  # plain\n",
    ),
    "other-text-of-an-error": (
        "def root(n: int) -> int:\n    if n < 0:\n        raise ValueError('negative')\n    return n\n",
        "def root(n: int) -> int:\n    if n < 0:\n        raise ValueError(f'{n} is negative')\n    return n\n",
    ),
    "set-instead-of-list": (
        "def unique(names: list[str]) -> list[str]:\n    kept = []\n    for name in names:\n"
        "        if name not in kept:\n            kept.append(name)\n    return kept\n",
        "def unique(names: list[str]) -> list[str]:\n    return list(dict.fromkeys(names))\n",
    ),
    "another-parameter": (
        "def join(words: list[str]) -> str:\n    return '-'.join(words)\n",
        "def join(words: list[str], separator: str = '-') -> str:\n    return separator.join(words)\n",
    ),
    "generator-instead-of-list": (
        "def squares(n: int):\n    return [i * i for i in range(n)]\n",
        "def squares(n: int):\n    for i in range(n):\n        yield i * i\n",
    ),
    "documented-precondition": (
        '"""Readings come in ascending order."""\n\n\ndef spread(readings: list[int]) -> int:\n'
        "    return max(readings) - min(readings) if readings else 0\n",
        '"""Readings come in ascending order."""\n\n\ndef spread(readings: list[int]) -> int:\n'
        "    return readings[-1] - readings[0] if readings else 0\n",
    ),
    "private-state": (
        STACK,
        STACK.replace("_items", "_content"),
    ),
    "random-and-time": (
        "import random, time\n\n\ndef token(size: int) -> list:\n    return [random.random(), time.time_ns(), size]\n",
        "import random, time\n\n\ndef token(size: int) -> list:\n    now = time.time_ns()\n"
        "    return [random.uniform(0, 1), now, size]\n",
    ),
}


def run(place, base, head, more=None):
    context = LocalContext(place, {"shop.py": base, **(more or {})}, {"shop.py": head, **(more or {})})
    try:
        outcome = check(context)
    except CheckSkipped:
        return context, None
    return context, outcome


@pytest.mark.parametrize("name", DIFFERENT)
def test_finds_a_difference_and_its_proof_holds(name, tmp_path):
    base, head, symbol, before, after = DIFFERENT[name]
    context, outcome = run(tmp_path, base, head, TESTED_SHIPPING if name == "boundary" else None)
    found = [one for one in context.drafts if one.category == "regression"]
    classes = [(one.difference.symbol, one.difference.before, one.difference.after) for one in found]
    assert (symbol, before, after) in classes, (classes, outcome)
    draft = found[classes.index((symbol, before, after))]
    assert context.verdicts(draft) == (True, False)
    first = next(iter(draft.proof.files))
    assert first == "test_@id@_base.py"
    for content in draft.proof.files.values():
        ast.parse(content.decode())
    assert draft.location.path == "shop.py"
    assert draft.location.symbol == symbol


@pytest.mark.parametrize("name", SAME)
def test_stays_silent_on_equal_behaviour(name, tmp_path):
    context, outcome = run(tmp_path, *SAME[name])
    assert context.drafts == []
    if outcome is not None:
        assert not outcome.failed


def test_a_round_trip_that_breaks_is_a_property_finding(tmp_path):
    base = (
        "def encode(number: int) -> str:\n    return format(number, 'x')\n\n\n"
        "def decode(text: str) -> int:\n    return int(text, 16)\n"
    )
    head = base.replace("format(number, 'x')", "format(number, 'X').replace('D', '0')")
    context, _ = run(tmp_path, base, head)
    laws = [one for one in context.drafts if one.category == "property"]
    assert [one.rule for one in laws] == ["roundtrip"]
    assert context.verdicts(laws[0]) == (True, False)


def test_a_module_that_head_cannot_import_is_a_finding_of_its_own(tmp_path):
    base = "def half(n: int) -> int:\n    return n // 2\n"
    head = "import no_such_module_anywhere\n\n\ndef half(n: int) -> int:\n    return n // 3\n"
    context, outcome = run(tmp_path, base, head)
    assert [one.rule for one in context.drafts] == ["import-fails"]
    assert outcome.unverified == []


def test_code_that_ends_its_process_does_not_end_the_check(tmp_path):
    base = "def half(n: int) -> int:\n    return n // 2\n"
    head = "import os\n\n\ndef half(n: int) -> int:\n    if n == 7:\n        os._exit(0)\n    return n // 2\n"
    context, _ = run(tmp_path, base, head)
    assert [one.difference.after for one in context.drafts] == ["crashes"]
    assert context.verdicts(context.drafts[0]) == (True, False)


def test_how_an_object_shows_itself_is_compared(tmp_path):
    head = STACK + "\n    def __repr__(self):\n        return f'Stack of {self.size()}'\n"
    base = STACK + "\n    def __repr__(self):\n        return f'Stack of {len(self._items)}'\n"
    head = head.replace("return len(self._items)", "return self.limit - (self.limit - len(self._items))")
    context, _ = run(tmp_path / "same", base, head)
    assert context.drafts == []
    worse = base.replace("Stack of {len(self._items)}", "Stack of {self.limit}")
    context, _ = run(tmp_path / "worse", base, worse)
    assert [one.location.symbol for one in context.drafts] == ["shop.Stack.__repr__"]
    assert "repr(" in context.drafts[0].proof.input
    assert context.verdicts(context.drafts[0]) == (True, False)
