"""Variables of the environment are inputs of what looks them up."""

import importlib
import os
import random
import sys

import pytest

from .local import PACK, ROOT, compared, module

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
environment = importlib.import_module("guest.environment")
surrounding = module("leading").surrounding

LIMIT = """import os


def limit(kind: str) -> int:
    raw = os.environ.get("SHOP_" + kind.upper())
    if raw == "off":
        return -1
    return int(raw) if raw else 10
"""

CLIENT = """import os


class Client:
    def __init__(self, host: str):
        self.host = host
        self.debug = os.getenv("SHOP_DEBUG", "") not in ("", "0")

    def address(self) -> str:
        return self.host + ("?debug" if self.debug else "")
"""

REQUIRED = """import os


def region(name: str) -> str:
    return os.environ["SHOP_REGION"].strip() + "-" + name
"""


@pytest.mark.parametrize(
    ("before", "old", "new", "shown"),
    [
        (LIMIT, "return -1", "return 0", "'off'"),
        (LIMIT, "if raw else 10", "if raw is not None else 10", "= ''"),
        (CLIENT, '("", "0")', '("",)', "os.environ['SHOP_DEBUG'] = '0'; Client("),
        (REQUIRED, ".strip()", "", "os.environ['SHOP_REGION'] = '"),
    ],
    ids=["a word", "set to nothing", "read by a constructor", "required"],
)
def test_what_depends_on_the_surroundings(tmp_path, before, old, new, shown):
    context = compared(tmp_path, before, before.replace(old, new))
    (draft,) = context.drafts
    assert shown in draft.proof.input
    assert "os.environ['SHOP_" in draft.proof.input
    assert context.verdicts(draft) == (True, False)


def test_a_rewrite_of_how_it_is_read_is_no_difference(tmp_path):
    after = LIMIT.replace(
        'raw = os.environ.get("SHOP_" + kind.upper())', 'raw = os.getenv(f"SHOP_{kind.upper()}")'
    )
    context = compared(tmp_path, LIMIT, after)
    assert context.drafts == []


def test_the_environment_is_as_before_afterwards(monkeypatch):
    monkeypatch.setenv("SHOP_KNOWN", "before")
    steps = [["@environ", ["SHOP_KNOWN", "after"], []], ["@environ", ["SHOP_NEW", "x"], []]]
    with environment.variables_of(steps):
        assert (os.environ["SHOP_KNOWN"], os.environ.pop("SHOP_NEW")) == ("after", "x")
    assert os.environ["SHOP_KNOWN"] == "before"
    assert "SHOP_NEW" not in os.environ


@pytest.mark.parametrize("pair", [["", "x"], ["A=B", "x"], ["A", "x\0"], ["A", 1], ["A"], None, ["Ä", "x"]])
def test_what_no_environment_takes_is_left_out(pair):
    assert environment.set_as_asked(pair)["kind"] == "unmade Variable"
    with environment.variables_of([["@environ", pair, []]]):
        assert "A=B" not in os.environ


def test_what_holds_up_the_process_is_left_alone():
    known = environment.Variables(random.Random(1))
    for name in ("PATH", "PYTHONHASHSEED", "LC_ALL", "LD_PRELOAD", ""):
        known.note(name)
    assert known.asked == {}
    assert known.steps(["x"]) == []
    known.note("SHOP_DEBUG")
    drawn = [step for _ in range(200) for step in known.steps(["word"])]
    assert {step[1][0] for step in drawn} == {"SHOP_DEBUG"}
    assert {"word", "", "0"} <= {step[1][1] for step in drawn}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("monkeypatch.setenv('A', '1, 2')", "os.environ['A'] = '1, 2'"),
        ("receiver = Client('a')", "receiver = Client('a')"),
    ],
)
def test_a_reader_sees_an_assignment(line, shown):
    assert surrounding(line) == shown
