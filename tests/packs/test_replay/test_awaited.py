"""Coroutines that head makes and nobody awaits."""

from pathlib import Path

import pytest

from tests.packs.test_replay.local import LocalContext, part, replay

CODE = """
import asyncio


class Dispatcher:
    def __init__(self, send, pause=asyncio.sleep):
        self._send = send
        self._pause = pause

    async def deliver(self, message, tries=3):
        for attempt in range(tries):
            if await self._send(message):
                return attempt
            await self._pause(0)
        return None
"""
TESTS = """
import asyncio

from courier.core import Dispatcher


def test_second_try():
    answers = [True, False]

    async def send(message):
        return answers.pop()

    async def pause(seconds):
        assert seconds == 0

    assert asyncio.run(Dispatcher(send, pause).deliver("hello")) == 1
"""
BASE = {"courier/__init__.py": "", "courier/core.py": CODE, "tests/test_core.py": TESTS}
FORGOTTEN = CODE.replace("await self._pause(0)", "self._pause(0)")
TASK = CODE.replace("await self._pause(0)", "await asyncio.gather(self._pause(0))")


def found(place: Path, base: dict[str, str], head: dict[str, str]):
    context = LocalContext(place, base, head)
    context.settings = {}
    outcome = part("check").check(context)
    return [one for one in [*context.drafts, *outcome.findings] if one.rule == "never-awaited"], context


@pytest.mark.parametrize(
    "tests", [TESTS, TESTS.replace("hello", "another word")], ids=["same tests", "edited tests"]
)
def test_a_forgotten_await(tmp_path: Path, tests: str):
    head = {**BASE, "courier/core.py": FORGOTTEN, "tests/test_core.py": tests}
    (draft,), context = found(tmp_path, BASE, head)
    assert draft.title == "pause() is called and never awaited"
    assert (draft.location.path, draft.location.line) == ("courier/core.py", 14)
    verdicts, observed = replay(context, draft)
    assert verdicts == {"base": True, "head": False}
    assert "never awaited" in observed["head"]


@pytest.mark.parametrize(
    ("before", "after"),
    [(CODE, TASK), (FORGOTTEN, FORGOTTEN.replace("tries=3", "tries=4")), (FORGOTTEN, CODE)],
    ids=["awaited otherwise", "forgotten before", "mended"],
)
def test_what_is_awaited_or_was_not_before_is_no_finding(tmp_path: Path, before: str, after: str):
    drafts, _ = found(tmp_path, {**BASE, "courier/core.py": before}, {**BASE, "courier/core.py": after})
    assert drafts == []
