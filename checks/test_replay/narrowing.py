"""What head no longer checks, although no test fails for it: for a person to look at, never a block.

Tests that stand in head's files and are not run any more, coverage that is asked for less, and
property tests that try less. Deleted tests are no finding of their own: a test that says something
of head's code fails there, and is told with that proof; what it noticed otherwise is measured
(``mutation/weaker.py``).
"""

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.check.interface import Context, Draft, Location, Side, Snapshot

from .layout import CONFIG_FILES
from .matrix import Failure, by_function, state
from .runs import Four
from .statics import TestFunction
from .suite import Suite

MAX_NAMED = 8
COVERAGE_FILES = (".coveragerc", "pyproject.toml", "setup.cfg", "tox.ini")
LOWER_BOUNDS, UPPER_BOUNDS = frozenset({"min_value", "min_size"}), frozenset({"max_value", "max_size"})


def narrowed(context: Context, suite: Suite, four: Four, broken: Sequence[Failure]) -> list[Draft]:
    """The findings, besides what the failing tests of base show already."""
    told = {failure.key for failure in broken}
    return [*_not_run(context, suite, four, told), *_coverage(context), *_properties(suite, told)]


def _not_run(context: Context, suite: Suite, four: Four, told: set[tuple[str, str]]) -> Iterator[Draft]:
    """Tests that pass on head's code, stand in head's files, and do not run there."""
    if four.hh.problem or not four.hh.finished or four.hh is four.bh:
        return
    ids = by_function([*four.hh.kept, *(one for one in four.hh.tests if one not in set(four.hh.kept))])
    lost: list[TestFunction] = []
    for key, before in by_function(four.bb.tests).items():
        head = suite.function(Side.HEAD, key)
        runs = state(four.bb, before) == "passes" == state(four.bh, before)
        if head is None or not runs or key in told or set(before) & suite.canary_ids:
            continue
        if state(four.hh, ids.get(key, ())) in ("skipped", "absent") or _may_fail(suite, key, head):
            lost.append(head)
    if not lost:
        return
    config = next(
        (path for path in suite.overlay if path in CONFIG_FILES or path.endswith("conftest.py")), None
    )
    altered = [one for one in lost if one.path in suite.overlay]
    if altered:
        place = Location(altered[0].path, altered[0].line)
    elif config is not None:
        place = Location(config, _first_new_line(context, config))
    else:
        place = Location(lost[0].path, lost[0].line)
    names = ", ".join(f"{one.path}::{one.name}" for one in lost[:MAX_NAMED])
    more = f" and {len(lost) - MAX_NAMED} more" if len(lost) > MAX_NAMED else ""
    yield _draft(
        "tests-not-run", place, f"{len(lost)} tests of base are not run any more",
        "They are still there and pass on head's code, but head skips them, leaves them out or lets them fail: "
        f"{names}{more}.",
        "Run them, or delete them and say why.",
    )  # fmt: skip


def _may_fail(suite: Suite, key: tuple[str, str], head: TestFunction) -> bool:
    """Whether a test is newly expected to fail, and passes: whatever it finds, nothing is told of it."""
    base = suite.function(Side.BASE, key)
    known = {text for _, text in base.statements} if base else set()
    marks = [text for _, text in head.statements if re.match(r"@(?:\w+\.)*(?:xfail|expectedFailure)\b", text)]
    return any(
        mark not in known and not re.search(r"strict\s*=\s*True|expectedFailure", mark) for mark in marks
    )


def _first_new_line(context: Context, path: str) -> int:
    before = set((context.base.read_text(path) or "").splitlines())
    lines = (context.head.read_text(path) or "").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.strip() and line not in before), 1)


def _coverage(context: Context) -> Iterator[Draft]:
    """A lower threshold of coverage, or more that is left out of it."""
    changed = {file.path for file in context.change.files}
    for path in COVERAGE_FILES:
        if path not in changed:
            continue
        base, head = coverage_settings(context.base, path), coverage_settings(context.head, path)
        said = []
        if _number(head.get("fail_under")) < _number(base.get("fail_under")):
            said.append(
                f"the least coverage goes from {base.get('fail_under')} to {head.get('fail_under', 'none')}"
            )
        for key in ("omit", "exclude_lines", "exclude_also"):
            new = [one for one in _words(head.get(key)) if one not in _words(base.get(key))]
            if new and _number(base.get("fail_under")):
                said.append(f"{key} newly names {', '.join(new[:5])}")
        if said:
            yield _draft(
                "coverage-loosened", Location(path, _first_new_line(context, path)),
                f"{path} asks for less coverage", f"On head {'; '.join(said)}.",
                "Keep the threshold, and add the tests that it asks for.",
            )  # fmt: skip


def coverage_settings(snapshot: Snapshot, path: str) -> Mapping[str, Any]:
    """The settings of coverage.py in a file, its sections put together; empty when there are none."""
    text = snapshot.read_text(path)
    found: dict[str, Any] = {}
    if text is None:
        return found
    try:
        if path.endswith(".toml"):
            sections = tomllib.loads(text).get("tool", {}).get("coverage", {})
            parts = [sections.get(name, {}) for name in ("run", "report")]
        else:
            parser = configparser.ConfigParser(interpolation=None, strict=False)
            parser.read_string(text)
            names = [f"{prefix}{name}" for prefix in ("", "coverage:") for name in ("run", "report")]
            parts = [dict(parser.items(name)) for name in names if parser.has_section(name)]
    except (tomllib.TOMLDecodeError, configparser.Error, AttributeError, RecursionError):
        return found
    for part in parts:
        if isinstance(part, dict):
            found.update(part)
    return found


def _number(value: object) -> float:
    try:
        return float(str(value)) if value is not None else 0.0
    except ValueError:
        return 0.0


def _words(value: object) -> list[str]:
    if isinstance(value, str):
        return [line.strip() for line in value.replace(",", "\n").splitlines() if line.strip()]
    return [str(one) for one in value] if isinstance(value, list) else []


def _properties(suite: Suite, told: set[tuple[str, str]]) -> Iterator[Draft]:
    """Property tests (Hypothesis) that try fewer examples or a smaller range."""
    for path, file in suite.files[Side.HEAD].items():
        if path not in suite.overlay:
            continue
        for name, head in file.functions.items():
            base = suite.function(Side.BASE, (path, name))
            if base is None or base.digest == head.digest or (path, name) in told:
                continue
            said = smaller(base, head)
            if said:
                yield _draft(
                    "property-test-narrowed", Location(path, head.line, head.end_line, symbol=name),
                    f"{name} tries less than on base", f"In {path}::{name}, {'; '.join(said)}.",
                    "Keep what is tried, or say why the rest cannot occur.",
                )  # fmt: skip


def smaller(base: TestFunction, head: TestFunction) -> list[str]:
    """How a property test's inputs were narrowed, in words; empty when they were not."""
    before, after = _inputs(base), _inputs(head)
    said = []
    for key in sorted(before.keys() & after.keys()):
        old, new = before[key], after[key]
        name = key[1]
        less = (name == "max_examples" or name in UPPER_BOUNDS) and new < old
        if less or (name in LOWER_BOUNDS and new > old):
            said.append(f"{name} goes from {old:g} to {new:g}")
    for key in sorted(after.keys() - before.keys()):
        if key[1] in LOWER_BOUNDS | UPPER_BOUNDS and key[0] in _strategies(base):
            said.append(f"{key[1]} is newly {after[key]:g}")
    return said


def _calls(function: TestFunction) -> Iterator[tuple[str, ast.Call]]:
    """(name with its place among calls of that name, call) in the decorators."""
    seen: dict[str, int] = {}
    for decorator in function.node.decorator_list if function.node else ():
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                seen[name] = seen.get(name, 0) + 1
                yield f"{name} {seen[name]}", node


def _strategies(function: TestFunction) -> set[str]:
    return {name for name, _ in _calls(function)}


def _inputs(function: TestFunction) -> dict[tuple[str, str], float]:
    """Numbers that bound what is tried, by (call, parameter)."""
    found: dict[tuple[str, str], float] = {}
    for name, call in _calls(function):
        named = [(keyword.arg or "", keyword.value) for keyword in call.keywords]
        if name.startswith(("integers ", "floats ")):
            named += list(zip(("min_value", "max_value"), call.args, strict=False))
        for key, value in named:
            if key not in LOWER_BOUNDS | UPPER_BOUNDS | {"max_examples"}:
                continue
            try:
                number = ast.literal_eval(value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                continue
            if isinstance(number, int | float) and not isinstance(number, bool):
                found[name, key] = number
    return found


def _draft(rule: str, place: Location, title: str, message: str, suggestion: str) -> Draft:
    return Draft(
        rule=rule, category="test-tampering", severity="medium", title=title, message=message, location=place,
        key=f"{rule}:{place.symbol or ''}", suggestion=suggestion,
    )  # fmt: skip
