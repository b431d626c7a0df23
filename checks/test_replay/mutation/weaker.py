"""Whether head's tests notice less than base's of code that both sides have.

A test that was deleted, renamed away or altered may have been of no use; that is not told from its
text. Defects are put into the functions that it calls: what base's tests notice and head's do not is
lost, whoever is right. Functions that the change leaves alone are tried on each side with its own
tests, those that it alters on head with the tests of both. It asks for a person and blocks nothing.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.check.interface import BudgetExhausted, Context, Draft, Location, Side

from ..layout import is_code_path
from ..matrix import by_function, state
from ..runs import Four
from ..seeds import parse
from ..statics import TestFunction
from ..suite import Suite
from .lines import MAX_FILE, ChangedFile, changed_files, outer_functions, units
from .measure import Measured, measure
from .mutators import Mutant, difference, mutants

SECONDS = 20.0
SHARE_OF_BUDGET = 0.1
LEAST_SECONDS = 4.0
MAX_FUNCTIONS, MAX_PRODUCT_FILES, MAX_NAMED = 12, 2000, 4
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
Place = tuple[str, str, str, int, int, str]
"""A mutant without the line of its file: path, function, kind, line in the function, column, new text."""


@dataclass(frozen=True)
class Same:
    """A file's functions that both sides have in the same words, as they stand on each."""

    files: Mapping[Side, ChangedFile]
    starts: Mapping[Side, Mapping[str, int]]


def weaker_tests(context: Context, suite: Suite, four: Four) -> list[Draft]:
    """At most one finding, at the first test that was taken away or altered."""
    lost = altered_tests(suite, four)
    seconds = min(SECONDS, SHARE_OF_BUDGET * context.remaining())
    if not lost or seconds < LEAST_SECONDS:
        return []
    names = frozenset(name for test in lost for name in test.called) | _replaced(context, lost)
    same = list(_same(context, suite, names))
    altered = list(_altered(context, suite, names))
    if not same and not altered:
        return []
    context.progress("comparing what both sides' tests notice")
    try:
        missed = _missed(context, suite, same, seconds) if same else []
        more = _missed_in_altered(context, suite, altered, seconds) if altered and not missed else []
    except BudgetExhausted:
        return []
    files = [*altered, *(one.files[Side.HEAD] for one in same)]
    if missed:
        return [_draft(suite, lost, files, missed, "code that the change leaves alone")]
    return [_draft(suite, lost, files, more, "head's code")] if more else []


def altered_tests(suite: Suite, four: Four) -> list[TestFunction]:
    """Tests of base that pass on both codes and that head has no more, or has in other words."""
    kept = {
        function.digest for file in suite.files[Side.HEAD].values() for function in file.functions.values()
    }
    found = []
    for key, ids in by_function(four.bb.tests).items():
        test = suite.function(Side.BASE, key)
        passes = state(four.bb, ids) == "passes" == state(four.bh, ids)
        if test and passes and test.path in suite.overlay and test.digest not in kept:
            found.append(test)
    return found


def _replaced(context: Context, tests: Sequence[TestFunction]) -> frozenset[str]:
    """Names that head's test files have as texts and base's have not: what mocks stand in for (``patch("pay.tax")``,
    ``monkeypatch.setattr(pay, "tax", …)``), which base's tests reached through what they call."""
    found: set[str] = set()
    for path in {test.path for test in tests}:
        base, head = (_named(context.snapshot(side).read_text(path, MAX_FILE) or "") for side in Side)
        found |= head - base
    return frozenset(found)


def _named(text: str) -> set[str]:
    """The last parts of dotted names among the texts of a module."""
    tree = parse(text)
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)) if tree else ()
    return {one.rpartition(".")[2] for one in texts if isinstance(one, str) and NAME.fullmatch(one)}


def _same(context: Context, suite: Suite, names: frozenset[str]) -> Iterator[Same]:
    """The functions of these names that the change leaves alone."""
    left = MAX_FUNCTIONS
    entries = [entry for entry in context.head.entries if entry.kind == "file" and is_code_path(entry.path)]
    for entry in entries[:MAX_PRODUCT_FILES]:
        if left <= 0:
            return
        if entry.path in suite.overlay or any(entry.path in files for files in suite.files.values()):
            continue
        texts = {side: context.snapshot(side).read_text(entry.path, MAX_FILE) or "" for side in Side}
        if not any(name in texts[Side.HEAD] for name in names):
            continue
        found = _in_both(entry.path, texts, names, left)
        if found is not None:
            left -= len(found.starts[Side.HEAD])
            yield found


def _in_both(path: str, texts: Mapping[Side, str], names: frozenset[str], most: int) -> Same | None:
    trees = {side: parse(texts[side]) for side in Side}
    functions = {side: dict(outer_functions(tree)) if tree else {} for side, tree in trees.items()}
    chosen = [
        name for name, node in functions[Side.HEAD].items()
        if _is_called(name, names) and name in functions[Side.BASE]
        and _meaning(node) == _meaning(functions[Side.BASE][name])
    ][:most]  # fmt: skip
    if not chosen:
        return None
    files = {}
    for side, tree in trees.items():
        nodes = [functions[side][name] for name in chosen]
        lines = frozenset(
            n for node in nodes for n in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        )
        files[side] = ChangedFile(path, texts[side], lines, tree or ast.Module([], []))
    return Same(files, {side: {name: functions[side][name].lineno for name in chosen} for side in Side})


def _altered(context: Context, suite: Suite, names: frozenset[str]) -> Iterator[ChangedFile]:
    """The functions of these names that both sides have in other words, as they stand on head."""
    left = MAX_FUNCTIONS
    for file in changed_files(context, suite):
        before = parse(context.base.read_text(file.path, MAX_FILE))
        known = dict(outer_functions(before)) if before else {}
        nodes = [
            node for name, node in outer_functions(file.tree)
            if _is_called(name, names) and name in known and _meaning(node) != _meaning(known[name])
        ][:left]  # fmt: skip
        lines = frozenset(
            n for node in nodes for n in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        )
        left -= len(nodes)
        if lines:
            yield ChangedFile(file.path, file.text, lines, file.tree)


def _missed_in_altered(
    context: Context, suite: Suite, files: Sequence[ChangedFile], seconds: float
) -> list[Mutant]:
    """Mutants of head's code that base's tests notice there and head's do not."""
    made = [mutant for file in files for mutant in mutants(file) if mutant.strong]
    base = measure(context, suite, files, made, seconds, tests=Side.BASE)
    if not base.caught or base.doubt:
        return []
    head = measure(context, suite, files, made, seconds)
    return [] if head.doubt else [one for one in _alive(head, made) if one in base.caught]


def _alive(head: Measured, made: Sequence[Mutant]) -> list[Mutant]:
    """Those that a side's tests ran without noticing, or did not run at all."""
    unseen = [
        one for one in made if one.path in head.files
        and set(one.covered_by) and set(one.covered_by) <= head.files[one.path].missing
    ]  # fmt: skip
    return [*(one.mutant for one in head.survivors), *unseen]


def _is_called(name: str, names: frozenset[str]) -> bool:
    owner, _, own = name.rpartition(".")
    return own in names or (own == "__init__" and owner in names)


def _meaning(node: ast.stmt) -> list[str]:
    return [text for text, _ in units([node])]


def _missed(context: Context, suite: Suite, same: Sequence[Same], seconds: float) -> list[Mutant]:
    """Head's mutants that base's tests notice and head's do not."""
    base = _measured(context, suite, same, Side.BASE, seconds)
    if not base.caught:
        return []
    head = _measured(context, suite, same, Side.HEAD, seconds)
    if head.doubt or base.doubt:
        return []
    noticed = {_place(one, same, Side.BASE) for one in base.caught}
    return [one for one in _alive(head, _made(same, Side.HEAD)) if _place(one, same, Side.HEAD) in noticed]


def _measured(context: Context, suite: Suite, same: Sequence[Same], side: Side, seconds: float) -> Measured:
    return measure(context, suite, [one.files[side] for one in same], _made(same, side), seconds, side)


def _made(same: Sequence[Same], side: Side) -> list[Mutant]:
    """Those that change what happens whenever their line runs: a border that is no longer tried is little."""
    return [
        mutant for one in same for mutant in mutants(one.files[side])
        if mutant.strong and mutant.function in one.starts[side]
    ]  # fmt: skip


def _place(mutant: Mutant, same: Sequence[Same], side: Side) -> Place:
    start = next(
        one.starts[side][mutant.function] for one in same if one.files[side].path == mutant.path
        and mutant.function in one.starts[side]
    )  # fmt: skip
    line, column = mutant.start
    return mutant.path, mutant.function, mutant.kind, line - start, column, mutant.new


def _draft(
    suite: Suite,
    lost: Sequence[TestFunction],
    files: Sequence[ChangedFile],
    missed: Sequence[Mutant],
    where: str,
) -> Draft:
    names = {one.function.rpartition(".")[2] for one in missed} | {
        one.function.rpartition(".")[0].rpartition(".")[2] for one in missed
    }
    guilty = [test for test in lost if test.called & names] or list(lost)
    first = guilty[0]
    now = suite.function(Side.HEAD, (first.path, first.name))
    what = ", ".join(f"{test.name} ({_became(suite, test)})" for test in guilty[:MAX_NAMED])
    more = f" and {len(guilty) - MAX_NAMED} more" if len(guilty) > MAX_NAMED else ""
    one, count = missed[0], len(missed)
    texts = {file.path: file.text for file in files}
    return Draft(
        rule="tests-notice-less",
        category="test-tampering",
        severity="medium",
        title=f"Head's tests notice less of {one.function} than base's",
        message=f"{count} defect{'s' if count > 1 else ''} put into {where} "
        f"{'are' if count > 1 else 'is'} noticed by base's tests and not by head's: line {one.line} of {one.path} "
        f"({one.kind}), for one. Tests that changed: {what}{more}.",
        location=Location(
            now.path if now else first.path, now.line if now else first.line, symbol=first.name
        ),
        key=f"tests-notice-less:{first.path}:{first.name}",
        detail="\n\n".join(difference(mutant, texts[mutant.path]) for mutant in missed[:MAX_NAMED]),
        suggestion="Put back what was asserted, or say in the change why it need not hold.",
    )


def _became(suite: Suite, test: TestFunction) -> str:
    return "altered" if suite.function(Side.HEAD, (test.path, test.name)) else "gone"
