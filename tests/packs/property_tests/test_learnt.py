"""What is learnt of parameters where signatures say little: options that are handed on, names for type checkers."""

import importlib
import inspect
import sys
import types

import pytest

from .local import PACK, ROOT, compared, module

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
forwarded = importlib.import_module("guest.forwarded")
hints = importlib.import_module("guest.hints")
usage = importlib.import_module("guest.usage")
vocabulary = module("vocabulary")


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """Makes a module of a source text, as an import would."""

    def load(name, text):
        file = tmp_path / (name.replace(".", "_") + ".py")
        file.write_text(text)
        made = types.ModuleType(name)
        made.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, made)
        exec(compile(text, str(file), "exec"), vars(made))
        return made

    return load


OPTIONS = """
class Reader:
    def __init__(self, text, strict=False, *, limit=10):
        self.text = text


def read(text, **options):
    return Reader(text, **options)


def read_strictly(text, **options):
    return Reader(text, strict=True, **options)


def dump(value, **options):
    return print(value, **options)


def alone(**options):
    return sorted(options)
"""


@pytest.mark.parametrize(
    ("name", "found"),
    [("read", ["strict", "limit"]), ("read_strictly", ["limit"]), ("dump", []), ("alone", [])],
)
def test_options_are_those_of_what_they_are_handed_on_to(loaded, name, found):
    function = vars(loaded("shop", OPTIONS))[name]
    names = [one.name for one, _ in forwarded.forwarded(function, hints.parameters(function, False))]
    assert names == found


def test_an_option_that_tests_give_is_known(tmp_path):
    before = "def label(text: str, **options):\n    return text.upper() if options.get('loud') else text\n"
    after = before.replace("upper", "title")
    test = "from m import label\n\n\ndef test_label():\n    assert label('ab cd', loud=False) == 'ab cd'\n"
    context = compared(tmp_path, before, after, tests={"test_m.py": test})
    (draft,) = context.drafts
    assert "loud=True" in draft.proof.input
    assert context.verdicts(draft) == (True, False)


CHECKED = """
from __future__ import annotations
import typing

if typing.TYPE_CHECKING:
    from shop.stock import Item
    from elsewhere import Nothing


def show(item: Item, width: int, other: Nothing) -> str:
    return ""
"""


def test_names_for_type_checkers_do_not_hide_the_others(loaded):
    stock = loaded("shop.stock", "class Item:\n    pass\n")
    show = loaded("shop.text", CHECKED).show
    assert hints.hints_of(show) == {"item": stock.Item, "width": int, "return": str}


SAID = """
def price(kind):
    assert kind, "kind is what"
    if kind == "half off":
        return 1
    if kind == "-":
        raise ValueError("no such kind: " + kind, "bad")
    raise KeyError(f"{kind} is not known")
"""


def test_what_errors_say_is_no_word_of_inputs(loaded):
    assert vocabulary.sharp(SAID, SAID, {"price"}) == ["half off", 1, "-", "bad"]
    assert usage.literals(loaded("prices", SAID).price) == ["half off", 1, "-", "bad"]


ASKED = (
    "def f(rows):\n    for row in rows:\n        if row is None:\n            continue\n        print(row)\n"
)


@pytest.mark.parametrize(
    ("after", "asked"),
    [
        (ASKED.replace("        if row is None:\n            continue\n", ""), True),
        (ASKED.replace("row is None", "not row"), True),
        (ASKED.replace("print(row)", "print(row, row)"), False),
        (ASKED, False),
    ],
)
def test_parts_that_are_none_count_where_base_asks_for_them(after, asked):
    assert vocabulary.asks_absent(ASKED, after, {"f"}) is asked


def test_what_a_function_made_none_itself_is_no_part():
    before = "def f(rows):\n    best = None\n    for row in rows:\n        if best is None or row > best:\n"
    before += "            best = row\n    return best\n"
    assert not vocabulary.asks_absent(before, "def f(rows):\n    return max(rows)\n", {"f"})


def test_a_parameter_that_is_none_is_no_part():
    before = "def f(row=None):\n    if row is None:\n        row = []\n    return row\n"
    assert not vocabulary.asks_absent(before, "def f(row=None):\n    return row or []\n", {"f"})


def test_a_part_that_is_none_shows_a_question_that_is_gone(tmp_path):
    before = """
def known(names):
    found = []
    for name, number in names.items():
        if number is None:
            continue
        found.append(f"{name}={number}")
    return found
"""
    after = before.replace("        if number is None:\n            continue\n", "")
    context = compared(tmp_path, before, after)
    (draft,) = context.drafts
    assert "None" in draft.proof.input
    assert context.verdicts(draft) == (True, False)


def test_optional_arguments_behind_two_others_are_given_by_name():
    parameter = forwarded.optional("width")
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
    assert parameter.default is None


LATE = """
class Table:
    def __init__(self, names: list[str]):
        self.names = list(names)

    def style(self, number: int):
        if number > 90:
            self.extra = "style %d" % number
        return self

    def width(self, room: int):
        return min(room, 10 * len(self.names))
"""


def test_an_attribute_that_base_gets_late_is_none_that_head_lacks(tmp_path):
    """Head is told what base's objects have also where that is met after the first inputs."""
    context = compared(tmp_path, LATE, LATE.replace("10 * len", "11 * len"))
    assert context.drafts
    assert all(".width(" in draft.proof.input for draft in context.drafts)


ENDING = """
import sys


class Command:
    def __init__(self, name: str):
        self.name = name
        self.calls = 0

    def main(self, code: int):
        self.calls += 1
        if code > 2:
            sys.exit(code)
        return self.calls


def label(command: Command) -> str:
    return command.name + ("!" if command.calls > 1 else "")
"""


def test_a_past_that_ends_the_process_is_a_past_all_the_same(tmp_path):
    after = ENDING.replace("calls > 1", "calls > 2")
    test = """
import pytest
from m import Command, label


def test_label():
    command = Command("build")
    with pytest.raises(SystemExit):
        command.main(3)
    assert label(command) == "build"
"""
    context = compared(tmp_path, ENDING, after, tests={"test_m.py": test})
    assert any("label(" in draft.proof.input for draft in context.drafts)
    assert all(context.verdicts(draft) == (True, False) for draft in context.drafts)
