"""Lines of the change: which they are, and that inputs which run them are varied first."""

import collections
import importlib
import random
import sys

import pytest

from .local import PACK, ROOT, compared, module

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
aimed = importlib.import_module("guest.aimed")
reach = importlib.import_module("guest.reach")
observe = importlib.import_module("guestlib.outcome").observe
aims, parse = module("aims").aims, module("syntax").parse
changed_functions = module("changed").changed_functions

SIGN = """LIMIT = 10


def sign(n):
    if n < 0:
        return -1
    return 1


def capped(n):
    return min(n, LIMIT)
"""


def aimed_at(after):
    before = parse(SIGN)
    changed = changed_functions(before, parse(after))
    return aims("sign.py", (SIGN, after), before, changed)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("        return -1\n", "        return 0\n", {"sign": [6]}),
        ("    if n < 0:\n        return -1\n", "", {"sign": [5, 6]}),
        ("    return 1\n", "    if n > 100:\n        return 2\n    return 1\n", {"sign": [6, 7]}),
        ("LIMIT = 10", "LIMIT = 11", {"capped": [10, 11]}),
        ("n < 0", "0 > n", {"sign": [5]}),
    ],
    ids=["a line", "lines that are gone", "lines beside new ones", "what reads a constant", "a condition"],
)
def test_the_lines_of_base_that_a_change_touches(old, new, found):
    assert aimed_at(SIGN.replace(old, new)) == {name: ("sign.py", lines) for name, lines in found.items()}


def test_ways_to_and_from_those_lines_are_told(tmp_path):
    file = tmp_path / "sign.py"
    file.write_text(SIGN)
    names = {}
    exec(compile(SIGN, str(file), "exec"), names)
    watching = reach.Reach(str(tmp_path), [["sign.py", [6]]])
    ways = []
    for number in (5, -2):
        watching.watch(lambda n=number: observe(lambda: names["sign"](n)))
        ways.append(watching.near)
    assert ways == [set(), {(str(file), 5, 6)}]


def test_functions_that_go_no_new_way_are_watched_now_and_then_only(tmp_path):
    file = tmp_path / "sign.py"
    file.write_text(SIGN + "\n\ndef same(number):\n    return number\n")
    names = {}
    exec(compile(file.read_text(), str(file), "exec"), names)
    watching = reach.Reach(str(tmp_path), [["sign.py", [6]]])
    watched = {"sign": 0, "same": 0}
    for _ in range(400):
        for name in watched:
            watching.watch(lambda name=name: observe(lambda: names[name](-2)))
            watched[name] += any(code.co_name == name for code, _, _ in watching.now)
    assert watched["sign"] == 400
    assert 48 <= watched["same"] < 200
    every = reach.Reach(str(tmp_path), always=True)
    for _ in range(100):
        every.watch(lambda: observe(lambda: names["same"](1)))
        assert every.now


def a_search(common, rare):
    """What a search has seen that ran two methods, of which one leads to the change now and then."""
    seen = aimed.Aimed(random.Random(7))
    for number in range(common):
        seen.feed([["new", "m", "C", [], []], [["show", [number], []]]], set())
    for number in range(rare):
        seen.feed([["new", "m", "C", [], []], [["find", [number], []]]], {("m.py", 5, 6)})
    return seen


def test_a_way_that_few_inputs_take_is_taken_again():
    seen = a_search(common=90, rare=10)
    sources = [seen.source() for _ in range(200)]
    chosen = [one for one in sources if one is not None]
    assert 60 < len(chosen) < 140
    assert {one[1][0][0] for one in chosen} == {"find"}


def test_a_way_that_many_inputs_take_is_nothing_special():
    seen = a_search(common=10, rare=90)
    assert [seen.source() for _ in range(50)] == [None] * 50


def test_methods_that_lead_to_the_change_come_more_often_but_not_alone():
    seen = a_search(common=50, rare=50)
    counts = collections.Counter(seen.method(["find", "show"]) for _ in range(1000))
    assert counts["find"] > 2 * counts["show"] > 100


def test_of_the_rare_ways_the_rarest_comes_most_often():
    seen = a_search(common=200, rare=30)
    seen.feed([None, [["once", [1], []]]], {("m.py", 8, 9)})
    names = collections.Counter(
        one[1][0][0] for one in (seen.source() for _ in range(500)) if one is not None
    )
    assert names["once"] > 10 * names["find"]


PLACED = '''
def put(document: dict, path: str, value: int) -> dict:
    """Put a value at a path.

    >>> put({"shop": {"rows": [{"cents": 5}]}}, "/shop/rows/0/cents", 7)
    {'shop': {'rows': [{'cents': 7}]}}
    """
    *parents, last = path.split("/")[1:]
    place = document
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    return _put(document, place, last, value)


def _put(document, place, last, value):
    if isinstance(place, list):
        if last == "-":
            place.append(value)
        else:
            place[int(last)] = value
    else:
        place[last] = value
    return document
'''


def test_a_branch_that_few_inputs_reach(tmp_path):
    """Only a path that ends with a dash, where a list stands, shows the difference."""
    after = PLACED.replace("place.append(value)", "place.insert(0, value)")
    context = compared(tmp_path, PLACED, after)
    (draft,) = context.drafts
    assert "/-'" in draft.proof.input
    assert context.verdicts(draft) == (True, False)
