"""Work that grows faster on head is found and proved; another constant factor is not."""

import importlib
import sys

import pytest

from .local import LocalContext, check, module

judge = module("cost.judge")
growth = module("cost.growth")
plot = module("cost.plot")

UNIQUE = "def unique(names: list[str]) -> list[str]:\n"
TOTAL = "def total(numbers: list[int]) -> int:\n"
WORSE = {
    "membership-in-a-list": (
        UNIQUE + "    seen = set()\n    kept = []\n    for name in names:\n        if name not in seen:\n"
        "            seen.add(name)\n            kept.append(name)\n    return kept\n",
        UNIQUE + "    kept = []\n    for name in names:\n        if name not in kept:\n"
        "            kept.append(name)\n    return kept\n",
        "unique",
    ),
    "pop-from-the-front": (
        TOTAL + "    found = 0\n    for number in numbers:\n        found += number\n    return found\n",
        TOTAL + "    left = list(numbers)\n    found = 0\n    while left:\n        found += left.pop(0)\n"
        "    return found\n",
        "total",
    ),
    "text-put-together": (
        UNIQUE.replace("list[str]:", "str:") + "    return ''.join(name + ', ' for name in names)\n",
        UNIQUE.replace("list[str]:", "str:") + "    text = ''\n    for name in names:\n"
        "        text = ', '.join([text + name, ''])\n    return text\n",
        "unique",
    ),
    "tuple-put-together": (
        UNIQUE.replace("list[str]:", "tuple:") + "    return tuple(names)\n",
        UNIQUE.replace("list[str]:", "tuple:") + "    made = ()\n    for name in names:\n"
        "        made = made + (name,)\n    return made\n",
        "unique",
    ),
    "nested-loop": (
        TOTAL + "    return len(numbers) - len(set(numbers))\n",
        TOTAL + "    found = 0\n    for at, number in enumerate(numbers):\n        for other in numbers[:at]:\n"
        "            if number == other:\n                found += 1\n                break\n    return found\n",
        "total",
    ),
    "sorted-again-and-again": (
        TOTAL + "    return sum(sorted(numbers)[-3:])\n",
        TOTAL + "    best = []\n    for number in numbers:\n"
        "        best.append(number)\n        best.sort(key=lambda n: n)\n    return sum(best[-3:])\n",
        "total",
    ),
    "calls-on-one-object": (
        "class Log:\n    def __init__(self):\n        self._lines = []\n\n    def add(self, line: str) -> int:\n"
        "        self._lines.append(line)\n        return len(self._lines)\n",
        "class Log:\n    def __init__(self):\n        self._lines = []\n\n    def add(self, line: str) -> int:\n"
        "        self._lines = [*self._lines, line]\n        return len(self._lines)\n",
        "Log.add",
    ),
}  # fmt: skip

NO_WORSE = {
    "constant-factor": (
        TOTAL + "    return sum(numbers)\n",
        TOTAL + "    found = 0\n    for number in numbers:\n        step = number * 2\n        step = step // 2\n"
        "        found = found + step\n    return found\n",
    ),
    "faster": (WORSE["membership-in-a-list"][1], WORSE["membership-in-a-list"][0]),
    "twice-through": (
        UNIQUE + "    return [name for name in names if name]\n",
        UNIQUE + "    kept = []\n    for name in names:\n        if name:\n            kept.append(str(name))\n"
        "    return list(kept)\n",
    ),
    "sorted-once": (
        TOTAL + "    return max(numbers) if numbers else 0\n",
        TOTAL + "    return sorted(numbers)[-1] if numbers else 0\n",
    ),
    "square-on-both": (
        WORSE["nested-loop"][1],
        WORSE["nested-loop"][1].replace("enumerate(numbers)", "enumerate(list(numbers))"),
    ),
}  # fmt: skip


def costs(place, base, head):
    context = LocalContext(place, {"shop.py": base}, {"shop.py": head})
    check(context)
    return context, [one for one in context.drafts if one.category == "cost"]


@pytest.mark.parametrize("name", WORSE)
def test_work_that_grows_faster_is_found_and_proved(name, tmp_path):
    base, head, symbol = WORSE[name]
    context, found = costs(tmp_path, base, head)
    assert [one.location.symbol for one in found] == [f"shop.{symbol}"], context.drafts
    draft = found[0]
    assert context.verdicts(draft) == (True, False)
    assert "exponent" in draft.detail
    assert draft.picture.svg.startswith("<svg")
    assert {one.category for one in context.drafts} == {"cost"}


@pytest.mark.parametrize("name", NO_WORSE)
def test_another_constant_factor_is_no_finding(name, tmp_path):
    context, _ = costs(tmp_path, *NO_WORSE[name])
    assert context.drafts == []


def test_slopes_are_the_exponents_of_powers():
    sizes = [64, 128, 256, 512, 1024]
    assert judge.slope([(size, size**2 * 3.0) for size in sizes]) == pytest.approx(2)
    assert judge.slope([(size, size * 100.0) for size in sizes]) == pytest.approx(1)
    assert judge.slope([(64, 5.0)]) == 0
    line, square = [(size, size * 10.0) for size in sizes], [(size, size**2 * 1.0) for size in sizes]
    assert judge.common("lines", line, square).worse
    assert not judge.common("lines", square, line).worse
    assert not judge.common("lines", line, [(size, count * 50) for size, count in line]).worse


def test_a_part_that_grows_is_named_once_a_place():
    scenario = [None, [["f", [["list", ["a", "b"]], 3], []]]]
    places = {one.place for one in growth.growths([scenario, scenario], 6)}
    assert places == {"f 0", "f 1"}


def test_an_input_without_a_part_that_can_grow_has_no_growth():
    assert growth.growths([[None, [["f", [None, True], []]]]], 6) == []
    assert len(growth.growths([[None, [["f", ["ab, cd", 3], []]]]], 1)) == 1


def test_the_plot_holds_both_sides():
    both = judge.common("seconds", [(64, 0.001), (128, 0.002)], [(64, 0.001), (128, 0.004)])
    svg = plot.plot(both)
    assert svg.count("<polyline") == 2
    assert ">head</text>" in svg


@pytest.fixture
def counting(monkeypatch):
    """The guest's counters, imported the way the sandbox does."""
    from .local import PACK, ROOT

    monkeypatch.syspath_prepend(str(ROOT / "harness" / "guest"))
    monkeypatch.syspath_prepend(str(PACK / "guest"))
    yield importlib.import_module("cost.count"), importlib.import_module("cost.grown")
    for name in [name for name in sys.modules if name == "cost" or name.startswith("cost.")]:
        del sys.modules[name]


def test_operations_see_what_lines_do_not(counting):
    count, _ = counting
    values = count.counted(list(range(100)))

    def search():
        return [value for value in values if value in values]

    assert count.operations(search) > 4000
    values = list(range(100))
    assert 0 < count.lines(search) < 1000
    assert count.lines(search) == count.lines(search)


def test_grown_inputs_and_their_source_are_equal(counting):
    _, grown = counting
    parts = [
        ["grown", "list", ["tuple", [["hole", 3, 5], ["hole", "x", 1]]]],
        ["cycled", "tuple", [1, 2, 3]],
        ["long", "ab"],
        ["words", ", ", "w"],
        ["number"],
        ["grown", "dict", [["hole", "k", 1], ["list", [1]]]],
        ["grown", "list", ["mixed", 0, 1]],
    ]
    recipes = importlib.import_module("guestlib.recipes")
    for part in parts:
        text = grown.GrownSource().expression(part)
        assert eval(text, {"size": 7}) == recipes.build(grown.expand(part, 7)), text
