"""What the guest sends is hostile: every shape is survived."""

from hypothesis import given
from hypothesis import strategies as st

from harness.check.interface import Ended, Limited, Reply
from tests.packs.test_replay.local import part

runs = part("runs")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["tests", "kept", "seen", "finished", "status", "forged", "replaced", "hooks", "foreign", "collect_errors",
          "crashed_files", "last", "tail", "timed_out", "id", "outcome", "recorded", "seconds"]  # fmt: skip
messages = st.builds(
    lambda kind, body: {**body, "type": kind},
    st.sampled_from(["tests", "run", "collected", "x"]),
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=8),
)


@given(st.lists(messages, max_size=5))
def test_any_messages_are_decoded(given_messages):
    run = runs.decode(Reply(Ended(0), tuple(given_messages), closed=True))
    assert all(
        isinstance(result.id, str) and result.outcome in runs.OUTCOMES for result in run.tests.values()
    )
    assert all(isinstance(nodeid, str) for nodeid in run.kept)
    assert isinstance(run.forged, int)


def test_a_run_without_its_facts_is_a_problem():
    run = runs.decode(Reply(Limited("memory"), ({"type": "tests", "tests": []},)))
    assert run.problem == "the test run hit its limit of memory"


def test_two_closing_facts_are_believed_in_neither():
    assert runs.decode(Reply(Ended(0), ({"type": "run"}, {"type": "run"}))).problem


def test_a_test_that_was_not_run_is_missing_with_a_reason():
    facts = {
        "type": "run",
        "status": 1,
        "collect_errors": [{"id": "tests/a.py", "text": "E   ImportError: no x"}],
    }
    run = runs.decode(Reply(Ended(0), (facts,)))
    result = run.result("tests/a.py::test_b")
    assert (result.outcome, result.phase, result.exception) == ("missing", "collect", "ImportError")
    assert run.result("tests/c.py::test_d").phase == "none"
