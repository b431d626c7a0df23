"""Findings from the matrix of the four runs: tests that fail, tests that were weakened."""

import dataclasses
from collections.abc import Sequence

from harness.check.interface import Context, Difference, Draft, Location, Side

from .evidence import Evidence
from .matrix import Failure
from .proofs import failing_test
from .statics import TestFile, altered, how_weakened
from .suite import Suite

MAX_PROVEN = 8
MAX_LISTED = 200
TOGETHER = {
    "alone": "",
    "file": ". Run alone it passes; with the other tests of its file it fails every time, as state is shared.",
    "suite": ". Run alone it passes; with all other tests it fails every time, as state is shared.",
}


class Verdicts:
    """Sorts failures into failing tests, weakened tests and tests updated on purpose."""

    def __init__(self, context: Context, suite: Suite, evidence: Evidence) -> None:
        self._context = context
        self._suite = suite
        self._evidence = evidence
        self.failing: list[Draft] = []
        self.weakened: list[Draft] = []
        self.notes: list[str] = []

    def add(self, failure: Failure) -> None:
        """Judge one failure of base's tests on head's code."""
        name = f"{failure.key[0]}::{failure.key[1]}"
        # What the code does to an untouched test, even with base's configuration, is no tampering
        # with the test.
        by_code = failure.fate == "untouched" and failure.result.outcome in ("missing", "skipped", "xfailed")
        if failure.on_head == "fails" or (by_code and failure.on_head in ("absent", "skipped")):
            self._failing(failure)
        elif self._followed(failure):
            self.notes.append(f"{name} was updated together with the code that it tests")
        elif failure.on_head == "passes" and failure.on_base == "fails":
            # It declares something else than what fails base's version of it.
            self._failing(failure)
        else:
            self._weakened(failure)
            self._failing(failure)

    def _followed(self, failure: Failure) -> bool:
        """Whether head's tests say that the behaviour which fails base's version is intended."""
        covered = self._evidence.covers(failure.ids)
        if covered:
            return True
        if failure.on_head == "passes" and failure.on_base == "fails":
            return covered is None
        return failure.interface or (failure.result.phase == "setup" and failure.on_head == "passes")

    def _failing(self, failure: Failure) -> None:
        self.failing.append(failing_draft(self._context, self._suite, failure, self._difference(failure)))

    def _difference(self, failure: Failure) -> Difference | None:
        found = self._evidence.failing.get(failure.ids[0], ())
        return found[0] if found else None

    def _weakened(self, failure: Failure) -> None:
        self.weakened.append(weakened_draft(self._context, self._suite, failure))


def failing_draft(context: Context, suite: Suite, failure: Failure, difference: Difference | None) -> Draft:
    """A test of base that passes on base's code and fails on head's."""
    path, name = failure.key
    result = failure.result
    count = f" in {len(failure.ids)} of its cases" if len(failure.ids) > 1 else ""
    return Draft(
        rule="base-test-fails",
        category="test-failure",
        severity="high",
        title=f"{name} passes on base and fails on head",
        message=f"Base's test {path}::{name} passes on base's code and fails on head's{count}: {result.text}"
        + TOGETHER[failure.scope],
        location=_location(suite, failure),
        key=name,
        difference=difference,
        proof=failing_test(context, suite, failure),
        drop_unconfirmed=True,
        suggestion="Mend the code, or change the test in a way that shows the new behaviour: "
        "a test that fails on base and passes on head declares the difference.",
        detail="\n".join(failure.ids[:MAX_LISTED]),
        group=f"test:{path}::{name}",
    )


def _location(suite: Suite, failure: Failure) -> Location:
    """The line that fails, in the version of the test that head has, else in base's."""
    path, name = failure.key
    function = failure.head if failure.fate in ("untouched", "altered", "moved") else failure.base
    line = function.line if function else 1
    same = function is not None and failure.base is not None and path not in suite.overlay
    if same and failure.result.path == path and failure.result.line:
        line = failure.result.line
    return Location(function.path if function else path, line, symbol=_symbol(path, name))


def _symbol(path: str, name: str) -> str:
    return path.removesuffix(".py").replace("/", ".") + "." + name


def weakened_draft(context: Context, suite: Suite, failure: Failure) -> Draft:
    """A test that no longer tells base's code from head's, or no longer runs."""
    path, name = failure.key
    location, what, rule = _what_was_done(context, suite, failure)
    now = {
        "passes": "passes on head's code, and on base's as well: it no longer tells them apart",
        "skipped": "is skipped",
        "absent": "is not run any more",
        "fails": "fails",
    }[failure.on_head]
    return Draft(
        rule=rule,
        category="test-tampering",
        severity="high",
        title=f"{name} was weakened, and hides a failure",
        message=f"Base's version of {path}::{name} fails on head's code ({failure.result.text}). "
        f"On head {what}; the test {now}.",
        location=location,
        key=f"{rule}:{name}",
        proof=failing_test(context, suite, failure),
        drop_unconfirmed=True,
        suggestion="Restore the test as it stands on base and mend the code, "
        "or assert the new behaviour exactly, so that the test fails on base.",
        group=f"test:{path}::{name}",
    )


def _what_was_done(context: Context, suite: Suite, failure: Failure) -> tuple[Location, str, str]:
    """(place, words, rule) of the alteration."""
    path, name = failure.key
    symbol = _symbol(path, name)
    if failure.fate == "deleted" or failure.head is None:
        line = failure.base.line if failure.base else 1
        return Location(path, line, symbol=symbol), "it was deleted", "deleted-test"
    head = failure.head
    if failure.fate == "altered" and failure.base is not None:
        line, removed, added = altered(failure.base, head)
        words = how_weakened(removed, added)
        rule = "skipped-test" if failure.on_head in ("skipped", "absent") else "loosened-test"
        return Location(head.path, line, head.end_line, symbol), words, rule
    base_file, head_file = suite.files[Side.BASE].get(path), suite.files[Side.HEAD].get(head.path)
    line_of_module = _module_change(base_file, head_file)
    if line_of_module is not None:
        line, text = line_of_module
        return (
            Location(head.path, line, symbol=symbol),
            f"`{text[:120]}` around it is new",
            "altered-test-module",
        )
    support = _support(suite, head.path)
    if support is not None:
        line = _first_changed_line(context, support)
        return (
            Location(support, line, symbol=symbol),
            f"{support} was changed around it",
            "altered-test-support",
        )
    return (
        Location(head.path, head.line, symbol=symbol),
        "what runs around it was changed",
        "altered-test-support",
    )


def _module_change(base: TestFile | None, head: TestFile | None) -> tuple[int, str] | None:
    """The first statement of a test module, outside of its tests, that base did not have."""
    if base is None or head is None:
        return None
    before = {text for _, text in base.module}
    return next(((line, text) for line, text in head.module if text not in before), None)


def _support(suite: Suite, path: str) -> str | None:
    """The changed support file nearest to a test: a conftest.py, configuration, a helper."""
    folder = path.rpartition("/")[0]

    def rank(other: str) -> tuple[int, int, str]:
        place, _, name = other.rpartition("/")
        near = 0 if name == "conftest.py" and (folder + "/").startswith(place + "/" if place else "") else 1
        return near, -len(place), other

    others = [other for other in suite.overlay if other != path and "/test_" not in "/" + other]
    return min(others, key=rank) if others else None


def _first_changed_line(context: Context, path: str) -> int:
    """The first line of a file on head that base's version does not have."""
    before = set((context.base.read_text(path) or "").splitlines())
    after = (context.head.read_text(path) or "").splitlines()
    return next((number for number, line in enumerate(after, 1) if line.strip() and line not in before), 1)


def limited(drafts: Sequence[Draft], proven: int = MAX_PROVEN) -> list[Draft]:
    """The first ``proven`` drafts, and the rest told in the last of them."""
    kept = list(drafts[:proven])
    rest = drafts[proven:]
    if not rest:
        return kept
    names = "\n".join(f"{one.location.path}: {one.title}" for one in rest[:MAX_LISTED])
    last = kept[-1]
    text = f"{last.message} {len(rest)} more tests of base fail in the same way; see the details."
    detail = f"{last.detail or ''}\n{names}".strip()
    kept[-1] = dataclasses.replace(last, message=text, detail=detail)
    return kept
