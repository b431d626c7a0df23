"""Which functions behave differently while a test runs: by recorded calls on both codes."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from harness.check.interface import Context, Declaration, Difference, Probe, Side

from .runs import TEST_SECONDS, Call, Run, decode, probe
from .suite import Suite

MAX_DECLARING = 300
MAX_FAILING = 40
MAX_AGAIN = 20
SLOWER = 3
"""How many times as long a test may take where its calls are recorded a second time."""


@dataclass(frozen=True)
class Evidence:
    """Differences by test id: of head's declaring tests, and of base's failing ones."""

    declared: Mapping[str, Sequence[Difference]] = field(default_factory=dict)
    failing: Mapping[str, Sequence[Difference]] = field(default_factory=dict)
    called: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Symbols that head's declaring tests call on head's code."""
    lost: Sequence[str] = ()
    """Declaring tests whose calls could not be recorded in time."""

    @property
    def declarations(self) -> list[Declaration]:
        return [
            Declaration(one, test, self.called.get(test, frozenset()))
            for test, found in self.declared.items()
            for one in found
        ]

    def covers(self, ids: Iterable[str]) -> bool | None:
        """Whether what fails these tests of base is what head's tests declare.

        None when nothing was recorded for them, so that nothing can be said.
        """
        wanted = {_class(one) for nodeid in ids for one in self.failing.get(nodeid, ())}
        declared = {_class(one) for found in self.declared.values() for one in found}
        return bool(wanted & declared) if wanted else None


def _class(difference: Difference) -> tuple[str, str, str]:
    return difference.symbol, difference.before, difference.after


def gather(
    context: Context,
    suite: Suite,
    declaring: Sequence[str],
    failing: Sequence[str],
    hanging: Set[str] = frozenset(),
) -> Evidence:
    """Run the given tests again on both codes, recording the calls of the tree's functions.

    A test goes on after an assertion that fails, so that each difference that it shows is seen.
    What fails base's tests matters only where something is declared that could explain it.
    ``hanging`` are declaring tests that do not end on base, recorded or not.
    """
    failing = failing if declaring else []
    jobs = []
    for side, ids in ((Side.HEAD, declaring[:MAX_DECLARING]), (Side.BASE, failing[:MAX_FAILING])):
        for code in (Side.BASE, Side.HEAD):
            if ids:
                jobs.append((code, _recording(context, suite, side, code, ids)))
    runs = [decode(reply) for reply in context.run_all(*jobs)] if jobs else []
    lost: list[str] = []
    called: dict[str, frozenset[str]] = {}
    declared: dict[str, list[Difference]] = {}
    failed: dict[str, list[Difference]] = {}
    if declaring:
        runs[:2], lost = _again(context, suite, declaring[:MAX_DECLARING], runs[:2], hanging)
        declared = _differences(declaring, runs[0], runs[1])
        called = {one: frozenset(call.symbol for call in runs[1].result(one).calls) for one in declared}
    if failing:
        failed = _differences(failing, runs[-2], runs[-1])
    return Evidence(declared, failed, called, lost)


def _again(
    context: Context, suite: Suite, ids: Sequence[str], runs: Sequence[Run], hanging: Set[str]
) -> tuple[list[Run], list[str]]:
    """(the runs, completed; what is still lost): recording is slow, and a declaration that it loses blocks."""
    lost = [one for one in ids if one not in hanging and any(_late(run, one) for run in runs)]
    if not lost:
        return list(runs), []
    request = {"test_seconds": TEST_SECONDS * SLOWER, "seconds": TEST_SECONDS * SLOWER * 2}
    sides = (Side.BASE, Side.HEAD)
    jobs = [
        (code, _recording(context, suite, Side.HEAD, code, lost[:MAX_AGAIN], **request)) for code in sides
    ]
    second = [decode(reply) for reply in context.run_all(*jobs)]
    made = [
        dataclasses.replace(run, tests={**run.tests, **again.tests})
        for run, again in zip(runs, second, strict=True)
    ]
    return made, [one for one in lost if any(_late(run, one) for run in made)]


def _late(run: Run, nodeid: str) -> bool:
    """Whether the time of a test, or of the whole run, ended before its calls were recorded."""
    result = run.result(nodeid)
    return result.ended == "timed out" or (nodeid not in run.tests and (run.timed_out or bool(run.problem)))


def _recording(
    context: Context, suite: Suite, side: Side, code: Side, ids: Sequence[str], **request: float
) -> Probe:
    files = sorted({nodeid.partition("::")[0] for nodeid in ids})
    return probe(
        context, suite, side, label=f"recording {side.value}'s tests on {code.value}'s code",
        only=list(ids), paths=files, record="outcomes", lenient=sorted(suite.files[side]) if code != side else [],
        **request,
    )  # fmt: skip


def _differences(ids: Iterable[str], base: Run, head: Run) -> dict[str, list[Difference]]:
    found = {}
    for nodeid in ids:
        differences = compare(base.result(nodeid).calls, head.result(nodeid).calls)
        if differences:
            found[nodeid] = differences
    return found


def compare(base: Sequence[Call], head: Sequence[Call]) -> list[Difference]:
    """The classes in which calls of the same symbol differ, each once, outer calls first.

    Calls meet by equal arguments; those that the test itself makes meet by their order, as
    its code is the same on both sides even where an argument looks different.
    """
    found: dict[Difference, bool] = {}
    ours, theirs = _by_symbol(base), _by_symbol(head)
    for symbol, calls in ours.items():
        for before, after in pairs(calls, theirs.get(symbol, [])):
            difference = difference_of(before, after)
            if difference is not None:
                found[difference] = found.get(difference, True) and before.nested
    return sorted(found, key=lambda one: found[one])


def _by_symbol(calls: Iterable[Call]) -> dict[str, list[Call]]:
    groups: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        groups[call.symbol].append(call)
    return groups


def pairs(base: Sequence[Call], head: Sequence[Call]) -> list[tuple[Call, Call]]:
    """Calls of one symbol that are the same call on the two sides."""
    met: list[tuple[Call, Call]] = []
    waiting: dict[str, list[Call]] = defaultdict(list)
    for call in head:
        waiting[call.key or ""].append(call)
    left = []
    for call in base:
        same = waiting.get(call.key or "") if call.key else None
        if same:
            met.append((call, same.pop(0)))
        else:
            left.append(call)
    used = {id(after) for _, after in met}
    direct = [call for call in head if not call.nested and id(call) not in used]
    met += zip([call for call in left if not call.nested], direct, strict=False)
    used |= {id(after) for _, after in met}
    rest = [call for call in head if call.nested and id(call) not in used]
    for call in left:
        extended = next((other for other in rest if call.nested and _extends(call.key, other.key)), None)
        if extended is not None:
            rest.remove(extended)
            met.append((call, extended))
    return met


def _extends(base: str | None, head: str | None) -> bool:
    """Whether head's arguments are base's and those of new parameters behind them."""
    if not base or not head or len(head) <= len(base):
        return False
    start = base.removesuffix(")").removesuffix(",")
    return head.startswith(start + ", ")


def difference_of(before: Call, after: Call) -> Difference | None:
    """The class of the difference of two calls, as the guest library's ``outcome`` defines it."""
    symbol = before.symbol
    if before.kind != after.kind:
        refusal = before.site if not after.kind.startswith("raises ") else None
        return Difference(symbol, before.kind, after.kind, refusal)
    if before.kind == "value" and before.text != after.text:
        return Difference(symbol, "value", "value", f"{before.group}→{after.group}")
    if before.mutated != after.mutated:
        sides = ["mutates" if call.mutated is not None else call.kind for call in (before, after)]
        return Difference(symbol, sides[0], sides[1])
    return Difference(symbol, "writes", "writes") if before.written != after.written else None
