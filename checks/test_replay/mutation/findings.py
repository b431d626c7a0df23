"""One finding a function: its changed lines that no test runs, and the defects that none noticed."""

from collections.abc import Iterable, Sequence

from harness.check.interface import Draft, Location, RiskWeight

from ..seeds import module_of
from .lines import ChangedFile, outer_functions
from .measure import Measured, Survivor
from .mutators import difference

MAX_SHOWN = 3
MAX_TESTS = 6
PROTECTS, EXPOSES = -0.15, 0.2
"""Shares of the risk: every changed line run and every defect noticed; no changed line run at all."""


def untested(files: Sequence[ChangedFile], measured: Measured) -> list[Draft]:
    """The findings, in the order of files and lines."""
    drafts: list[Draft] = []
    for file in files:
        lines = measured.files.get(file.path)
        if lines is None:
            continue
        survivors = [one for one in measured.survivors if one.mutant.path == file.path]
        for name, inside in _places(file):
            here = sorted(lines.missing & inside)
            alive = [one for one in survivors if one.mutant.line in inside]
            # A module that nothing imports is told by its functions; the lines around them add nothing.
            told = not name and drafts and drafts[-1].location.path == file.path
            if (here or alive) and not told:
                drafts.append(_draft(file, name, here, alive))
    return drafts


def _places(file: ChangedFile) -> Iterable[tuple[str, frozenset[int]]]:
    """(function, its changed lines); the empty name is for what lies outside of functions."""
    left = set(file.lines)
    for name, node in outer_functions(file.tree):
        inside = frozenset(left & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
        left -= inside
        if inside:
            yield name, inside
    if left:
        yield "", frozenset(left)


def _draft(file: ChangedFile, name: str, missing: list[int], survivors: list[Survivor]) -> Draft:
    place = name or file.path
    first = missing[0] if missing else min(one.mutant.line for one in survivors)
    strong = bool(missing) or any(one.mutant.strong for one in survivors)
    said = []
    if missing:
        said.append(f"No test runs {_ranges(missing)} of {file.path}.")
    if survivors:
        said.append(_unnoticed(survivors))
    return Draft(
        rule="untested-change",
        category="untested",
        severity="low" if strong else "info",
        title=_title(place, missing, survivors),
        message=" ".join(said),
        location=Location(file.path, first, symbol=f"{module_of(file.path)}.{name}" if name else None),
        key="untested-change",
        detail=_detail(file, survivors),
        suggestion=_suggestion(survivors),
        group=f"untested:{file.path}",
    )


def _title(place: str, missing: Sequence[int], survivors: Sequence[Survivor]) -> str:
    parts = []
    if missing:
        parts.append(
            f"{len(missing)} changed line{'s' if len(missing) > 1 else ''} of {place} not run by any test"
        )
    if survivors:
        count = len(survivors)
        parts.append(f"{count} defect{'s' if count > 1 else ''} put into {place} noticed by no test")
    return ", ".join(parts)


def _unnoticed(survivors: Sequence[Survivor]) -> str:
    one = survivors[0]
    who = (
        f"{one.tests[0]} still passes"
        if one.count == 1 and one.tests
        else f"all {one.count} tests that run it still pass"
    )
    return f"When line {one.mutant.line} is broken ({one.mutant.kind}), {who}; see the details."


def _detail(file: ChangedFile, survivors: Sequence[Survivor]) -> str | None:
    parts = []
    for one in survivors[:MAX_SHOWN]:
        names = "\n".join(f"    {name}" for name in one.tests[:MAX_TESTS])
        more = f"\n    … and {one.count - MAX_TESTS} more" if one.count > MAX_TESTS else ""
        parts.append(f"{difference(one.mutant, file.text)}\n  ran without noticing:\n{names}{more}")
    if len(survivors) > MAX_SHOWN:
        rest = ", ".join(f"{one.mutant.line} ({one.mutant.kind})" for one in survivors[MAX_SHOWN:])
        parts.append(f"Also unnoticed on lines {rest}")
    return "\n\n".join(parts) or None


def _suggestion(survivors: Sequence[Survivor]) -> str:
    if not survivors:
        return "Add a test that runs these lines and asserts what they do."
    return "Add an assertion that fails when the line is broken as shown."


def _ranges(numbers: Sequence[int]) -> str:
    """``line 3``, ``lines 3 to 5 and 9``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [str(low) if low == high else f"{low} to {high}" for low, high in runs[:6]]
    if len(runs) > 6:
        words.append(f"{len(runs) - 6} more places")
    text = ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]
    return ("line " if len(numbers) == 1 else "lines ") + text


def weights(measured: Measured) -> list[RiskWeight]:
    """What the figures say of the change as a whole, for its risk."""
    total = sum(len(lines.statements) for lines in measured.files.values())
    missing = sum(len(lines.missing) for lines in measured.files.values())
    if not total or measured.doubt:
        return []
    if missing:
        because = f"no test runs {missing} of {total} changed lines"
        return [RiskWeight("untested lines", round(EXPOSES * missing / total, 3), because)]
    tried = measured.noticed + len(measured.survivors)
    if not measured.survivors and not measured.left and tried:
        because = f"tests run every changed line and notice all {tried} defects put into them"
        return [RiskWeight("tests", PROTECTS, because)]
    return []


def notes(measured: Measured) -> list[str]:
    """The figures in one sentence."""
    total = sum(len(lines.statements) for lines in measured.files.values())
    if not total:
        return []
    run = total - sum(len(lines.missing) for lines in measured.files.values())
    text = f"tests of head run {run} of {total} changed lines"
    tried = measured.noticed + len(measured.survivors)
    return [text + (f"; {measured.noticed} of {tried} defects put into them were noticed" if tried else "")]
