"""Values of kinds that base's own code converts, where a change takes the conversion away."""

import importlib
import random
import sys

import pytest

from .local import PACK, ROOT, compared, module

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
converted = importlib.import_module("guest.converted")
conversions = module("vocabulary").conversions

ENCODE = """def encode(data):
    found = []
    for key, value in sorted(data.items()):
        found.append(str(key).zfill(3) + value)
    return "".join(found)
"""
TOTAL = """def total(prices):
    prices = list(prices)
    if len(prices) > 3:
        return sum(prices) - min(prices)
    return sum(prices)
"""
CHOICE = """def choice(value, known):
    if value in known:
        return value
    try:
        names = sorted(known)
    except TypeError:
        names = sorted(known, key=str)
    return names[0] if names else None
"""
TESTS = {
    "encode": "from m import encode\n\n\ndef test_encode():\n    assert encode({'10': 'a', '2': 'b'}) == '010a002b'\n",
    "total": "from m import total\n\n\ndef test_total():\n    assert total([1, 2, 3]) == 6\n",
    "choice": "from m import choice\n\n\ndef test_choice():\n    assert choice(4, [1, 2]) == 1\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "before", "old", "new"),
    [
        ("encode", ENCODE, "str(key)", "key"),
        ("total", TOTAL, "    prices = list(prices)\n", ""),
        ("choice", CHOICE, "key=str", "reverse=True"),
    ],
)
def test_what_base_makes_fit_is_an_input(tmp_path, name, before, old, new):
    context = compared(tmp_path, before, before.replace(old, new), {"test_m.py": TESTS[name]})
    (draft,) = context.drafts
    assert draft.title.startswith(f"{name}() raises ")
    assert context.verdicts(draft) == (True, False)


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        (ENCODE, "str(key)", "f'{key}'"),
        (TOTAL, "prices = list(prices)", "prices = [*prices]"),
        (TOTAL.replace("(prices)", "(prices: list[int]) -> int", 1), "    prices = list(prices)\n", ""),
        (ENCODE.replace("str(key).zfill(3) + value", "key + str(value)"), "str(value)", "value"),
    ],
    ids=["said otherwise", "unpacked", "annotated", "no number was ever given"],
)
def test_what_means_the_same_is_no_difference(tmp_path, before, old, new):
    head = before.replace(old, new)
    name = "total" if "total" in before else "encode"
    drafts = compared(tmp_path, before, head, {"test_m.py": TESTS[name]}).drafts
    assert [draft.title for draft in drafts if "str(value)" not in before] == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("f(str(x), int(y))", "f(x, y)", {"text", "number"}),
        ("list(x) + list(y)", "list(x) + y", {"items"}),
        ("x", "str(x)", set()),
        ("str(1)", "1", set()),
        ("sorted(x, key=repr)", "sorted(x)", {"mixed"}),
    ],
)
def test_conversions_that_a_change_takes_away(before, after, found):
    texts = [f"def g(x, y):\n    return {one}\n" for one in (before, after)]
    assert conversions(*texts, ["g"]) == found
    assert conversions(*texts, ["other"]) == set()


@pytest.mark.parametrize("kind", sorted(converted.CHANGES))
def test_the_usual_form_is_among_those_that_a_conversion_may_come_from(kind):
    usual = [None, [["f", [["list", ["10", 5, "a"][: 1 if kind == "mixed" else 3]], "7", 3], []]]]
    made = [converted.converted(random.Random(seed), usual, [kind]) for seed in range(40)]
    assert any(one != usual for one in made)
    assert all(usual in converted.usual(one, [kind]) for one in made if one != usual)


def test_keys_of_a_mapping_change_their_kind_together():
    usual = [None, [["f", [["dict", [["17", 1], ["37", "x"]]]], []]]]
    made = [converted.converted(random.Random(seed), usual, ["text"]) for seed in range(60)]
    together = [None, [["f", [["dict", [[17, 1], [37, "x"]]]], []]]]
    assert together in made
    assert usual in converted.usual(together, ["text"])
