"""Properties of results that base keeps on every input tried and that head breaks, said as a sentence.

They are tried for functions that differ only, and name what the difference breaks: a finding
carries the class of the difference that its input shows, so that a declared one stays declared.
"""

import time
from typing import Any

from harness.check.interface import Difference, Draft, Location, Probe, ProofPlan
from harness.check.python_source import read_python

from .calls import UnwritableTestError, expression
from .compare import Observed, split
from .drafts import PROOF_SECONDS, short
from .leading import statement
from .shrink import shrink, size
from .syntax import Module
from .target import Target
from .wire import Scenario, Side

ENOUGH = 200
MOST = 1200
BATCH = 250
ROUNDS = 4
"""Batches that are asked for in any case: on a busy machine time alone would judge nothing."""
SECONDS = 2.5
SHRINK_SECONDS = 2.0

SENTENCES = {
    "permutation": "{f}() returns the items that it was given, no more and no fewer",
    "sorted": "the result of {f}() is in ascending order",
    "distinct": "the result of {f}() holds nothing twice",
    "subset": "everything that {f}() returns is one of the items that it was given",
    "same_length": "the result of {f}() is as long as what it was given",
    "commutative": "{f}(a, b) is {f}(b, a)",
    "rising": "{f}() never falls when its first argument rises",
    "between": "the result of {f}() lies between the smallest and the largest number given",
    "share": "the result of {f}() lies between 0 and 1",
    "not_negative": "the result of {f}() is never negative",
    "repeatable": "{f}() gives the same again for the same arguments",
}
"""By name of ``guest/facts``, the most telling first: one is told of each function.

That a function answers for every input of a type, never returns None or leaves its arguments as
they were is said by the difference itself, and not told a second time.
"""

ASSERTIONS = {
    "permutation": ["result = {call}", "assert sorted(result, key=repr) == sorted({first}, key=repr)"],
    "sorted": ["result = {call}", "assert list(result) == sorted(result)"],
    "distinct": ["result = {call}", "assert len({{repr(item) for item in result}}) == len(result)"],
    "subset": ["result = {call}", "assert all(item in {first} for item in result)"],
    "same_length": ["result = {call}", "assert len(result) == len({first})"],
    "commutative": ["assert {call} == {swapped}"],
    "rising": ["assert {call} <= {next}"],
    "between": ["result = {call}", "assert min({first}) <= result <= max({first})"],
    "share": ["result = {call}", "assert 0 <= result <= 1"],
    "not_negative": ["result = {call}", "assert result >= 0"],
    "repeatable": ["assert {call} == {call}"],
}


class FactSearch:
    """Tries one function with two open sessions."""

    def __init__(self, base: Side, head: Side, opening: dict[str, Any], target: Target) -> None:
        self.base = base
        self.head = head
        self.opening = {**opening, "facts": True}
        self.target = target
        self.held = 0

    def run(self) -> tuple[str, Scenario] | None:
        """The most telling property that head breaks, and the smallest input that shows it."""
        if self.base.open(self.opening) is not None:
            return None
        scenarios, kept = self._on_base(time.monotonic() + SECONDS)
        plain = {name: self.opening[name] for name in ("module", "name", "kind", "focus", "facts")}
        if not kept or self.head.open(plain) is not None:
            return None
        broken: dict[str, list[Scenario]] = {}
        for start in range(0, len(scenarios), BATCH):
            batch = scenarios[start : start + BATCH]
            for scenario, (outcomes, _) in zip(batch, self.head.execute(batch), strict=True):
                for name in kept:
                    if outcomes and f"-{name}" in words(outcomes):
                        broken.setdefault(name, []).append(scenario)
        for name in (one for one in SENTENCES if one in broken):
            self.held = kept[name]
            return name, self._smallest(name, min(broken[name], key=size))
        return None

    def _on_base(self, end: float) -> tuple[list[Scenario], dict[str, int]]:
        """Plausible inputs, and how often each property held that never failed and held often enough."""
        scenarios: list[Scenario] = []
        held: dict[str, int] = {}
        failed: set[str] = set()
        rounds = 0
        while (time.monotonic() < end or rounds < ROUNDS) and len(scenarios) < MOST:
            rounds += 1
            self.base.generate(BATCH, 0.5)
            items, _ = self.base.generated()
            if not items:
                break
            for scenario, outcomes, fits in items:
                said = words(outcomes) if fits else []
                failed |= {one[1:] for one in said if one.startswith("-")}
                for one in said:
                    if one.startswith("+"):
                        held[one[1:]] = held.get(one[1:], 0) + 1
                if said:
                    scenarios.append(scenario)
        kept = {name: count for name, count in held.items() if count >= ENOUGH and name not in failed}
        return scenarios, kept

    def _smallest(self, name: str, start: Scenario) -> Scenario:
        end = time.monotonic() + SHRINK_SECONDS

        def still(batch: list[Scenario]) -> list[bool]:
            old, new = self.base.execute(batch), self.head.execute(batch)
            return [
                bool(one[0] and one[1] is True and two[0])
                and f"+{name}" in words(one[0])
                and f"-{name}" in words(two[0])
                for one, two in zip(old, new, strict=True)
            ]

        return shrink(
            start, still, lambda: time.monotonic() < end and not self.base.lost and not self.head.lost
        )

    def draft(self, name: str, scenario: Scenario, module: Module | None) -> Draft | None:
        """The finding; None when its input cannot be written as Python, or the difference is gone."""
        _, parts = self.base.explain(scenario)
        _, new_parts = self.head.explain(scenario)
        difference = self._difference(scenario)
        try:
            test, called = _test(name, parts)
        except UnwritableTestError:
            return None
        if difference is None or not isinstance(new_parts, dict):
            return None
        function = module.functions.get(self.target.name) if module else None
        before, after = short(parts.get("result", "?")), short(new_parts.get("result", "?"))
        sentence = SENTENCES[name].format(f=self.target.name)
        probe = Probe(
            entry="prove.py", request={"test": test.decode(), "seconds": PROOF_SECONDS}, label="property"
        )
        return Draft(
            rule=name.replace("_", "-"),
            category="property",
            severity="high",
            title=f"No longer true: {sentence}",
            message=f"On base this held for each of {self.held} inputs tried: {sentence}. "
            f"On head {called} gives {after}.",
            location=Location(
                self.target.path,
                function.line if function else 1,
                function.end_line if function else None,
                self.target.symbol,
            ),
            key=name,
            difference=difference,
            proof=ProofPlan(
                probe, called, f"gave {before}", f"gave {after}", files={"test_@id@_base.py": test}
            ),
            drop_unconfirmed=True,
            suggestion="Keep the property, or say in the documentation that it no longer holds and test what does.",
        )

    def _difference(self, scenario: Scenario) -> Difference | None:
        """The class of the difference that the input shows when the function is just called."""
        plain = {name: self.opening[name] for name in ("module", "name", "kind", "focus")}
        if self.base.open(plain) is not None or self.head.open(plain) is not None:
            return None
        old, new = self.base.execute([scenario])[0][0], self.head.execute([scenario])[0][0]
        apart = split(old, new, set()) if old and new else None
        return Difference(self.target.symbol, apart.before, apart.after, apart.narrow) if apart else None


def words(outcomes: list[Observed]) -> list[str]:
    """``+name`` and ``-name`` of an outcome."""
    text = outcomes[0].get("group", "") if outcomes and outcomes[0]["kind"] == "value" else ""
    return str(text).split()


def _test(name: str, parts: Any) -> tuple[bytes, str]:
    if (
        not isinstance(parts, dict)
        or parts.get("plain") is not True
        or not isinstance(parts.get("args"), list)
    ):
        raise UnwritableTestError("the input cannot be written as Python")
    function = expression(parts.get("call"))
    args = [expression(one) for one in parts["args"]]
    named = [
        f"{pair[0]}={expression(pair[1])}" for pair in parts.get("kwargs", []) if str(pair[0]).isidentifier()
    ]
    call = f"{function}({', '.join([*args, *named])})"
    filled = {"call": call, "first": args[0] if args else "None"}
    filled["swapped"] = f"{function}({', '.join([*args[::-1], *named])})"
    filled["next"] = f"{function}({', '.join([f'{args[0]} + 1' if args else '', *args[1:], *named])})"
    body = [line.format(**filled) for line in ASSERTIONS[name]]
    text = "\n".join(
        ['"""Pins a property of base: passes on base, fails on head."""', "",
         *map(statement, parts.get("imports", [])), "", "", f"def test_{name}():",
         *("    " + line for line in body), ""]
    )  # fmt: skip
    try:
        read_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UnwritableTestError("the test is no Python") from None
    return text.encode("utf-8", "replace"), call
