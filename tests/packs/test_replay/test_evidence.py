"""Classes of difference from recorded calls."""

import pytest

from harness.check.interface import Difference, Probe
from tests.packs.test_replay.local import part

evidence, runs = part("evidence"), part("runs")


def call(
    key="(1,)",
    kind="value",
    text="1",
    *,
    symbol="shop.cart.total",
    nested=False,
    group="number",
    mutated=None,
    written=None,
):
    value = text if kind == "value" else None
    group = group if kind == "value" else None
    return runs.Call(symbol, 0, nested, key, kind, group, value, mutated, written=written)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (call(), call(text="2"), ("value", "value", "number→number")),
        (call(), call(kind="raises ValueError"), ("value", "raises ValueError", None)),
        (call(kind="raises KeyError"), call(), ("raises KeyError", "value", None)),
        (call(), call(mutated="([1],)"), ("value", "mutates", None)),
        (call(), call(written="{'a.csv': 'x'}"), ("writes", "writes", None)),
        (call(written="{'a.csv': 'y'}"), call(written="{'a.csv': 'x'}"), ("writes", "writes", None)),
        (call(), call(text="None", group="none"), ("value", "value", "number→none")),
        (call(), call(), None),
    ],
)
def test_the_class_of_a_difference(before, after, expected):
    found = evidence.difference_of(before, after)
    assert found == (Difference("shop.cart.total", *expected) if expected else None)


def test_calls_meet_by_their_arguments():
    base = [call("(1,)", text="1"), call("(2,)", text="2")]
    head = [call("(2,)", text="2"), call("(1,)", text="1")]
    assert evidence.compare(base, head) == []


def test_direct_calls_meet_by_order_when_arguments_look_different():
    found = evidence.compare([call("(Cart(a=1),)")], [call("(Cart(a=1, b=2),)", text="9")])
    assert [one.after for one in found] == ["value"]


def test_nested_calls_with_other_arguments_do_not_meet():
    assert evidence.compare([call("(1,)", nested=True)], [call("(5,)", text="5", nested=True)]) == []


def test_a_new_parameter_behind_the_others_is_the_same_call():
    found = evidence.compare([call("(1,)", nested=True)], [call("(1, False)", text="5", nested=True)])
    assert len(found) == 1


def test_outer_differences_come_first():
    base = [call(symbol="a.inner", nested=True), call(symbol="a.outer")]
    head = [call(symbol="a.inner", nested=True, text="2"), call(symbol="a.outer", text="2")]
    assert [one.symbol for one in evidence.compare(base, head)] == ["a.outer", "a.inner"]


def test_coverage_of_a_failing_test_by_declared_differences():
    same = Difference("shop.cart.total", "value", "value", "number→number")
    other = Difference("shop.cart.total", "value", "raises ValueError")
    known = evidence.Evidence({"t::new": [same]}, {"t::a": [same], "t::b": [other]})
    assert known.covers(["t::a"]) is True
    assert known.covers(["t::b"]) is False
    assert known.covers(["t::c"]) is None


class Scripted:
    """Answers recordings by the number of the attempt."""

    def __init__(self, *attempts):
        self.attempts = list(attempts)
        self.asked = []

    def run_all(self, *jobs):
        self.asked.append(
            [(code, probe.request["only"], probe.request["test_seconds"]) for code, probe in jobs]
        )
        return self.attempts.pop(0)


def recorded(*calls, ended=""):
    outcome = "failed" if ended else "passed"
    return runs.Run(
        tests={"t.py::test_a": runs.TestResult("t.py::test_a", outcome, ended=ended, calls=calls)}
    )


LATE = recorded(ended="timed out")


@pytest.mark.parametrize(
    ("attempts", "hanging", "declared", "lost", "asked"),
    [
        ([[LATE, recorded(call())], [recorded(call(text="2")), recorded(call())]], set(), 1, [], 2),
        ([[recorded(call(text="2")), runs.Run(timed_out=True)], [LATE, LATE]], set(), 0, ["t.py::test_a"], 2),
        ([[recorded(call(text="2")), recorded(call())]], set(), 1, [], 1),
        ([[LATE, recorded(call())]], {"t.py::test_a"}, 0, [], 1),
    ],
    ids=["in-time-at-last", "never-in-time", "at-once", "base-hangs-by-itself"],
)
def test_calls_that_were_not_recorded_in_time_are_recorded_again(
    monkeypatch, attempts, hanging, declared, lost, asked
):
    monkeypatch.setattr(evidence, "decode", lambda reply: reply)
    monkeypatch.setattr(evidence, "_recording", lambda context, suite, side, code, ids, **more: Probe(
        command=["x"], request={"only": ids, "test_seconds": 30.0, **more}))  # fmt: skip
    context = Scripted(*attempts)
    found = evidence.gather(context, None, ["t.py::test_a"], [], hanging)
    assert sum(map(len, found.declared.values())) == declared
    assert list(found.lost) == lost
    assert len(context.asked) == asked
    assert all(seconds > 30 for step in context.asked[1:] for _, _, seconds in step)
