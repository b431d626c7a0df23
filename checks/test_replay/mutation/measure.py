"""Runs the measurement in the sandbox and decodes what it says."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.check.interface import Context, Limited, Limits, Message, Probe, Reply, Side

from ..suite import Suite
from .lines import ChangedFile
from .mutators import Mutant

MAX_MUTANTS = 600
START_SECONDS = 10.0


@dataclass(frozen=True)
class Lines:
    """Coverage of one file's changed lines. ``branches`` are (line, line never reached from it)."""

    statements: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()
    branches: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed, and the tests that ran it (the first of ``count``)."""

    mutant: Mutant
    tests: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Measured:
    """What head's tests say of the changed lines. ``doubt`` is a sentence when little of it holds."""

    files: Mapping[str, Lines] = field(default_factory=dict)
    survivors: tuple[Survivor, ...] = ()
    noticed: int = 0
    left: int = 0
    doubt: str = ""
    caught: tuple[Mutant, ...] = ()
    """Those that were noticed."""


def measure(
    context: Context,
    suite: Suite,
    files: Sequence[ChangedFile],
    made: Sequence[Mutant],
    seconds: float,
    side: Side = Side.HEAD,
    tests: Side | None = None,
) -> Measured:
    """Coverage and mutants of a side, in one sandbox, in at most ``seconds``; ``tests`` are by default its own."""
    tests = tests or side
    foreign = tests is not side and bool(suite.overlay)
    made = made[:MAX_MUTANTS]
    also: dict[str, set[int]] = {file.path: set() for file in files}
    for mutant in made:
        also[mutant.path] |= set(mutant.covered_by)
    request = {
        "files": {
            file.path: {"changed": sorted(file.lines), "also": sorted(also[file.path])} for file in files
        },
        "mutants": [dataclasses.asdict(mutant) for mutant in made],
        "addopts": suite.layout(tests).kept_options(),
        "overlay": {"from": tests.value, "paths": list(suite.overlay)} if foreign else {},
        "seconds": seconds,
    }
    wall = seconds + START_SECONDS
    values = {"wall_seconds": wall, "cpu_seconds": max(context.limits.cpu_seconds, wall)}
    limits = Limits(**{**dataclasses.asdict(context.limits), **values})
    trees = (tests,) if foreign else ()
    label = "defects in changed lines"
    probe = Probe(entry="mutation/run.py", request=request, also=trees, limits=limits, label=label)
    return decode(context.run(side, probe), files, made)


def decode(reply: Reply, files: Sequence[ChangedFile], made: Sequence[Mutant]) -> Measured:
    """A reply, strictly: whatever names a file or a mutant that was not asked about is dropped."""
    lines = {}
    changed = {file.path: file.lines for file in files}
    for message in reply.of("file"):
        path = message.get("path")
        if isinstance(path, str) and path in changed:
            lines[path] = _lines(message, changed[path])
    if isinstance(reply.end, Limited):
        return Measured(lines, doubt=f"the measurement hit its limit of {reply.end.limit}")
    measured, mutated = reply.of("measured"), reply.of("mutated")
    if len(measured) != 1 or measured[0].get("complete") is not True:
        return Measured({}, doubt="the tests did not come to their end while coverage was measured")
    if len(mutated) != 1:
        return Measured(lines, doubt="no defect could be tried")
    if mutated[0].get("honest") is not True:
        return Measured(lines, doubt="tests fail under repetition even where nothing was changed")
    survivors, caught, settled = [], list[Mutant](), 0
    for message in reply.of("mutant"):
        number = message.get("number")
        if not isinstance(number, int) or not 0 <= number < len(made):
            continue
        settled += 1
        if message.get("result") == "noticed":
            caught.append(made[number])
        if message.get("result") == "survived":
            survivors.append(_survivor(made[number], message))
    jobs = mutated[0].get("jobs")
    cut = mutated[0].get("complete") is not True
    left = max(0, jobs - settled) if cut and isinstance(jobs, int) else 0
    return Measured(lines, tuple(survivors), len(caught), left, caught=tuple(caught))


def _lines(message: Message, changed: frozenset[int]) -> Lines:
    pairs = [
        (pair[0], pair[1])
        for pair in _list(message, "branches")
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, int) for one in pair)
    ]
    return Lines(
        changed & _numbers(message, "statements"),
        changed & _numbers(message, "missing"),
        tuple(pair for pair in pairs if pair[0] in changed),
    )


def _survivor(mutant: Mutant, message: Message) -> Survivor:
    tests = tuple(text[:400] for text in _list(message, "tests")[:50] if isinstance(text, str))
    count = message.get("count")
    return Survivor(mutant, tests, count if isinstance(count, int) else len(tests))


def _list(message: Message, key: str) -> list[Any]:
    value = message.get(key)
    return value if isinstance(value, list) else []


def _numbers(message: Message, key: str) -> frozenset[int]:
    return frozenset(one for one in _list(message, key) if isinstance(one, int))
