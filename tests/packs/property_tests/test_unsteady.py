"""A result that newly depends on the process is found; what base leaves to chance as well is not."""

import pytest

from .local import LocalContext, check

TAGS = """
def tags(words):
    seen = {}
    for word in words.split():
        seen[word.lower()] = True
    return ",".join(seen)
"""
BY_SET = 'def tags(words):\n    return ",".join({word.lower() for word in words.split()})\n'
IN_BRACES = "{word.lower() for word in words.split()}"
BY_SORTED_SET = BY_SET.replace(IN_BRACES, f"sorted({IN_BRACES})")
PICK = "def pick(count: int) -> list:\n    return [number * 7 % 10 for number in range(min(count, 50))]\n"
PICK_RANDOM = (
    "import random\n\n\ndef pick(count: int) -> list:\n    return random.sample(range(99), min(count, 50))\n"
)
BAG = """
class Bag:
    def __init__(self):
        self._items = []

    def add(self, word: str) -> None:
        if word not in self._items:
            self._items.append(word)

    def words(self) -> list:
        return list(self._items)
"""
BAG_SET = BAG.replace("self._items = []", "self._items = set()").replace("append", "add")


@pytest.mark.parametrize(
    ("base", "head", "symbol"),
    [(TAGS, BY_SET, "m.tags"), (PICK, PICK_RANDOM, "m.pick"), (BAG, BAG_SET, "m.Bag")],
    ids=["set-order", "random", "state"],
)
def test_a_result_that_newly_depends_on_the_process_is_found(tmp_path, base, head, symbol):
    context = LocalContext(tmp_path, {"m.py": base}, {"m.py": head})
    outcome = check(context)
    assert context.drafts, outcome
    found = context.drafts[0]
    assert found.category == "regression"
    assert found.difference.symbol.startswith(symbol)
    assert context.verdicts(found) == (True, False)


def test_what_varies_alone_is_told_as_such(tmp_path):
    context = LocalContext(
        tmp_path, {"m.py": PICK}, {"m.py": PICK.replace("number * 7 % 10", "id(object) + number")}
    )
    check(context)
    rules = {one.rule for one in context.drafts}
    assert rules <= {"unsteady", "other-value"}
    for one in context.drafts:
        assert context.verdicts(one) == (True, False)


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (BY_SET, BY_SET.replace(IN_BRACES, "set(words.lower().split())")),
        (BY_SORTED_SET, BY_SORTED_SET.replace(IN_BRACES, "set(words.lower().split())")),
        (PICK_RANDOM, PICK_RANDOM.replace("min(count, 50)", "count if count < 50 else 50")),
        ("def f(words: str):\n    return frozenset(words.split())\n",
         "def f(words: str):\n    return frozenset({word for word in words.split()})\n"),
    ],
    ids=["base-varies", "sorted", "random-on-both", "a-set-has-no-order"],
)  # fmt: skip
def test_chance_that_base_has_too_is_no_finding(tmp_path, base, head):
    context = LocalContext(tmp_path, {"m.py": base}, {"m.py": head})
    check(context)
    assert context.drafts == []
