"""Reads the four runs: for each test of base that head's code fails, what became of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.check.interface import Side

from .runs import Four, Run, TestResult
from .statics import TestFunction
from .suite import Suite

Key = tuple[str, str]
"""(path, ``Class.name``) of a test function; parametrised cases share it."""

Fate = Literal["untouched", "altered", "moved", "deleted"]
Scope = Literal["alone", "file", "suite"]
SCOPES: tuple[Scope, ...] = ("alone", "file", "suite")
State = Literal["passes", "fails", "skipped", "absent"]

INTERFACE_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "NameError"})
SIGNATURE = re.compile(
    r"unexpected keyword argument|missing \d+ required|takes .* positional|positional-only|has no attribute"
)


@dataclass(frozen=True)
class Failure:
    """A test function that base's code passes and head's code fails.

    ``ids`` are its failing cases, ``result`` the first of them on head's code. ``fate`` says
    what head did to the test; ``on_head`` and ``on_base`` how head's version of it ends on
    head's and on base's code. ``interface`` is true when it fails only because a name or a
    parameter that it uses is gone. ``scope`` is what must be run for it to fail: state that other
    tests leave behind shows only in a file, or in all tests, run as a whole.
    """

    key: Key
    ids: tuple[str, ...]
    result: TestResult
    fate: Fate
    on_head: State
    on_base: State
    base: TestFunction | None
    head: TestFunction | None
    interface: bool
    scope: Scope = "alone"


def key_of(nodeid: str) -> Key:
    """The test function of a node id."""
    path, _, rest = nodeid.partition("::")
    return path, rest.partition("[")[0].replace("::", ".")


def chosen(ids: Sequence[str], scope: Scope) -> dict[str, Any]:
    """The part of a request that runs tests alone, with the whole of their files, or with all tests."""
    files = {"paths": sorted({nodeid.partition("::")[0] for nodeid in ids})}
    return {"alone": {**files, "only": list(ids)}, "file": files, "suite": {}}[scope]


def by_function(ids: Iterable[str]) -> dict[Key, list[str]]:
    """Node ids by test function, in order."""
    groups: dict[Key, list[str]] = {}
    for nodeid in ids:
        groups.setdefault(key_of(nodeid), []).append(nodeid)
    return groups


def state(run: Run, ids: Iterable[str]) -> State:
    """How a test function ended, over its cases."""
    outcomes = {run.result(nodeid).outcome for nodeid in ids}
    if outcomes & {"failed", "error"}:
        return "fails"
    if outcomes & {"passed", "xpassed"}:
        return "passes"
    return "skipped" if outcomes & {"skipped", "xfailed"} else "absent"


def failures(suite: Suite, four: Four) -> Iterator[Failure]:
    """The functions of base's tests that pass on base's code and fail on head's."""
    head_ids = by_function(
        [*four.hh.kept, *(nodeid for nodeid in four.hh.tests if nodeid not in set(four.hh.kept))]
    )
    moved = _by_digest(suite)
    for key, ids in by_function(four.bb.tests).items():
        broken = [nodeid for nodeid in ids if broke(four, nodeid)]
        if not broken or set(broken) & suite.canary_ids:
            continue
        base = suite.function(Side.BASE, key)
        fate, there = _fate(suite, key, base, moved)
        on_head = state(four.hh, head_ids.get(there, ()))
        on_base = state(four.hb, head_ids.get(there, ()))
        if on_base == "absent" and on_head != "absent":
            on_base = "fails"  # head's file cannot be imported on base's code
        result = four.bh.result(broken[0])
        yield Failure(
            key, tuple(broken), result, fate, on_head, on_base, base, suite.function(Side.HEAD, there),
            all(_interface(four.bh.result(nodeid)) for nodeid in broken),
        )  # fmt: skip


def broke(four: Four, nodeid: str) -> bool:
    """Whether base's test passes on base's code and no longer on head's."""
    if not four.bb.result(nodeid).passed:
        return False
    after = four.bh.result(nodeid)
    if after.outcome == "missing":
        # What was not reached because the whole run ended early says nothing by itself.
        return after.phase == "collect" or four.bh.finished
    # Code that makes a test of base skip itself is no better than code that fails it.
    return after.failed or after.outcome in ("skipped", "xfailed")


def _fate(suite: Suite, key: Key, base: TestFunction | None, moved: dict[str, list[Key]]) -> tuple[Fate, Key]:
    """What head did to a test, and the key under which its version stands there."""
    head = suite.function(Side.HEAD, key)
    if head is not None and base is not None:
        return ("untouched" if head.digest == base.digest else "altered"), key
    if base is None:
        return ("untouched" if key[0] not in suite.overlay else "deleted"), key
    places = moved.get(base.digest, [])
    return ("moved", places[0]) if places else ("deleted", key)


def _by_digest(suite: Suite) -> dict[str, list[Key]]:
    """Head's test functions by what they say, for tests that were moved or renamed."""
    places: dict[str, list[Key]] = {}
    for path, file in suite.files[Side.HEAD].items():
        for name, function in file.functions.items():
            places.setdefault(function.digest, []).append((path, name))
    return places


def _interface(result: TestResult) -> bool:
    """Whether a failure only says that a name or a parameter is not there any more."""
    if result.outcome == "missing":
        return result.exception in INTERFACE_ERRORS or result.exception == "AttributeError"
    at_test = result.deepest == f"{result.path}:{result.line}"
    if result.exception in INTERFACE_ERRORS:
        return at_test
    return (
        result.exception in ("TypeError", "AttributeError")
        and at_test
        and bool(SIGNATURE.search(result.text))
    )


def declaring(four: Four, canaries: frozenset[str]) -> list[str]:
    """Head's tests that fail on base's code and pass on head's."""
    return [
        nodeid
        for nodeid, result in four.hh.tests.items()
        if nodeid not in canaries and declares(four.hb.result(nodeid), result)
    ]


def declares(before: TestResult, after: TestResult) -> bool:
    """Whether a test of head with these results on base's and on head's code tells the two apart."""
    fails = before.failed or (before.outcome == "missing" and before.phase == "collect")
    return after.passed and not after.rewritten and fails
