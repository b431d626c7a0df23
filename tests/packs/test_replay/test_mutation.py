"""Defects put into changed lines: which are made, which are noticed, what is said."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.check.interface import Ended, Reply
from tests.packs.test_replay import tricks
from tests.packs.test_replay.local import LocalContext, part

MODULE = '''
LIMIT = 3


def pick(names, most=5):
    """The names to show."""
    if not names:
        raise ValueError("no names")
    chosen = []
    for name in names:
        if len(name) > LIMIT and name.isalpha():
            chosen.append(name)
    return chosen[:most]
'''
WEAK = """
from shop.pick import pick


def test_pick():
    assert len(pick(["green", "tea"])) == 1
"""
STRONG = """
import pytest

from shop.pick import pick


def test_pick():
    assert pick(["green", "tea", "four", "wood"], 2) == ["green", "four"]
    assert pick(["x2222", "oolong"]) == ["oolong"]
    assert pick(["aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee", "fffff"])[-1] == "eeeee"


def test_none():
    with pytest.raises(ValueError):
        pick([])
"""


def made(text: str, lines=None):
    """Mutants of a text as ``(kind, edited line)``."""
    tree = ast.parse(text)
    numbers = frozenset(lines or range(1, text.count("\n") + 2))
    file = part("mutation.lines").ChangedFile("m.py", text, numbers, tree)
    mutators = part("mutation.mutators")
    return [(one.kind, mutators.difference(one, text).splitlines()[-1][1:]) for one in mutators.mutants(file)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("return a < b", ("comparison", "return a >= b")),
        ("return a < b", ("comparison", "return a <= b")),
        ("return a not in b", ("comparison", "return a in b")),
        ("return (a) + (b)", ("arithmetic", "return (a) - (b)")),
        ("a += b", ("arithmetic", "a -= b")),
        ("return a and b", ("boolean", "return a or b")),
        ("return not a", ("boolean", "return  a")),
        ("return a + 7", ("constant", "return a + 8")),
        ("return a is True", ("constant", "return a is False")),
        ("return a.b", ("return value", "return None")),
        ("a.append(b)", ("removed call", "pass")),
        ("raise ValueError(a)", ("exception", "pass")),
    ],
)
def test_each_kind_of_defect_is_made(statement: str, expected: tuple[str, str]):
    assert expected in [(kind, line.strip()) for kind, line in made(f"def f(a, b):\n    {statement}\n")]


@pytest.mark.parametrize(
    "statement",
    [
        "log.info('read %d', 7)", "print(a)", "return fetch", "raise NotImplementedError",
        "f'{a + 1}'", "assert a", "a: int",
    ],
)  # fmt: skip
def test_what_no_test_has_to_notice_is_left_alone(statement: str):
    kinds = {kind for kind, _ in made(f"def f(a, b):\n    {statement}\n")} - {"return value"}
    assert not kinds


@pytest.mark.parametrize(
    "statement",
    ["return a if a > b else b", "if a > b:\n        a = b", "if b is None or a > b:\n        b = a"],
)
def test_a_border_that_makes_no_difference_is_left_alone(statement: str):
    assert not [line for _, line in made(f"def f(a, b):\n    {statement}\n") if ">=" in line]


@given(
    st.sampled_from(["a < 3", "a + b * 2", "not a or b", "f(a)[0] - 1", "'é' + g(a, b == 2)"]),
    st.integers(0, 3),
)
def test_a_mutant_is_python_again(expression: str, depth: int):
    text = "def f(a, b):\n" + "".join("    " * n + "    if b:\n" for n in range(depth))
    text += "    " * (depth + 1) + f"return {expression}\n"
    lines = text.split("\n")
    for _, line in made(text, [len(lines) - 1]):
        ast.parse("\n".join([*lines[:-2], line, ""]))


def test_only_changed_lines_count():
    lines = part("mutation.lines").changed_lines("a\nb\n", "a\n# c\n\nx\nb\n")
    assert lines == {4}


BEFORE = """\
class Queue:
    def __init__(self, limit = 100):
        if limit < 1: raise ValueError('limit must be positive')
        self.limit = limit

    def next(self):
        try: return self.items.pop(0)
        except IndexError: return None
"""
FORMATTED = '''\
"""Queues."""


class Queue:
    """What comes next."""

    def __init__(self, limit: int = 100) -> None:
        """An empty queue."""
        if limit < 1:
            raise ValueError("limit must be positive")
        self.limit = limit

    def next(self):
        try:
            return self.items.pop(0)
        except IndexError:
            return None
'''


def test_formatting_docstrings_and_annotations_are_no_change():
    changed_lines = part("mutation.lines").changed_lines
    assert changed_lines(BEFORE, FORMATTED) == frozenset()
    assert changed_lines(BEFORE, FORMATTED.replace("limit < 1", "limit < 2")) == {9}
    assert changed_lines(BEFORE, FORMATTED.replace("return None", "return 0")) == {17}
    assert changed_lines(BEFORE, FORMATTED.replace("IndexError", "LookupError")) == {16}


def test_a_file_that_is_no_python_is_compared_by_its_lines():
    assert part("mutation.lines").changed_lines("a b\n", "a b\nc d\n") == {2}


def changed_after(place: Path, base: dict[str, str], head: dict[str, str]) -> dict[str, list[int]]:
    """Path to changed lines, without what is only moved."""
    context = LocalContext(place, {**tricks.BASE, **base}, {**tricks.BASE, **head})
    suite = part("suite").read_suite(context)
    files = part("mutation.lines").changed_files(context, suite)
    return {one.path: sorted(one.lines) for one in part("mutation.moved").without_moved(context, files)}


LIMITS = "LOW = 3\n\n\ndef small(a):\n    return a < LOW\n"
NAMES = "def large(a):\n    return not small(a)\n"


def test_what_only_moves_to_another_file_is_no_change(tmp_path: Path):
    base = {"shop/limits.py": LIMITS + "\n\n" + NAMES}
    head = {"shop/low.py": LIMITS, "shop/high.py": "from shop.low import small\n\n\n" + NAMES}
    assert changed_after(tmp_path, base, head) == {"shop/high.py": [1]}


def test_what_only_moves_within_a_file_is_no_change(tmp_path: Path):
    base, head = {"shop/limits.py": LIMITS + "\n\n" + NAMES}, {"shop/limits.py": NAMES + "\n\n" + LIMITS}
    assert changed_after(tmp_path, base, head) == {}


def test_what_is_changed_while_it_moves_is_new(tmp_path: Path):
    base, head = {"shop/limits.py": LIMITS}, {"shop/low.py": LIMITS.replace("<", "<=")}
    assert changed_after(tmp_path, base, head) == {"shop/low.py": [4, 5]}


def test_a_copy_is_new(tmp_path: Path):
    base = {"shop/limits.py": LIMITS}
    head = {"shop/limits.py": LIMITS + "LOWEST = 0\n", "shop/low.py": LIMITS}
    changed = changed_after(tmp_path, base, head)
    assert changed["shop/low.py"] == [1, 4, 5]
    assert changed["shop/limits.py"] == [6]


def measured(place: Path, test: str):
    """What head's tests say of a new module."""
    head = {**tricks.BASE, "shop/pick.py": MODULE, "tests/test_pick.py": test}
    context = LocalContext(place, tricks.BASE, head)
    context.settings = {}
    suite = part("suite").read_suite(context)
    return part("mutation.check").changed_lines_under_test(context, suite)


def test_weak_tests_are_told_what_they_miss(tmp_path: Path):
    notice = measured(tmp_path, WEAK)
    (finding,) = notice.findings
    assert finding.category == "untested"
    assert finding.severity == "low"
    assert finding.location.symbol == "shop.pick.pick"
    assert "line 8" in finding.message
    assert "tests/test_pick.py::test_pick" in finding.detail
    assert "-        if len(name) > LIMIT and name.isalpha():" in finding.detail
    assert notice.weights[0].share > 0


def test_good_tests_give_no_finding(tmp_path: Path):
    notice = measured(tmp_path, STRONG)
    assert not notice.findings, notice.findings
    assert not notice.unverified
    assert notice.weights[0].share < 0


def test_a_function_without_tests_is_one_finding(tmp_path: Path):
    notice = measured(tmp_path, "def test_nothing():\n    pass\n")
    (finding,) = notice.findings
    assert "not run by any test" in finding.title


def decoded(*messages):
    measure = part("mutation.measure")
    file = part("mutation.lines").ChangedFile("m.py", "", frozenset({2, 3}), ast.parse(""))
    mutant = part("mutation.mutators").Mutant("m.py", "f", 2, "constant", True, (2, 0), (2, 1), "7", (2,))
    return measure.decode(Reply(Ended(0), messages, closed=True), [file], [mutant])


MEASURED = {"type": "measured", "complete": True}


def test_results_of_tests_that_contradict_themselves_count_for_nothing():
    survivor = {"type": "mutant", "number": 0, "result": "survived", "tests": ["t"], "count": 1}
    found = decoded(MEASURED, survivor, {"type": "mutated", "honest": False, "jobs": 1, "complete": True})
    assert found.doubt
    assert not found.survivors


def test_what_was_not_asked_about_is_dropped():
    found = decoded(
        {"type": "file", "path": "other.py", "statements": [1], "missing": [1]},
        {"type": "file", "path": "m.py", "statements": [2, 3, 99, "x"], "missing": [3, 99]},
        MEASURED,
        {"type": "mutant", "number": 5, "result": "survived"},
        {"type": "mutated", "honest": True, "jobs": 4, "complete": False},
    )
    assert found.files["m.py"].missing == {3}
    assert set(found.files) == {"m.py"}
    assert not found.survivors
    assert found.left == 4
