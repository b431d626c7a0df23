"""Containers are removed beside the work, in bounded numbers, and failures are told."""

import threading
import time

from tests.sandboxes.docker import module

removing = module("removing")


def test_what_was_handed_over_is_removed_and_then_released():
    removals, seen = removing.Removals(), []
    for number in range(40):
        removals.later(
            lambda number=number: seen.append(("removed", number)) or "",
            lambda number=number: seen.append(("released", number)),
        )
    removals.settle()
    assert len(seen) == 80
    assert all(seen.index(("removed", n)) < seen.index(("released", n)) for n in range(40))
    assert removals.take_problem() == ""


def test_a_failure_is_told_once_and_releases_all_the_same():
    removals, released = removing.Removals(), []
    removals.later(lambda: "the engine is stuck", lambda: released.append(1))
    removals.settle()
    assert removals.take_problem() == "the engine is stuck"
    assert removals.take_problem() == ""
    assert released == [1]


def test_an_unexpected_error_is_told_as_a_sentence():
    removals = removing.Removals()

    def fail() -> str:
        raise ValueError("no")

    removals.later(fail, lambda: None)
    removals.settle()
    assert removals.take_problem() == "a container could not be removed: ValueError: no"


def test_no_more_than_so_many_wait():
    removals, go = removing.Removals(), threading.Event()
    given: list[int] = []

    def give() -> None:
        for number in range(removing._MOST_WAITING + 1):
            removals.later(lambda: "" if go.wait(30) else "late", lambda: None)
            given.append(number)

    giver = threading.Thread(target=give)
    giver.start()
    limit = time.monotonic() + 30
    while len(given) < removing._MOST_WAITING and time.monotonic() < limit:
        time.sleep(0.01)
    giver.join(0.3)
    assert len(given) == removing._MOST_WAITING
    go.set()
    giver.join(30)
    removals.settle()
    assert len(given) == removing._MOST_WAITING + 1
