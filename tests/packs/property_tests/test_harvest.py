"""Which inputs are kept as sources for others."""

import importlib
import random
import sys

import pytest

from .local import PACK, ROOT

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
harvest = importlib.import_module("guest.harvest")

BUILT = {"kind": "value"}
REFUSED = {"kind": "raises ValueError", "origin": "purpose"}


def new(text):
    return ["new", "pointers", "Pointer", [text], []]


@pytest.fixture
def kept():
    return harvest.Harvest(random.Random("kept"), [], ["follow"])


def test_an_object_that_base_refuses_is_not_tried_again(kept):
    kept.feed([new("x"), [["follow", [1], []]]], [REFUSED], True)
    assert kept.is_refused(new("x"))
    assert not kept.is_refused(new("/x"))
    assert not kept.is_refused(None)
    assert kept.receiver() is None


def test_an_object_that_base_built_is_a_receiver_even_if_its_method_fails(kept):
    kept.feed([new("/x"), [["follow", [1], []]]], [BUILT, {"kind": "raises TypeError"}], False)
    assert kept.receiver() == new("/x")
    assert kept.pool == []


def test_a_scenario_is_kept_up_to_what_was_refused(kept):
    steps = [["follow", [at], []] for at in range(3)]
    outcomes = [BUILT, BUILT, BUILT, {"kind": "raises KeyError"}]
    for _ in range(40):
        kept.feed([new("/x"), steps], outcomes, False)
    assert kept.pool
    assert all(one == [new("/x"), steps[:2]] for one in kept.pool)


def test_one_object_does_not_crowd_the_others_out(kept):
    for at in range(400):
        kept.feed([new("/x"), [["follow", [at], []]]], [BUILT, BUILT], False)
    assert len(kept.pool) == harvest.MAX_ALIKE
    for at in range(40):
        kept.feed([new("/y"), [["follow", [at], []]]], [BUILT, BUILT], False)
    assert new("/y") in [one[0] for one in kept.pool]


def test_scenarios_that_call_what_changed_are_kept_before_others(kept):
    for at in range(300):
        for name in ("follow", "text"):
            kept.feed([new(f"/{at}"), [[name, [], []]]], [BUILT, BUILT], False)
    names = [steps[0][0] for _, steps in kept.pool]
    assert names.count("follow") > 4 * names.count("text") > 0


def test_only_so_many_objects_are_remembered(kept):
    for at in range(3 * harvest.MAX_RECEIVERS):
        kept.feed([new(f"/{at}"), []], [BUILT], False)
    assert len(kept.receivers) == harvest.MAX_RECEIVERS


def test_what_reached_something_new_is_varied_though_it_was_refused(kept):
    scenario = [new("/x"), [["follow", [1], []]]]
    kept.feed(scenario, [BUILT, REFUSED], True)
    assert kept.source() == scenario
