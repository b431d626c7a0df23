"""The four runs {base's tests, head's tests} × {base's code, head's code}, strictly decoded."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.check.interface import Context, Limited, Limits, Message, Probe, Reply, Side

from .canaries import Canaries
from .suite import Suite

OUTCOMES = frozenset({"passed", "failed", "error", "skipped", "xfailed", "xpassed", "missing"})
MAX_TESTS = 30_000
TEST_SECONDS = 30.0


@dataclass(frozen=True)
class Call:
    """One recorded call of a function of the tree; see the guest library's recorder."""

    symbol: str
    index: int
    nested: bool
    key: str | None
    kind: str
    group: str | None = None
    text: str | None = None
    mutated: str | None = None
    recipe: Mapping[str, Any] | None = None
    site: str | None = None
    written: str | None = None


@dataclass(frozen=True)
class Place:
    """Something named that a file of the tree does to the run: a hook, a replacement."""

    name: str
    path: str
    line: int


@dataclass(frozen=True)
class TestResult:
    """How one test ended. ``outcome`` is what happened, ``said`` what the report of pytest says."""

    __test__ = False

    id: str
    outcome: str
    said: str = ""
    rewritten: bool = False
    ended: str = ""
    seconds: float = 0.0
    phase: str = "call"
    exception: str = ""
    text: str = ""
    path: str = ""
    line: int = 0
    deepest: str = ""
    calls: tuple[Call, ...] = ()
    unawaited: tuple[Place, ...] = ()
    """Coroutines that nobody awaited, at the line where they were dropped; the path is empty outside of the tree."""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @property
    def failed(self) -> bool:
        return self.outcome in ("failed", "error")


@dataclass(frozen=True)
class Run:
    """One run: results by test id and the facts about the run as a whole."""

    tests: Mapping[str, TestResult] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    finished: bool = False
    status: int | None = None
    forged: int = 0
    timed_out: bool = False
    unfinished_rounds: int = 0
    exit_overridden: bool = False
    last: str = ""
    tail: str = ""
    hooks: tuple[Place, ...] = ()
    replaced: tuple[Place, ...] = ()
    foreign: tuple[str, ...] = ()
    crashed_files: tuple[str, ...] = ()
    collect_errors: Mapping[str, str] = field(default_factory=dict)
    canaries: Canaries = field(default_factory=lambda: Canaries({}, (), ()))
    problem: str = ""
    """Not empty: nothing can be said of this run; a sentence."""

    def result(self, nodeid: str) -> TestResult:
        """The result of a test; ``missing``, with the reason as text, when it has none."""
        known = self.tests.get(nodeid)
        if known is not None:
            return known
        path = nodeid.partition("::")[0]
        if path in self.collect_errors:
            text = self.collect_errors[path]
            return TestResult(nodeid, "missing", phase="collect", exception=_exception_of(text), text=text)
        if path in self.crashed_files:
            return TestResult(nodeid, "missing", phase="collect", text="importing it ended the process")
        return TestResult(nodeid, "missing", phase="none", text="it was not run")


def _exception_of(text: str) -> str:
    return text.partition(":")[0].strip()


def probe(
    context: Context, suite: Suite, tests: Side, *, label: str, seconds: float = 0, **request: Any
) -> Probe:
    """A probe that runs one side's tests, on whichever side's code it is run."""
    limits = context.limits
    seconds = seconds or max(10.0, limits.wall_seconds - 10)
    layout = suite.layout(tests)
    values = {
        "overlay": {"from": tests.value, "paths": list(suite.overlay)},
        "addopts": layout.kept_options(),
        "seconds": seconds,
        "test_seconds": min(TEST_SECONDS, seconds),
        **request,
    }
    longer = Limits(**{**dataclasses.asdict(limits), "wall_seconds": max(limits.wall_seconds, seconds + 10)})
    also = (tests,) if suite.overlay else ()
    return Probe(entry="run.py", request=values, also=also, limits=longer, label=label)


def decode(reply: Reply) -> Run:
    """A reply of the guest as a Run; whatever is not of the right shape is dropped."""
    facts = reply.of("run")
    if len(facts) != 1:
        return Run(problem=_why(reply))
    tests: dict[str, TestResult] = {}
    for message in reply.of("tests"):
        for entry in _list(message, "tests"):
            result = _test(entry)
            if result is not None and len(tests) < MAX_TESTS:
                tests[result.id] = result
    kept = [text for message in reply.of("collected") for text in _texts(message, "kept")]
    seen = [text for message in reply.of("collected") for text in _texts(message, "seen")]
    return _run(facts[0], tests, tuple(kept), tuple(seen))


def _run(facts: Message, tests: dict[str, TestResult], kept: tuple[str, ...], seen: tuple[str, ...]) -> Run:
    errors = {}
    for entry in _list(facts, "collect_errors"):
        if isinstance(entry, dict):
            errors[_text(entry, "id")] = _last_error(_text(entry, "text", 4000))
    status = facts.get("status")
    return Run(
        tests, kept, seen,
        finished=facts.get("finished") is True,
        status=status if isinstance(status, int) else None,
        forged=_number(facts, "forged"),
        timed_out=facts.get("timed_out") is True,
        unfinished_rounds=_number(facts, "unfinished_rounds"),
        exit_overridden=facts.get("exit_overridden") is True,
        last=_text(facts, "last"), tail=_text(facts, "tail", 4000),
        hooks=_places(facts, "hooks"), replaced=_places(facts, "replaced"),
        foreign=tuple(_texts(facts, "foreign")), crashed_files=tuple(_texts(facts, "crashed_files")),
        collect_errors=errors,
        problem="" if tests or kept or facts.get("status") in (0, 1, 2, 5) else _usage(facts),
    )  # fmt: skip


def _usage(facts: Message) -> str:
    lines = [line for line in _text(facts, "tail", 4000).splitlines() if line.strip()]
    return "pytest could not start: " + (lines[-1].strip()[:300] if lines else "it said nothing")


def _why(reply: Reply) -> str:
    if isinstance(reply.end, Limited):
        return f"the test run hit its limit of {reply.end.limit}"
    return "the test run gave no result: " + (reply.stderr.strip().splitlines() or ["no message"])[-1][:300]


def _last_error(text: str) -> str:
    lines = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return (lines[-1] if lines else text.strip()[-200:])[:400]


def _test(entry: object) -> TestResult | None:
    if not isinstance(entry, dict) or entry.get("outcome") not in OUTCOMES or not _text(entry, "id"):
        return None
    seconds = entry.get("seconds")
    return TestResult(
        _text(entry, "id"), entry["outcome"], _text(entry, "said"), entry.get("rewritten") is True,
        _text(entry, "ended"), float(seconds) if isinstance(seconds, int | float) else 0.0,
        _text(entry, "phase"), _text(entry, "exception"), _text(entry, "text", 600), _text(entry, "path"),
        _number(entry, "line"), _text(entry, "deepest"),
        tuple(call for call in map(_call, _list(entry, "recorded")) if call is not None),
        tuple(place for place in map(_unawaited, _list(entry, "unawaited")) if place is not None),
    )  # fmt: skip


def _unawaited(entry: object) -> Place | None:
    if not isinstance(entry, list) or len(entry) != 3:
        return None
    name, path, line = entry
    if not isinstance(name, str) or not isinstance(path, str) or type(line) is not int:
        return None
    return Place(name[:300], path[:1000], max(1, line))


def _call(entry: object) -> Call | None:
    if not isinstance(entry, dict) or not _text(entry, "symbol") or not _text(entry, "kind"):
        return None
    recipe = None
    if isinstance(entry.get("args"), list) and isinstance(entry.get("kwargs"), list):
        recipe = {name: entry.get(name) for name in ("args", "kwargs", "receiver")}
    return Call(
        _text(entry, "symbol"), _number(entry, "index"), entry.get("nested") is True,
        _optional(entry, "key"), _text(entry, "kind"), _optional(entry, "group"), _optional(entry, "text"),
        _optional(entry, "mutated"), recipe, _optional(entry, "site"), _optional(entry, "written"),
    )  # fmt: skip


def _text(entry: Mapping[str, Any], key: str, limit: int = 1000) -> str:
    value = entry.get(key)
    return value[:limit] if isinstance(value, str) else ""


def _optional(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value[:1000] if isinstance(value, str) else None


def _number(entry: Mapping[str, Any], key: str) -> int:
    value = entry.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _list(entry: Mapping[str, Any], key: str) -> list[Any]:
    value = entry.get(key)
    return value if isinstance(value, list) else []


def _texts(entry: Mapping[str, Any], key: str) -> list[str]:
    return [value[:1000] for value in _list(entry, key) if isinstance(value, str)]


def _places(entry: Mapping[str, Any], key: str) -> tuple[Place, ...]:
    found = [item for item in _list(entry, key) if isinstance(item, dict)]
    return tuple(
        Place(_text(item, "name"), _text(item, "path"), max(1, _number(item, "line"))) for item in found
    )


@dataclass(frozen=True)
class Four:
    """The four runs; ``bh`` is base's tests on head's code. Equal runs are the same object."""

    bb: Run
    bh: Run
    hb: Run
    hh: Run

    def every(self) -> Iterable[tuple[Side, Side, Run]]:
        """(side of the tests, side of the code, run)."""
        return (
            (Side.BASE, Side.BASE, self.bb), (Side.BASE, Side.HEAD, self.bh),
            (Side.HEAD, Side.BASE, self.hb), (Side.HEAD, Side.HEAD, self.hh),
        )  # fmt: skip


def four_runs(context: Context, suite: Suite) -> Four:
    """Run what differs, at the same time: two runs where only code or only tests changed."""
    pairs = [(Side.BASE, Side.BASE), (Side.HEAD, Side.HEAD)]
    if suite.overlay and suite.code_changed:
        pairs += [(Side.BASE, Side.HEAD), (Side.HEAD, Side.BASE)]
    jobs, beside = [], []
    for tests, code in pairs:
        label = f"{tests.value}'s tests on {code.value}'s code"
        # Nothing of the change takes part in this one: it serves for every change of the same base.
        alone = tests is code is Side.BASE
        canaries = suite.known if alone else suite.canaries
        run = probe(context, suite, tests, label=label, canaries=canaries.files)
        if alone:
            run = dataclasses.replace(run, request={**run.request, "overlay": {}}, also=(), keep=True)
        jobs.append((code, run))
        beside.append(canaries)
    replies = context.run_all(*jobs)
    runs = [
        dataclasses.replace(decode(reply), canaries=one) for reply, one in zip(replies, beside, strict=True)
    ]
    bb, hh = runs[0], runs[1]
    if len(runs) == 4:
        return Four(bb, runs[2], runs[3], hh)
    return Four(bb, bb, hh, hh) if suite.overlay else Four(bb, hh, bb, hh)
