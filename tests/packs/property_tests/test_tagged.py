"""Trees made of tuples whose first text says what they are; clocks that are handed in."""

import importlib
import random
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from .local import PACK, ROOT, LocalContext, check, compared

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
Domain = importlib.import_module("guest.domain").Domain
Generator = importlib.import_module("guest.generate").Generator
Judge = importlib.import_module("guest.plausible").Judge
texts = importlib.import_module("guest.texts")

TREES = [
    ["tuple", ["and", ["tuple", ["<", "amount", 100]], ["tuple", ["is", "paid"]]]],
    ["tuple", ["not", ["tuple", ["is", "paid"]]]],
    ["tuple", ["<", "amount", 7]],
    ["tuple", ["is", "late"]],
]


def learnt(*recipes):
    domain = Domain("tree")
    for recipe in recipes:
        domain.learn(recipe)
    return domain


def fits(recipe, domain):
    return Judge(set(), lambda module, name: None).types(recipe, domain)


def test_a_form_that_no_parser_makes_does_not_fit():
    domain = learnt(*TREES)
    assert fits(["tuple", ["not", ["tuple", ["and", TREES[2], TREES[3]]]]], domain)
    for wrong in (["", "paid", True], ["not", "paid"], ["and", TREES[2]], ["is", TREES[2]], []):
        assert not fits(["tuple", wrong], domain)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_drawn_fits(seed):
    domain = learnt(*TREES)
    drawn = Generator(random.Random(seed), ["paid", 3], lambda module, name: None).sequence(
        "tuple", domain, 0
    )
    assert fits(drawn, domain), drawn


def test_rows_of_data_are_no_tree():
    domain = learnt(["tuple", ["Ann", 3]], ["tuple", ["Bob", 4]])
    assert not domain.forms.told
    assert fits(["tuple", ["Eve", 5]], domain)


def test_a_pair_of_brackets_is_left_out():
    made = {texts.without_brackets(random.Random(seed), "a(b[c])") for seed in range(20)}
    assert made == {"ab[c]", "a(bc)"}
    assert texts.without_brackets(random.Random(0), ")(") == ")("


def test_texts_are_joined_by_what_joins_their_parts():
    joined = {texts.joined(random.Random(seed), "a or b", "c, d") for seed in range(20)}
    assert joined == {"a or b or c, d", "a or b, c, d"}


LIMITER = """
import time


class Limiter:
    def __init__(self, limit: int, seconds: float, clock=time.monotonic):
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._events = []

    def allow(self) -> bool:
        now = self._clock()
        self._events = [one for one in self._events if one > now - self._seconds]
        if len(self._events) >= self._limit:
            return False
        self._events.append(now)
        return True
"""


def test_a_clock_that_is_handed_in_goes_on(tmp_path):
    head = LIMITER.replace(
        "        if len(self._events) >= self._limit:\n            return False\n        self._events.append(now)\n"
        "        return True\n",
        "        self._events.append(now)\n        return len(self._events) <= self._limit\n",
    )
    context = compared(tmp_path, LIMITER, head)
    draft = context.drafts[0]
    assert "ticking()" in draft.proof.input
    assert "    TIME[0] += 1\n    receiver.allow()\n" in draft.proof.files["test_@id@_base.py"].decode()
    assert context.verdicts(draft) == (True, False)


def test_how_often_a_clock_is_asked_is_no_difference(tmp_path):
    head = LIMITER.replace(
        "        now = self._clock()\n", "        self._clock()\n        now = self._clock()\n"
    )
    assert compared(tmp_path, LIMITER, head).drafts == []


HELD = """
class Journal:
    def __init__(self, clock):
        self.clock = clock
        self.lines = []

    def write(self, text):
        self.lines.append((self.clock.now(), text.strip()))
        return self.lines[-1]
"""
TEST_HELD = """
from m import Journal


class Clock:
    def __init__(self, start=0):
        self.start = start

    def now(self):
        self.start += 1
        return self.start


def test_write():
    journal = Journal(Clock(3))
    assert journal.write("a") == (4, "a")
"""


def test_a_class_of_a_test_module_can_be_made(tmp_path):
    head = HELD.replace("text.strip()", "text.rstrip()")
    context = compared(tmp_path, HELD, head, {"tests/test_m.py": TEST_HELD})
    draft = context.drafts[0]
    assert "from tests.test_m import Clock" in draft.proof.files["test_@id@_base.py"].decode()
    assert context.verdicts(draft) == (True, False)


def test_what_cannot_be_shown_hides_nothing(tmp_path):
    base = """
class Session:
    def __init__(self, name: str):
        self.handle = object() if name else None
        self.name = name

    def title(self) -> str:
        return self.name.title()

    def code(self, number: int) -> int:
        return number % 97
"""
    head = base.replace("object() if name", "object if name").replace(
        "number % 97", "number % 97 if number < 1000 else 0"
    )
    context = LocalContext(tmp_path, {"m.py": base}, {"m.py": head})
    context.settings = {
        "seconds": 20
    }  # what is found first cannot be shown: there has to be time for another search
    check(context)
    assert any("code()" in draft.title for draft in context.drafts)
