"""What changed lines compare, and inputs with one side in the other's place."""

import importlib
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .local import PACK, ROOT, compared, module

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
operands = importlib.import_module("guest.operands")
reach = importlib.import_module("guest.reach")
observe = importlib.import_module("guestlib.outcome").observe
asks = module("asks").asks

BEFORE = """def read(parts, kind):
    total = parts[0]
    if parts[1] == 24:
        return 0
    if kind.startswith("x-"):
        return 1
    return total
"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("24", "25", [[[3], "parts[1]", "24", "Eq"], [[3], "parts[1]", "25", "Eq"]]),
        ('"x-"', '"X-"', [[[5], "kind", "'x-'", "startswith"], [[5], "kind", "'X-'", "startswith"]]),
        ("    return total", "    if total in (7, 8):\n        return 2\n    return total",
         [[[6, 7], "total", "(7, 8)", "In"]]),
        ("return total", "return total + 1", []),
    ],
    ids=["a constant", "a prefix", "a question of head's", "no question"],
)  # fmt: skip
def test_the_comparisons_of_lines_that_differ(old, new, found):
    assert asks("read.py", (BEFORE, BEFORE.replace(old, new))) == [["read.py", *one] for one in found]


def test_no_python_asks_nothing():
    assert asks("read.py", ("def f(:", "x")) == []


def watched(tmp_path, how, *args):
    """What running ``read`` wishes for, where line 3 asks so."""
    file = tmp_path / "read.py"
    file.write_text(BEFORE)
    names = {}
    exec(compile(BEFORE, str(file), "exec"), names)
    watching = reach.Reach(str(tmp_path), (), [["read.py", [3], *how]])
    watching.watch(lambda: observe(lambda: names["read"](*args)))
    return watching.operands.taken()


@pytest.mark.parametrize(
    ("how", "wishes"),
    [
        (("parts[1]", "24", "Eq"), [(10, 24), (24, 10)]),
        (("len(parts)", "parts[1]", "NotEq"), [(2, 10), (10, 2)]),
        (("parts[0]", "('a', 'b')", "In"), [("up", "a"), ("a", "up"), ("up", "b"), ("b", "up")]),
        (("kind", "'x-'", "startswith"), [("it", "x-it")]),
        (("kind.name", "'x-'", "Eq"), []),
        (("missing", "1", "Eq"), []),
        (("print(1)", "1", "Eq"), []),
    ],
    ids=["an item", "a length", "one of several", "a prefix", "no attribute", "no such name", "a call"],
)
def test_what_a_line_compares_is_read_while_it_runs(tmp_path, how, wishes):
    assert watched(tmp_path, how, ["up", 10], "it") == wishes


class Loud:
    """Whose code would run if it were asked for anything."""

    @property
    def size(self):
        raise AssertionError("code of the tree ran")

    def __getitem__(self, at):
        raise AssertionError("code of the tree ran")

    __eq__ = __len__ = __getitem__
    __hash__ = None


@pytest.mark.parametrize("side", ["parts.size", "parts[0]", "len(parts)", "parts"])
def test_reading_runs_no_code_of_the_tree(side):
    seen = operands.Operands([("read.py", [3], side, "24", "Eq")])
    code = compile("\n\nparts", "read.py", "eval")
    frames = []

    def trace(frame, event, arg):
        frames.append(frame)
        return trace

    sys.settrace(trace)
    try:
        eval(code, {"parts": Loud()})
    finally:
        sys.settrace(None)
    at_line = [frame for frame in frames if frame.f_code.co_filename == "read.py"]
    assert at_line
    seen.look(at_line[0])
    assert seen.taken() == []


def scenario(*args):
    return [None, [["read", list(args), []]]]


@pytest.mark.parametrize(
    ("wish", "given_", "made"),
    [
        ((10, 24), [10, "a"], [[24, "a"]]),
        ((10, 24), ["2014-04-11T10:00"], [["2014-04-11T24:00"]]),
        ((4, 24), ["2014-04-11"], [["2014-24-11"]]),
        ((9, 12), ["2014-09-09"], [["2014-12-09"], ["2014-09-12"]]),
        (("up", "down"), [["list", ["up", ["tuple", ["up"]]]]],
         [[["list", ["down", ["tuple", ["up"]]]]], [["list", ["up", ["tuple", ["down"]]]]]]),
        (("up", "down"), [["dict", [["up", "up"]]]], [[["dict", [["down", "up"]]]], [["dict", [["up", "down"]]]]]),
        ((1, 2), [["new", "m", "C", [1], [["size", 1]]]],
         [[["new", "m", "C", [2], [["size", 1]]]], [["new", "m", "C", [1], [["size", 2]]]]]),
        (("", "x"), ["", "b"], [["x", "b"]]),
        ((10, 24), [["bytes", b"T10:00".hex()]], [[["bytes", b"T24:00".hex()]]]),
        ((86, 54), ["15108695088"], [["15105495088"]]),
        ((7, 12), ["07070x07"], [["07070x12"], ["12070x07"], ["07120x07"]]),
        ((950, 7), ["8695088"], [["8600788"]]),
        ((50, 700), ["8695088"], []),
        ((1, 2), [True, None, ["float", "1.0"]], []),
    ],
)  # fmt: skip
def test_an_input_with_the_other_value_in_its_place(wish, given_, made):
    assert list(operands.granted(scenario(*given_), wish)) == [scenario(*one) for one in made]


def test_an_object_that_is_built_with_the_value():
    receiver = ["new", "m", "C", ["a/b"], []]
    (made,) = operands.granted([receiver, [["go", [], []]]], ("b", "-"))
    assert made == [["new", "m", "C", ["a/-"], []], [["go", [], []]]]


values = st.one_of(
    st.integers(), st.text(max_size=3), st.none(), st.lists(st.integers(), max_size=3), st.booleans()
)


@given(values, values, st.sampled_from(["Eq", "Lt", "In", "startswith", "Is", "?"]))
def test_wishes_are_for_another_value_of_the_same_kind(one, other, how):
    for old, new in operands.wishes(one, other, how):
        assert type(old) is type(new)
        assert type(old) in (int, str)


CLOCK = """
import re

PATTERN = re.compile(r"(\\d+)-(\\d+)-(\\d+)T(\\d+):(\\d+)")


def minutes(text: str) -> int:
    \"\"\"Minutes since the first of a month.

    >>> minutes("2023-06-17T09:41")
    23621
    \"\"\"
    parts = [int(part) for part in PATTERN.fullmatch(text).groups()]
    if parts[3] == 37:
        parts[3] = 0
        parts[2] += 1
    return ((parts[2] - 1) * 24 + parts[3]) * 60 + parts[4]
"""


def test_a_constant_that_a_part_of_a_text_is_compared_with(tmp_path):
    after = CLOCK.replace("        parts[2] += 1\n", "")
    context = compared(tmp_path, CLOCK, after)
    (draft,) = context.drafts
    assert "T37:" in draft.proof.input
    assert context.verdicts(draft) == (True, False)


def test_a_question_that_only_head_asks(tmp_path):
    before = "def fee(cents: int, rate: int) -> int:\n    total = cents * 3 + rate\n    return total\n"
    after = before.replace("    return total", "    if rate == 48611:\n        return 0\n    return total")
    context = compared(tmp_path, before, after)
    (draft,) = context.drafts
    assert "48611" in draft.proof.input


LINE = """import re
CLOCK = re.compile("[0-9]{2}:[0-9]{2}")
def load(line):
    pair = line.split("=", 1)
    if CLOCK.match(pair[-1]):
        return "time"
    return pair[-1][:2].lower()
"""


def test_a_part_of_a_text_becomes_one_that_a_changed_line_matches(tmp_path):
    file = tmp_path / "load.py"
    file.write_text(LINE)
    names = {}
    exec(compile(LINE, str(file), "exec"), names)
    [ask] = asks(
        "load.py", (LINE, LINE.replace('    if CLOCK.match(pair[-1]):\n        return "time"\n', ""))
    )
    assert ask[2:] == ["CLOCK", "pair[-1]", "match"]
    watching = reach.Reach(str(tmp_path), (), [ask])
    watching.watch(lambda: observe(lambda: names["load"]("a=later")))
    wanted = watching.operands.taken()
    assert wanted
    for wish in wanted:
        assert names["load"]("a=later".replace(*wish)) == "time"
        assert [one[1][0][1] for one in operands.granted([None, [["load", ["a=later"], []]]], wish)] == [
            ["a=" + wish[1]]
        ]


def test_a_comparison_of_three_is_asked_as_two():
    new = "def f(hour):\n    return hour\n"
    old = "def f(hour):\n    if not 0 <= hour <= 12:\n        raise ValueError\n    return hour\n"
    assert [one[2:] for one in asks("f.py", (old, new))] == [["0", "hour", "LtE"], ["hour", "12", "LtE"]]


WIDTHS = """def width(cells):
    return sum(cells) + 2

def shown(cells, limit):
    if width(cells) > limit:
        return cells[:1]
    return cells

def other(cells, limit):
    return cells if limit == 3 else []
"""


def test_comparisons_beside_a_change_are_those_of_its_callers():
    texts = (WIDTHS, WIDTHS.replace("+ 2", "+ 3"))
    assert module("asks").asks_beside("w.py", texts, ["width"]) == [
        ["w.py", [5], "width(cells)", "limit", "Gt"]
    ]
    assert module("asks").asks_beside("w.py", texts, ["other"]) == [["w.py", [10], "limit", "3", "Eq"]]
    assert asks("w.py", texts) == []
    assert module("asks").asks_beside("w.py", ("def f(:", "x"), ["f"]) == []


def test_what_lines_of_the_change_compare_is_wished_for_first():
    beside = [("r.py", [1], "at", str(number), "Eq") for number in range(30)]
    code = compile("at", "r.py", "eval")
    seen = operands.Operands([("r.py", [1], "at", "500", "Eq")], beside)
    frames = []
    previous = sys.gettrace()
    sys.settrace(lambda frame, event, arg: frames.append(frame))
    try:
        eval(code, {"at": 77})
    finally:
        sys.settrace(previous)
    seen.look(next(frame for frame in frames if frame.f_code.co_filename == "r.py"))
    found = seen.taken()
    assert found[0] == (77, 500)
    assert 2 < len(found) <= 2 * operands.MOST_WISHES
    assert seen.taken() == []


DIGITS = '''
def century(number: str) -> int:
    """The century of a personal number.

    >>> century("15108695088")
    19
    """
    day, year, part = int(number[:2]), int(number[4:6]), int(number[6:9])
    if day > 71:
        return 0
    if part < 500:
        return 19
    if part < 750 and year >= 54:
        return 18
    return 19
'''


def test_two_numbers_inside_of_a_longer_one(tmp_path):
    context = compared(tmp_path, DIGITS, DIGITS.replace("year >= 54", "year > 54"))
    (draft,) = context.drafts
    assert context.verdicts(draft) == (True, False)
