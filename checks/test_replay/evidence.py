"""Which functions behave differently while a test runs: by recorded calls on both codes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.check.interface import Context, Declaration, Difference, Side

from .runs import Call, Run, decode, probe
from .suite import Suite

MAX_DECLARING = 300
MAX_FAILING = 40


@dataclass(frozen=True)
class Evidence:
    """Differences by test id: of head's declaring tests, and of base's failing ones."""

    declared: Mapping[str, Sequence[Difference]] = field(default_factory=dict)
    failing: Mapping[str, Sequence[Difference]] = field(default_factory=dict)
    called: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Symbols that head's declaring tests call on head's code."""

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


def gather(context: Context, suite: Suite, declaring: Sequence[str], failing: Sequence[str]) -> Evidence:
    """Run the given tests again on both codes, recording the calls of the tree's functions.

    A test goes on after an assertion that fails, so that each difference that it shows is seen.
    What fails base's tests matters only where something is declared that could explain it.
    """
    failing = failing if declaring else []
    jobs = []
    for side, ids in ((Side.HEAD, declaring[:MAX_DECLARING]), (Side.BASE, failing[:MAX_FAILING])):
        for code in (Side.BASE, Side.HEAD):
            if ids:
                jobs.append((code, _recording(context, suite, side, code, ids)))
    runs = [decode(reply) for reply in context.run_all(*jobs)] if jobs else []
    called: dict[str, frozenset[str]] = {}
    declared: dict[str, list[Difference]] = {}
    failed: dict[str, list[Difference]] = {}
    if declaring:
        declared = _differences(declaring, runs[0], runs[1])
        called = {one: frozenset(call.symbol for call in runs[1].result(one).calls) for one in declared}
    if failing:
        failed = _differences(failing, runs[-2], runs[-1])
    return Evidence(declared, failed, called)


def _recording(context: Context, suite: Suite, side: Side, code: Side, ids: Sequence[str]):  # type: ignore[no-untyped-def]
    files = sorted({nodeid.partition("::")[0] for nodeid in ids})
    return probe(
        context, suite, side, label=f"recording {side.value}'s tests on {code.value}'s code",
        only=list(ids), paths=files, record="outcomes", lenient=sorted(suite.files[side]) if code != side else [],
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
    return None
