"""Results that contradict themselves are named and not counted."""

from types import SimpleNamespace

import pytest

from harness.check.interface import Ended, Limits, Reply, Side
from tests.packs.test_replay.local import part, verify

TEST = "tests/test_cart.py::test_discount"


def failure(*ids: str):
    result = part("runs").TestResult(ids[0], "failed", text="assert 3 == 4")
    return part("matrix").Failure(
        part("matrix").key_of(ids[0]), ids, result, "untouched", "fails", "passes", None, None, False
    )


def reply(**outcomes: str) -> Reply:
    tests = [{"id": f"{TEST}[{name}]", "outcome": outcome} for name, outcome in outcomes.items()]
    run = {"type": "run", "finished": True, "status": 1}
    return Reply(Ended(0), ({"type": "tests", "tests": tests}, run), closed=True)


def again(base: Reply, head: Reply, *failures):
    context = SimpleNamespace(limits=Limits(), run_all=lambda *jobs: [base, head])
    suite = SimpleNamespace(layout=lambda side: part("layout").Layout(), overlay=())
    return part("flaky").steady(context, suite, failures)


def test_a_failure_that_is_there_again_stays():
    kept, unsteady = again(reply(a="passed"), reply(a="failed"), failure(f"{TEST}[a]"))
    assert [one.ids for one in kept] == [(f"{TEST}[a]",)]
    assert not unsteady


def test_a_failure_that_is_gone_is_flaky_and_said():
    kept, unsteady = again(reply(a="passed"), reply(a="passed"), failure(f"{TEST}[a]"))
    assert not kept
    assert unsteady[0].what == f"{TEST}[a]"
    assert "flaky: on head's code" in unsteady[0].why


def test_a_test_that_fails_on_base_the_second_time_is_flaky():
    _, unsteady = again(reply(a="failed"), reply(a="failed"), failure(f"{TEST}[a]"))
    assert "flaky: on base's code" in unsteady[0].why


def test_only_the_unsteady_cases_of_a_test_are_left_out():
    ids = (f"{TEST}[a]", f"{TEST}[b]")
    kept, unsteady = again(reply(a="passed", b="passed"), reply(a="failed", b="passed"), failure(*ids))
    assert kept[0].ids == ids[:1]
    assert [one.what for one in unsteady] == [ids[1]]


def in_turn(*runs: Reply):
    """The failure of one test, with what further runs of it say: two for each scope."""
    sent = []

    def run_all(*jobs):
        sent.extend(jobs)
        return [runs[len(sent) - 2], runs[len(sent) - 1]]

    context = SimpleNamespace(limits=Limits(), run_all=run_all)
    suite = SimpleNamespace(layout=lambda side: part("layout").Layout(), overlay=())
    kept, unsteady = part("flaky").steady(context, suite, [failure(f"{TEST}[a]")])
    return kept, unsteady, [probe.request for _, probe in sent[::2]]


PASSED, FAILED = reply(a="passed"), reply(a="failed")


def test_what_fails_with_the_rest_of_its_file_is_a_failure_of_the_file():
    kept, unsteady, asked = in_turn(PASSED, PASSED, PASSED, FAILED)
    assert [one.scope for one in kept] == ["file"]
    assert not unsteady
    assert asked[0]["only"] == [f"{TEST}[a]"]
    assert asked[1]["paths"] == ["tests/test_cart.py"]
    assert "only" not in asked[1]


def test_what_fails_with_all_tests_is_a_failure_of_the_suite():
    kept, unsteady, asked = in_turn(PASSED, PASSED, PASSED, PASSED, PASSED, FAILED)
    assert [one.scope for one in kept] == ["suite"]
    assert not unsteady
    assert not {"only", "paths"} & asked[2].keys()


def test_what_passes_however_it_is_run_is_flaky():
    kept, unsteady, asked = in_turn(*[PASSED] * 6)
    assert not kept
    assert "flaky" in unsteady[0].why
    assert len(asked) == 3


def test_a_wider_run_without_result_proves_nothing():
    kept, unsteady, _ = in_turn(PASSED, PASSED, Reply(Ended(1)), FAILED)
    assert not kept
    assert unsteady


def test_a_second_run_without_result_changes_nothing():
    broken = failure(f"{TEST}[a]")
    kept, unsteady = again(Reply(Ended(1)), reply(a="passed"), broken)
    assert kept == [broken]
    assert not unsteady


def declared_again(base: Reply, head: Reply, *ids: str):
    sent = []

    def run_all(*jobs):
        sent.extend(jobs)
        return [base, head]

    context = SimpleNamespace(limits=Limits(), run_all=run_all)
    suite = SimpleNamespace(layout=lambda side: part("layout").Layout(), overlay=("tests/test_cart.py",))
    return *part("flaky").steadily_declaring(context, suite, ids), sent


def test_what_declares_again_declares():
    kept, unsteady, sent = declared_again(reply(a="failed"), reply(a="passed"), f"{TEST}[a]")
    assert kept == [f"{TEST}[a]"]
    assert not unsteady
    assert [side for side, _ in sent] == [Side.BASE, Side.HEAD]
    assert all(probe.request["overlay"]["from"] == "head" for _, probe in sent)


def test_a_test_that_passes_on_base_the_second_time_declares_nothing():
    kept, unsteady, _ = declared_again(
        reply(a="passed", b="failed"), reply(a="passed", b="passed"), f"{TEST}[a]", f"{TEST}[b]"
    )
    assert kept == [f"{TEST}[b]"]
    assert unsteady[0].what == f"{TEST}[a]"
    assert "declares nothing: on base's code it failed" in unsteady[0].why


def test_a_test_that_fails_on_head_the_second_time_declares_nothing():
    kept, unsteady, _ = declared_again(reply(a="failed"), reply(a="failed"), f"{TEST}[a]")
    assert not kept
    assert "declares nothing: on head's code it passed" in unsteady[0].why


def test_nothing_that_declares_is_not_run_again():
    assert declared_again(reply(), reply()) == ([], [], [])


CODE = "def price(amount):\n    return amount {} 2\n"
# Passes or fails by how often it was run on this code, as a test with a race does by chance.
BY_CHANCE = """
import pathlib

from shop import price

RUNS = pathlib.Path({place!r})


def test_price():
    side = RUNS / str(price(3))
    count = int(side.read_text()) if side.exists() else 0
    side.write_text(str(count + 1))
    assert price(3) == 5 or count > 0
"""


COUNTER = """
class Counter:
    seen = []

    def add(self, one):
        self.seen.append(one)
        return len(self.seen)
"""
OWN = COUNTER.replace("    seen = []\n", "    def __init__(self):\n        self.seen = []\n")
ADDS = "from counter import Counter\n\n\ndef test_{0}():\n    assert Counter().add({0!r}) == 1\n"


@pytest.mark.parametrize(
    ("files", "asked"),
    [
        ({"tests/test_a.py": ADDS.format("a") + ADDS.format("b")}, "pytest tests/test_a.py"),
        ({"tests/test_a.py": ADDS.format("a"), "tests/test_b.py": ADDS.format("b")}, "pytest"),
    ],
)
def test_state_that_tests_share_fails_them_together_and_is_proven_so(tmp_path, files, asked):
    base = {"counter.py": OWN, **files}
    _, context = verify(tmp_path, base, {**base, "counter.py": COUNTER})
    [found] = [one for one in context.drafts if one.category == "test-failure"]
    assert found.proof.input == asked
    assert "Run alone it passes" in found.message
    assert found.location.symbol.endswith("test_b")


def test_a_test_that_fails_on_base_by_chance_declares_nothing_and_is_named(tmp_path):
    place = tmp_path / "runs"
    place.mkdir()
    base = {"shop.py": CODE.format("*"), "tests/test_old.py": "def test_old():\n    assert 1\n"}
    head = {
        **base, "shop.py": CODE.format("+"), "tests/test_price.py": BY_CHANCE.format(place=str(place))
    }  # fmt: skip
    outcome, _ = verify(tmp_path / "trees", base, head)
    assert not outcome.declarations
    assert [one.why for one in outcome.unverified if one.what == "tests/test_price.py::test_price"] == [
        "flaky, so it declares nothing: on base's code it failed, and did not when it was run again"
    ]
