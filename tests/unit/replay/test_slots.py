import threading

import pytest

from harness.replay.slots import PROOF, SEARCH, Slots, Stopped


def test_several_slots_are_taken_at_once_or_not_at_all() -> None:
    slots = Slots(2)
    assert slots.acquire(1) == 1
    with pytest.raises(TimeoutError):
        slots.acquire(2, timeout=0.01)
    slots.release(1)
    assert slots.acquire(2, timeout=0.01) == 2


def test_a_request_for_more_than_there_are_takes_all() -> None:
    assert Slots(1).acquire(5) == 1


def test_proofs_go_before_searches() -> None:
    slots = Slots(1)
    slots.acquire(1)
    order: list[str] = []

    def want(name: str, priority: int) -> None:
        with slots.take(1, priority):
            order.append(name)

    search = threading.Thread(target=want, args=("search", SEARCH))
    search.start()
    while not slots._queue:
        pass
    proof = threading.Thread(target=want, args=("proof", PROOF))
    proof.start()
    while len(slots._queue) < 2:
        pass
    slots.release(1)
    search.join()
    proof.join()
    assert order == ["proof", "search"]


def test_a_stop_wakes_who_waits_and_refuses_who_comes() -> None:
    slots = Slots(1)
    slots.acquire(1)
    outcome: list[str] = []

    def wait() -> None:
        try:
            slots.acquire(1)
        except Stopped:
            outcome.append("stopped")

    thread = threading.Thread(target=wait)
    thread.start()
    while not slots._queue:
        pass
    slots.stop()
    thread.join()
    assert outcome == ["stopped"]
    with pytest.raises(Stopped):
        slots.acquire(1)
