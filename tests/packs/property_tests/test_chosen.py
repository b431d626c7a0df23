"""Which recorded calls are told where there are more than fit."""

import importlib
import json
import sys

import pytest

from .local import PACK, ROOT

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
chosen = importlib.import_module("guest.chosen").chosen
recording = importlib.import_module("guest.recording")


def record(symbol, args, test="test_m.py::test_a", serial=None):
    return {
        "symbol": symbol,
        "test": test,
        "serial": serial,
        "args": args,
        "kwargs": [],
        "outcome": {"kind": "value"},
    }


def test_no_more_is_told_than_fits_into_a_message():
    records = [record("m.long", ["x" * 100_000 + str(at)]) for at in range(200)]
    records += [record("m.short", ["x" * 10, at]) for at in range(30)]
    records += [record("m.short", ["x" * 300_000])]
    told = chosen(records, ["m.long", "m.short"])
    assert len(json.dumps(told)) < 8 << 20
    symbols = [one["symbol"] for one in told]
    assert symbols.count("m.short") == 30
    assert 40 < symbols.count("m.long") < 60


def test_a_test_with_many_cases_does_not_crowd_out_the_others():
    many = [record("m.read", [at], f"test_m.py::test_many[{at}]") for at in range(2000)]
    told = chosen([*many, record("m.read", ["other"], "test_m.py::test_other")], ["m.read"])
    assert len(told) == 500
    assert ["other"] in [one["args"] for one in told[:2]]


def test_calls_on_one_object_stay_in_their_order():
    steps = ["__init__", "put", "take", "put", "close"]
    objects = [[record(f"m.Box.{step}", [at], serial=at) for step in steps] for at in range(3)]
    mixed = [objects[at][step] for step in range(len(steps)) for at in range(3)]
    told = chosen(mixed, ["m.Box"])
    for at in range(3):
        assert [one["symbol"].rpartition(".")[2] for one in told if one["serial"] == at] == steps


def test_the_same_call_is_told_once_and_others_not_at_all():
    records = [record("m.read", [1]), record("m.read", [1], "test_m.py::test_b"), record("m.write", [1])]
    assert [one["symbol"] for one in chosen(records, ["m.read"])] == ["m.read"]


class Heard:
    """A recorder that only counts."""

    def __init__(self):
        self.tests = []

    def begin(self, test):
        self.tests.append(test)


@pytest.mark.parametrize(("cases", "least", "most"), [(64, 64, 64), (10_000, 200, 700)])
def test_of_a_test_with_many_cases_the_later_ones_are_recorded_less_often(cases, least, most):
    recorder = Heard()
    plugin = recording.Plugin(recorder, set())
    for at in range(cases):
        plugin.pytest_runtest_logstart(f"test_m.py::test_many[{at}]", "")
    assert least <= len(recorder.tests) <= most
    assert plugin.tests == cases
    plugin.pytest_runtest_logstart("test_m.py::test_other", "")
    assert recorder.tests[-1] == "test_m.py::test_other"


class Item:
    """A test as pytest hands it to its plugins."""

    def __init__(self, path, number):
        self.path = path
        self.number = number


def test_files_about_the_change_come_first_and_in_turns(tmp_path):
    texts = {
        "test_shop.py": "from shop import Cart, Store, Till, total\n",
        "test_parser.py": "from shop.parser import Parser, parse\n",
        "test_other.py": "import shop\n",
        "test_more.py": "from shop import Cart, Store, Till\n",
    }
    items = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        items += [Item(tmp_path / name, at) for at in range(70 if name == "test_parser.py" else 3)]
    names = {"shop", "parser", "Parser", "parse", "Cart", "Store", "Till", "total"}
    recording.Plugin(Heard(), names).pytest_collection_modifyitems(items)
    order = list(dict.fromkeys(item.path.name for item in items))
    assert order == ["test_parser.py", "test_shop.py", "test_more.py", "test_other.py"]
    assert [item.number for item in items[:60]] == list(range(60))
    assert [item.path.name for item in items[-10:]] == ["test_parser.py"] * 10
