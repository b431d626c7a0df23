"""Results that contradict themselves are named and not counted."""

from types import SimpleNamespace

from harness.check.interface import Ended, Limits, Reply
from tests.packs.test_replay.local import part

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


def test_a_second_run_without_result_changes_nothing():
    broken = failure(f"{TEST}[a]")
    kept, unsteady = again(Reply(Ended(1)), reply(a="passed"), broken)
    assert kept == [broken]
    assert not unsteady
