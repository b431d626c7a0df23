"""Coroutines that head makes and nobody awaits: what they stand for does not happen, and tests still pass.

Python warns of each when it is dropped, and pytest records it for the test that ran. A test of base that leaves none
on base's code and one on head's has run code that forgets to wait.
"""

from collections.abc import Iterator

from harness.check.interface import Context, Draft, Location

from .proofs import unawaited_test
from .runs import Four, Place
from .suite import Suite

MOST = 3


def forgotten(context: Context, suite: Suite, four: Four) -> list[Draft]:
    """A draft for each coroutine that head's code newly leaves behind, with the first test that shows it."""
    drafts: dict[str, Draft] = {}
    for nodeid, place in _left_behind(four):
        if place.name not in drafts and len(drafts) < MOST:
            drafts[place.name] = _draft(context, suite, nodeid, place)
    return list(drafts.values())


def _left_behind(four: Four) -> Iterator[tuple[str, Place]]:
    """(test, coroutine) where base's test passes with both codes, and head's version of it leaves one as well."""
    before = {place.name for result in four.bb.tests.values() for place in result.unawaited}
    for nodeid, result in four.bh.tests.items():
        now = four.hh.tests.get(nodeid)
        if not (four.bb.result(nodeid).passed and result.passed and now is not None):
            continue
        still = {place.name for place in now.unawaited}
        for place in result.unawaited:
            if place.name in still - before:
                yield nodeid, place


def _draft(context: Context, suite: Suite, nodeid: str, place: Place) -> Draft:
    name = _said(place.name)
    inside = context.head.read_text(place.path, 1) is not None if place.path else False
    path = place.path if inside else nodeid.partition("::")[0]
    return Draft(
        rule="never-awaited",
        category="regression",
        severity="high",
        title=f"{name} is called and never awaited",
        message=f"While {nodeid} runs on head, the coroutine of {name} is made and dropped: what it would do does "
        "not happen. On base every coroutine is awaited.",
        location=Location(path, place.line if inside else 1),
        key=place.name,
        proof=unawaited_test(context, suite, nodeid, name),
        drop_unconfirmed=True,
        suggestion="Await it, or hand it to a task that is awaited before its result is needed.",
    )


def _said(name: str) -> str:
    """The coroutine function as a reader knows it; one of ``unittest.mock`` has a name of its own."""
    return (
        "a mocked coroutine function"
        if name.startswith("AsyncMock")
        else name.rpartition("<locals>.")[2] + "()"
    )
