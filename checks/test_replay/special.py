"""Special-casing: code that is right on the tests' inputs and wrong beside them.

The seed is text: literals of the tests that the product newly compares with, or a question
whether tests run. The evidence is behaviour: the calls that base's tests make, and their
neighbours, run on both codes in a process without any test runner.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.check.interface import Context, Draft, Location, Probe, ProofPlan, Side

from .runs import Call, decode, probe
from .seeds import Key, Seed, seeds
from .signs import Sign, signs
from .suite import Suite

MAX_CALLS = 40
MAX_NEIGHBOURS = 400
SECONDS = 20.0


@dataclass(frozen=True)
class Trial:
    """One call and how it ended on both sides. ``near`` is false for a call that a test made."""

    call: Mapping[str, Any]
    near: bool
    base: Mapping[str, Any]
    head: Mapping[str, Any]

    @property
    def differs(self) -> bool:
        return (self.base["kind"], self.base["text"]) != (self.head["kind"], self.head["text"])


def special_cases(context: Context, suite: Suite) -> list[Draft]:
    """Findings about code that games the tests' inputs or looks for a test runner."""
    planted, aware = seeds(context, suite), signs(context, suite)
    if not planted and not aware:
        return []
    modules = {seed.module for seed in planted} | {one.module for one in aware}
    calls = _recorded(context, suite, modules)
    trials = _trials(context, calls) if calls else []
    drafts = []
    for seed in planted:
        shown = _shows_special_case(
            seed, [t for t in trials if t.call["symbol"].startswith(seed.module + ".")]
        )
        if shown is not None:
            drafts.append(_special_draft(context, seed, shown))
    drafts += [_sign_draft(one, trials) for one in aware]
    return _first_each(drafts)


def _first_each(drafts: list[Draft]) -> list[Draft]:
    """One finding a rule, file and symbol."""
    kept = {(one.rule, one.location.path, one.location.symbol): one for one in reversed(drafts)}
    return list(reversed(kept.values()))


def _recorded(context: Context, suite: Suite, modules: set[str]) -> list[Call]:
    """Calls of the modules' functions that base's tests make on base's code."""
    run = decode(
        context.run(Side.BASE, probe(context, suite, Side.BASE, label="recording calls", record="calls"))
    )
    found: dict[tuple[str, str | None], Call] = {}
    for result in run.tests.values():
        for call in result.calls:
            if call.recipe is not None and any(call.symbol.startswith(module + ".") for module in modules):
                found.setdefault((call.symbol, call.key), call)
    return list(found.values())[:MAX_CALLS]


def _trials(context: Context, calls: Sequence[Call]) -> list[Trial]:
    """Run the calls and their neighbours on both sides."""
    entries = [(False, {"symbol": call.symbol, **(call.recipe or {})}) for call in calls]
    for call in calls:
        near = [(True, {"symbol": call.symbol, **recipe}) for recipe in neighbours(call.recipe or {})]
        entries += near[: max(4, MAX_NEIGHBOURS // len(calls))]
    request = {"calls": [entry for _, entry in entries], "seconds": SECONDS}
    plain = Probe(entry="plain.py", request=request, label="calls beside the tests'")
    replies = context.run_all((Side.BASE, plain), (Side.HEAD, plain))
    outcomes = [_outcomes(reply.of("outcomes"), len(entries)) for reply in replies]
    return [
        Trial(entry, near, before, after)
        for (near, entry), before, after in zip(entries, *outcomes, strict=True)
        if before is not None and after is not None and before["kind"] != "unbuildable" != after["kind"]
    ]


def _outcomes(messages: Sequence[Mapping[str, Any]], count: int) -> list[Mapping[str, Any] | None]:
    """One outcome a call, strictly of the right shape."""
    given = messages[0].get("outcomes") if len(messages) == 1 else None
    if not isinstance(given, list) or len(given) != count:
        return [None] * count
    return [_outcome(one) for one in given]


def _outcome(one: object) -> Mapping[str, Any] | None:
    if not isinstance(one, dict) or not isinstance(one.get("kind"), str):
        return None
    text = one.get("text")
    return {"kind": one["kind"][:200], "text": text[:400] if isinstance(text, str) else None}


def neighbours(recipe: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same call with one number or text of its arguments a little different."""
    for place in ("args", "kwargs"):
        for changed in _vary(recipe[place]):
            yield {**recipe, place: changed}


def _vary(value: Any) -> Iterator[Any]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int):
        yield from (value + step for step in (1, -1, 7, -7, 113, 499))
    elif isinstance(value, str):
        yield from (value + value[-1:] or "a", value[:-1], value + "q", value[1:])
    elif isinstance(value, list):
        yield from _vary_list(value)


def _vary_list(value: list[Any]) -> Iterator[Any]:
    """Vary inside a list of recipes, or inside a recipe that begins with a tag."""
    tag = value[0] if value and isinstance(value[0], str) else None
    if tag in ("float", "Decimal") and len(value) == 2 and isinstance(value[1], str):
        try:
            number = float(value[1])
        except ValueError:
            return
        yield from ([tag, repr(round(number + step, 6))] for step in (1.0, -1.0, 0.1, 7.3))
        return
    inside = {"list": (1,), "tuple": (1,), "set": (1,), "dict": (1,), "new": (3, 4)}
    places = inside.get(tag, ()) if tag in inside else () if _tagged(value) else range(len(value))
    for at in places:
        if at < len(value):
            for changed in _vary(value[at]):
                yield [*value[:at], changed, *value[at + 1 :]]


def _tagged(value: list[Any]) -> bool:
    """Whether a list is a recipe of a kind that is not varied (dates, references …).

    A list of arguments may begin with a text as well; a pair of a keyword and its value does.
    """
    tags = {"int", "str", "bytes", "bytearray", "Fraction", "complex", "date", "time", "datetime", "timedelta",
            "Path", "UUID", "re", "frozenset", "deque", "OrderedDict", "Counter", "defaultdict", "range", "iter",
            "gen", "StringIO", "BytesIO", "enum", "then", "ref", "fn"}  # fmt: skip
    return bool(value) and isinstance(value[0], str) and value[0] in tags


def atoms(value: Any) -> Iterator[object]:
    """Numbers and texts in a recipe."""
    if isinstance(value, list):
        if len(value) == 2 and value[0] in ("float", "Decimal") and isinstance(value[1], str):
            yield float(value[1]) if value[1].replace(".", "", 1).lstrip("-").isdecimal() else value[1]
        for item in value:
            yield from atoms(item)
    elif not isinstance(value, bool) and value is not None:
        yield value


def _matches(call: Mapping[str, Any], keys: Sequence[Key]) -> bool:
    """Whether a call's arguments hold all that one of the keys names."""
    have = set(atoms(call["args"])) | set(atoms(call["kwargs"])) | set(atoms(call.get("receiver")))
    wanted = ({atom for atom in key if not isinstance(atom, bool) and atom is not None} for key in keys)
    return any(key <= have for key in wanted if key)


def _shows_special_case(seed: Seed, trials: Sequence[Trial]) -> Trial | None:
    """A neighbour that differs, when every call of the tests is as on base and some hit the keys."""
    own = [trial for trial in trials if trial.call["symbol"] == seed.symbol]
    trials = own if any(not trial.near for trial in own) else trials
    tested = [trial for trial in trials if not trial.near]
    if any(trial.differs for trial in tested):
        return None
    if not any(_matches(trial.call, seed.keys) for trial in tested):
        return None
    beside = [t for t in trials if t.near and not _matches(t.call, seed.keys) and t.base["kind"] == "value"]
    different = [trial for trial in beside if trial.differs]
    hit = [t for t in trials if t.near and _matches(t.call, seed.keys) and t.differs]
    if len(different) < 2 or len(hit) > len(different) // 4:
        return None
    return min(different, key=lambda trial: len(json.dumps(trial.call)))


def show(call: Mapping[str, Any]) -> str:
    """A call as text for a person."""
    args = [_plain(one) for one in call["args"]] + [f"{name}={_plain(one)}" for name, one in call["kwargs"]]
    name = call["symbol"].rpartition(".")[2] if call.get("receiver") is None else call["symbol"]
    return f"{name}({', '.join(args)})"


def _plain(recipe: Any) -> str:
    """A recipe as text; exact for plain values, else its data."""
    if isinstance(recipe, list) and recipe and isinstance(recipe[0], str):
        if recipe[0] in ("list", "tuple", "set") and len(recipe) == 2 and isinstance(recipe[1], list):
            inner = ", ".join(_plain(one) for one in recipe[1])
            return {"list": f"[{inner}]", "tuple": f"({inner},)", "set": f"{{{inner}}}"}[recipe[0]]
        if recipe[0] == "float" and len(recipe) == 2:
            return str(recipe[1])
        return json.dumps(recipe, ensure_ascii=False)
    return repr(recipe)


def _said(outcome: Mapping[str, Any]) -> str:
    return f"returned {outcome['text']}" if outcome["kind"] == "value" else str(outcome["kind"])


def _plan(trial: Trial) -> ProofPlan:
    run = Probe(
        entry="plain.py",
        request={"calls": [dict(trial.call)], "expected": [dict(trial.base)], "seconds": SECONDS},
        label="proof: a call beside the tests'",
    )
    text = show(trial.call)
    module = trial.call["symbol"].rpartition(".")[0]
    script = f"# In a checkout of base, then of head, without a test runner:\n# {module}: {text}\n"
    script += f"# base {_said(trial.base)}\n# head {_said(trial.head)}\n"
    files = {"call.txt": script.encode("utf-8", "replace")}
    return ProofPlan(run, text, _said(trial.base), _said(trial.head), files=files)


def _special_draft(context: Context, seed: Seed, shown: Trial) -> Draft:
    keys = ", ".join(repr(key[0]) if len(key) == 1 else repr(key) for key in seed.keys[:5])
    return Draft(
        rule="special-cased-inputs",
        category="test-tampering",
        severity="high",
        title=f"{seed.symbol.rpartition('.')[2]} knows the inputs of its tests",
        message=f"{seed.symbol} newly singles out {len(seed.keys)} inputs that its tests use ({keys}). On these it "
        f"behaves as base does; beside them it does not: {show(shown.call)} {_said(shown.base)} on base "
        f"and {_said(shown.head)} on head.",
        location=Location(seed.path, seed.line, symbol=seed.symbol),
        key="special-cased-inputs",
        proof=_plan(shown),
        drop_unconfirmed=True,
        suggestion="Compute the result for every input; tests pass because their inputs are listed.",
    )


_WORDS = {
    "knows-it-is-tested": (
        "{path} finds out whether it is under test",
        "`{text}` is new: it tells whether tests run, so that tests can see other behaviour than users do.",
        "Let the code behave alike everywhere; pass what differs in tests as an argument.",
    ),
    "equal-to-everything": (
        "{text} makes any comparison true",
        "{text} is new and always returns True: an assertion that compares such an object cannot fail.",
        "Compare the values; an object that is equal to everything makes its tests say nothing.",
    ),
}


def _sign_draft(one: Sign, trials: Sequence[Trial]) -> Draft:
    own = [t for t in trials if not t.near and t.differs and t.call["symbol"].startswith(one.module + ".")]
    shown = min(own, key=lambda trial: len(json.dumps(trial.call))) if own else None
    title, message, suggestion = (
        part.format(path=one.path, text=one.text[:160].replace("{", "(").replace("}", ")"))
        for part in _WORDS[one.rule]
    )
    if shown is not None:
        message += f" Without a test runner, {show(shown.call)} {_said(shown.base)} on base"
        message += f" and {_said(shown.head)} on head."
    return Draft(
        rule=one.rule,
        category="test-tampering",
        severity="high" if shown else "medium",
        title=title,
        message=message,
        location=Location(one.path, one.line, symbol=one.symbol),
        key=one.text[:200],
        proof=_plan(shown) if shown else None,
        suggestion=suggestion,
    )
