"""Properties that are set: by tests, by the search, in proofs."""

import importlib
import sys

import pytest

from .local import PACK, ROOT, compared, module

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
recipes = importlib.import_module("guestlib.recipes")
record = importlib.import_module("guestlib.record")
assigned = module("calls").assigned

BEFORE = """class Table:
    def __init__(self, title: str):
        self.title = title
        self._width = 0

    @property
    def width(self) -> int:
        return self._width

    @width.setter
    def width(self, value: int) -> None:
        if value < 0:
            raise ValueError("a width is not negative")
        self._width = value

    def text(self) -> str:
        return self._filled(self.title)

    def _filled(self, text: str) -> str:
        if self._width and len(text) > self._width:
            return text[: self._width]
        return text
"""


def test_a_change_that_shows_once_a_property_is_set(tmp_path):
    after = BEFORE.replace("[: self._width]", "[: self._width - 1]")
    (draft,) = compared(tmp_path, BEFORE, after).drafts
    assert ".width = " in draft.proof.input
    assert "setattr" not in draft.proof.input


def test_what_a_setter_refuses(tmp_path):
    after = BEFORE.replace("value < 0", "value < 1")
    context = compared(tmp_path, BEFORE, after)
    (draft,) = context.drafts
    assert draft.proof.input.endswith(".width = 0")
    assert context.verdicts(draft) == (True, False)


def test_tests_that_set_a_property_are_followed(tmp_path):
    before = BEFORE.replace("self._width and", "self._width > 2_000_000 and")
    after = before.replace("[: self._width]", "[1 : self._width]")
    tests = {
        "test_m.py": "from m import Table\n\n\ndef test_width():\n    table = Table('ab')\n"
        "    table.width = 2_000_001\n    assert table.width == 2_000_001\n    assert table.text() == 'ab'\n"
    }
    context = compared(tmp_path, before.replace("> self._width", "> self._width - 2_000_000"),
                       after.replace("> self._width", "> self._width - 2_000_000"), tests=tests)  # fmt: skip
    (draft,) = context.drafts
    assert ".width = 2000001" in draft.proof.input
    assert context.verdicts(draft) == (True, False)


def test_the_past_of_an_object_has_what_was_set_and_not_what_was_read(tmp_path, monkeypatch):
    (tmp_path / "table_module.py").write_text(BEFORE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "table_module", raising=False)
    table_module = importlib.import_module("table_module")
    recorder = record.Recorder(str(tmp_path))
    previous = sys.gettrace()
    try:
        recorder.begin("test")
        table = table_module.Table("abc")
        assert table.width == 0
        table.width = 2
        table.text()
    finally:
        recorder.stop()
        sys.settrace(previous)
    past = next(one for one in recorder.records if one["symbol"].endswith(".text"))["receiver"]
    assert past[2] == [["width=", [2], []]]
    assert recipes.build(past).text() == "ab"


@pytest.mark.parametrize(
    ("call", "statement"),
    [
        ("setattr(table, 'width', 3 + 1)", "table.width = 3 + 1"),
        ("setattr(Table('x'), 'width', [1, (2)])", "Table('x').width = [1, (2)]"),
        ("setattr(table, 'no name', 3)", "setattr(table, 'no name', 3)"),
        ("setattr(table, name, 3)", "setattr(table, name, 3)"),
        ("settle(table, 'width', 3)", "settle(table, 'width', 3)"),
    ],
)
def test_a_set_property_is_written_as_an_assignment(call, statement):
    assert assigned(call) == statement
