"""Turns a shrunk case into a draft finding with its proof."""

import contextlib
from typing import Any

from harness.check.interface import Difference, Draft, Location, Probe, ProofPlan, Severity

from .calls import UnwritableTestError
from .cases import Case
from .compare import Observed, Split, split
from .search import Search
from .syntax import Module
from .target import Target
from .testfile import Shown, TestWriter
from .wire import Scenario, Side

PROOF_SECONDS = 5.0
MAX_SHOWN = 400
MAX_TRIED = 5
MAX_OTHERS = 8


def draft_of(case: Case, target: Target, search: Search, module: Module | None) -> Draft | str:
    """The draft of a case, or the reason why there is none."""
    scenario = case.scenarios[0][0]
    old, old_parts = search.base.explain(scenario)
    new, new_parts = search.head.explain(scenario)
    again = split(old, new, search.expected)
    if again is None or search.key(scenario, again) != case.key:
        return "the difference could not be shown a second time"
    case.split = again  # the step has another number in the smaller scenario
    base = Shown(old[again.step], old_parts, old)
    head = Shown(new[again.step], new_parts, new)
    receiver = scenario[0] is not None
    try:
        writer = TestWriter(base, case.split, receiver, head)
        called = short(writer.call())
        pinned = writer.test("base", "Pins what base does: passes on base, fails on head.", base)
    except UnwritableTestError as problem:
        return str(problem)
    files = {"test_@id@_base.py": pinned}
    with contextlib.suppress(UnwritableTestError):  # a hang or an object without source: nothing to pin
        files["test_@id@_head.py"] = TestWriter(head, case.split, receiver, base).test(
            "head", "Pins what head does: commit it to declare the difference.", head
        )
    pins_head = files.get("test_@id@_head.py")
    told = told_as(base.outcome, case.split), told_as(head.outcome, case.split)
    plan = ProofPlan(
        probe=_proof(pinned, f"proof {case.key[0]}"),
        input=called,
        base=told[0],
        head=told[1],
        files=files,
        alike=_proof(pins_head, f"whether {case.key[0]} does as on head") if pins_head else None,
    )
    return _draft(case, target, plan, module, search.cause(scenario, again))


def _proof(test: bytes, label: str) -> Probe:
    return Probe(entry="prove.py", request={"test": test.decode(), "seconds": PROOF_SECONDS}, label=label)


def any_draft_of(case: Case, target: Target, search: Search, module: Module | None) -> Draft | str:
    """The draft of the simplest scenario of which a test can be written; else why there is none of the simplest."""
    made = draft_of(case, target, search, module)
    if isinstance(made, Draft) or case.split.after in ("hangs", "crashes", "races"):
        return made
    for scenario in sorted(case.varied.values(), key=case.measure)[:MAX_TRIED]:
        again = Case(case.key, case.split, case.measure, [(scenario, [], [])])
        other = draft_of(again, target, search, module)
        if isinstance(other, Draft):
            return other
    return made


def others_of(case: Case, target: Target, search: Search, module: Module | None) -> list[Draft]:
    """Drafts of further inputs of the class, one for each way through the code; not shrunk."""
    if case.split.after in ("hangs", "crashes", "races"):
        return []
    chosen: dict[tuple[str, str], Scenario] = {}
    scenarios = sorted(case.varied.values(), key=case.measure)
    for scenario, *ways in zip(
        scenarios, search.base.ways(scenarios), search.head.ways(scenarios), strict=True
    ):
        chosen.setdefault((ways[0], ways[1]), scenario)
    found = []
    for scenario in list(chosen.values())[:MAX_OTHERS]:
        made = draft_of(
            Case(case.key, case.split, case.measure, [(scenario, [], [])]), target, search, module
        )
        if isinstance(made, Draft):
            found.append(made)
    return found


def written(side: Side, scenario: Scenario) -> str:
    """The calls of a scenario as Python, empty where they cannot be written."""
    outcomes, parts = side.explain(scenario)
    if not outcomes:
        return ""
    at = len(outcomes) - 1
    shown = Shown(outcomes[at], parts, outcomes)
    try:
        return short(TestWriter(shown, Split(at, "value", "value"), scenario[0] is not None).call(), 120)
    except UnwritableTestError:
        return ""


def _draft(case: Case, target: Target, plan: ProofPlan, module: Module | None, cause: str | None) -> Draft:
    symbol, before, after, narrow = case.key
    name = symbol.removeprefix(target.module + ".")
    function = module.functions.get(name) if module else None
    behind = f" It reaches the changed {', '.join(target.proxy)}." if target.proxy else ""
    behind += caused(cause.removeprefix(target.module + ".")) if cause else ""
    return Draft(
        rule=rule_of(case.split),
        category="regression",
        severity=severity_of(case.split),
        title=_title(name, case.split, target.kind),
        message=f"{plan.input} {plan.base} on base; on head it {plan.head}.{behind}",
        location=Location(
            target.path, function.line if function else 1, function.end_line if function else None, symbol
        ),
        key=f"{before}→{after}:{narrow or ''}",
        difference=Difference(symbol, before, after, narrow, cause),
        proof=plan,
        drop_unconfirmed=True,
        suggestion="Keep base's behaviour (its test is in the proof folder), or commit the test that pins head's.",
    )


def caused(name: str) -> str:
    """The sentence that tells where a difference comes from which an unchanged method shows."""
    return f" What changed is {name}(), which was called before."


def told_as(outcome: Observed, split: Split) -> str:
    """What a side did, in words."""
    kind = outcome["kind"]
    if kind == "hangs":
        return "does not return"
    if kind == "races":
        return "gives what no order of the calls gives"
    if kind == "crashes":
        return "ends the process"
    if "mutates" in (split.before, split.after):
        state = outcome.get("mutated")
        return (
            "leaves its arguments as they were"
            if state is None
            else f"changes its arguments to {short(state)}"
        )
    if "prints" in (split.before, split.after):
        printed = outcome.get("printed")
        return "prints nothing" if printed is None else f"prints {short(repr(printed))}"
    if "writes" in (split.before, split.after):
        written = outcome.get("written")
        said = "writes nothing" if written is None else short(written)
        return said if said.startswith(("removes", "writes")) else f"writes {said}"
    if kind.startswith("raises "):
        message = outcome.get("message", "")
        return str(kind).replace("raises", "raised") + (f": {short(message)}" if message else "")
    return f"returned {short(outcome.get('text', '?'))}"


def short(text: Any, length: int = MAX_SHOWN) -> str:
    """Printable and of a readable length."""
    plain = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _title(name: str, split: Split, kind: str) -> str:
    made, _, method = name.rpartition(".")
    if method == "__init__" and rule_of(split) == "other-value":
        return f"{made}() makes an object with another content"
    return f"{name}() {verb(split, kind)}"


def rule_of(split: Split) -> str:
    if split.after in ("hangs", "crashes", "races"):
        return split.after
    if split.after.startswith("raises "):
        return "other-error" if split.both_raise else "new-error"
    if split.before.startswith("raises "):
        return "lost-error"
    return {"mutates": "mutation", "prints": "output", "writes": "files"}.get(
        split.after if split.after != "value" else split.before, "other-value"
    )


def severity_of(split: Split) -> Severity:
    return "medium" if rule_of(split) in ("other-error", "output") else "high"


def verb(split: Split, kind: str = "function") -> str:
    """What a function, or a method where ``kind`` is "class", does on head, in words."""
    watched = "arguments" if kind == "function" else "object or its arguments"
    old, new = split.before.removeprefix("raises "), split.after.removeprefix("raises ")
    return {
        "hangs": "no longer returns",
        "crashes": "ends the process",
        "races": "gives, called twice at the same time, what no order of the calls gives",
        "new-error": f"raises {new} where base answered",
        "other-error": f"raises {new} instead of {old}",
        "lost-error": f"no longer raises {old}",
        "mutation": f"changes its {watched} differently",
        "output": "prints something else",
        "files": "writes something else",
        "other-value": "returns another value",
    }[rule_of(split)]
