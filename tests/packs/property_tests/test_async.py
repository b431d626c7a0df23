"""Coroutines and asynchronous generators: compared to their end, on a clock that does not wait."""

import ast
import asyncio
import importlib
import threading

import pytest

from .local import ROOT, LocalContext, check

FETCH = (
    "import asyncio\n\n\nasync def fetch(amount: int, retries: int = 2) -> int:\n    for attempt in range(retries):\n"
    "        await asyncio.sleep(30)\n        if amount > attempt * 10:\n            return amount\n    return -1\n"
)
PAGES = (
    "async def pages(total: int, size: int = 10):\n    if size < 1:\n        raise ValueError('size')\n"
    "    for start in range(0, min(total, 400), size):\n        yield start, min(start + size, total)\n"
)


def run(place, base, head):
    context = LocalContext(place, {"shop.py": base}, {"shop.py": head})
    return context, check(context)


@pytest.mark.parametrize(
    ("base", "head", "symbol"),
    [
        (FETCH, FETCH.replace("amount > attempt", "amount >= attempt"), "shop.fetch"),
        (PAGES, PAGES.replace("min(start + size, total)", "start + size"), "shop.pages"),
    ],
    ids=["coroutine", "generator"],
)
def test_finds_a_difference_of_an_asynchronous_function(base, head, symbol, tmp_path):
    context, outcome = run(tmp_path, base, head)
    found = [one for one in context.drafts if one.category == "regression"]
    assert [one.location.symbol for one in found[:1]] == [symbol], outcome
    assert context.verdicts(found[0]) == (True, False)
    for content in found[0].proof.files.values():
        ast.parse(content.decode())


def test_stays_silent_where_only_the_awaits_differ(tmp_path):
    head = PAGES.replace("        yield", "        await asyncio.sleep(0)\n        yield")
    context, _ = run(tmp_path, PAGES, "import asyncio\n\n\n" + head)
    assert context.drafts == []


@pytest.fixture
def aio(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "harness" / "guest"))
    return importlib.import_module("guestlib.aio")


def test_a_sleep_takes_no_time_and_keeps_its_order(aio):
    seen = []

    async def worker(name, seconds):
        await asyncio.sleep(seconds)
        seen.append(name)

    async def main():
        await asyncio.gather(worker("late", 3600), worker("soon", 60))
        return asyncio.get_running_loop().time()

    assert aio.run(main()) >= 3600
    assert seen == ["soon", "late"]


def test_what_waits_for_nobody_is_a_hang(aio):
    async def main():
        await asyncio.get_running_loop().create_future()

    guard = importlib.import_module("guestlib.guard")
    with pytest.raises(guard.Hang):
        aio.run(main())


def test_an_endless_generator_is_read_so_far(aio):
    async def numbers():
        at = 0
        while True:
            yield at
            at += 1

    drained = aio.collected(numbers())
    assert drained.end == "more"
    assert drained.items[:3] == [0, 1, 2]


def test_a_thread_of_the_coroutine_is_waited_for(aio):
    async def main():
        return await asyncio.wait_for(asyncio.to_thread(lambda: 7), 30)

    assert aio.run(main()) == 7


SEATS = """
import asyncio


class Seats:
    def __init__(self, free: int = 1):
        self.free = free

    async def take(self) -> bool:
        if self.free < 1:
            return False
        self.free -= 1
        await asyncio.sleep(0.1)
        return True
"""


def test_a_race_that_head_brings_in_is_found_and_proved(tmp_path):
    head = SEATS.replace(
        "        self.free -= 1\n        await asyncio.sleep(0.1)\n",
        "        await asyncio.sleep(0.1)\n        self.free -= 1\n",
    )
    context, outcome = run(tmp_path, SEATS, head)
    found = [one for one in context.drafts if one.difference.after == "races"]
    assert [one.location.symbol for one in found] == ["shop.Seats.take"], (context.drafts, outcome)
    assert context.verdicts(found[0]) == (True, False)


def test_another_await_outside_of_what_belongs_together_is_no_race(tmp_path):
    head = SEATS.replace("        if self.free", "        await asyncio.sleep(0)\n        if self.free")
    context, _ = run(tmp_path, SEATS, head)
    assert context.drafts == []


def test_a_thread_that_was_there_before_is_not_waited_for(aio):
    let_go = threading.Event()
    thread = threading.Thread(target=let_go.wait)
    thread.start()
    try:

        async def main():
            await asyncio.sleep(3600)
            return await asyncio.get_running_loop().run_in_executor(None, lambda: "from a thread")

        assert aio.run(main()) == "from a thread"
    finally:
        let_go.set()
        thread.join()
