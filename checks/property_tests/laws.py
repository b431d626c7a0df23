"""Properties that base keeps on every input tried and that head breaks: round trips, idempotence.

A property is believed only when base held it on at least ENOUGH different inputs, a good part
of which the function really changes, and never broke it.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.check.interface import Difference, Draft, Location, Probe, ProofPlan
from harness.check.python_source import read_python

from .calls import UnwritableTestError, expression
from .changed import changed_functions
from .compare import Observed, stable
from .drafts import PROOF_SECONDS, short
from .leading import statement
from .shrink import shrink
from .syntax import Function, Module
from .target import Target
from .wire import Scenario, Side

ENOUGH = 200
MOST = 1500
BATCH = 250
ROUNDS = 4
"""Batches that are asked for in any case: on a busy machine time alone would judge nothing."""
PAIRS = (
    ("encode", "decode"), ("dump", "load"), ("dumps", "loads"), ("serialize", "deserialize"), ("pack", "unpack"),
    ("serialise", "deserialise"), ("format", "parse"), ("render", "parse"), ("to", "from"), ("quote", "unquote"),
    ("escape", "unescape"), ("compress", "decompress"), ("encrypt", "decrypt"), ("write", "read"),
    ("marshal", "unmarshal"), ("flatten", "unflatten"), ("join", "split"), ("hexlify", "unhexlify"), ("as", "from"),
    ("unparse", "parse"), ("stringify", "parse"), ("build", "parse"), ("print", "parse"), ("show", "read"),
)  # fmt: skip
CLEANERS = ("normal", "clean", "canonical", "slug", "strip", "sanit", "dedup", "unique", "sort", "trim", "fold", "tidy",
            "collapse", "squash", "merge_overl", "compact", "simplif", "clamp")  # fmt: skip


@dataclass(frozen=True)
class Law:
    """``roundtrip``: inverse(name(x)) gives x. ``idempotent``: name(name(x)) gives name(x)."""

    law: str
    name: str
    inverse: str
    named: bool

    @property
    def sentence(self) -> str:
        if self.law == "idempotent":
            return f"{self.name}({self.name}(x)) == {self.name}(x)"
        return f"{self.inverse}({self.name}(x)) == x"


def candidates(before: Module, after: Module, limit: int = 8) -> list[Law]:
    """Properties worth trying in a module: pairs with names that say so first, then any pair."""
    single = {name: one for name, one in before.functions.items() if _single(one) and name in after.functions}
    touched = _touched(before, after)
    found = list(_by_name(single, touched))
    for name in single:
        if name in touched and any(word in name.lower() for word in CLEANERS):
            found.append(Law("idempotent", name, name, True))
    tried = {(law.name, law.inverse) for law in found}
    if len(single) <= 6:
        for name in single:
            for inverse in single:
                fresh = (name, inverse) not in tried and name != inverse
                if fresh and (name in touched or inverse in touched):
                    found.append(Law("roundtrip", name, inverse, False))
    return found[:limit]


def _single(function: Function) -> bool:
    takes_one = len(function.required) <= 1 and bool(function.parameters) and not function.owner
    return takes_one and not function.private and not function.dunder


def _touched(before: Module, after: Module) -> set[str]:
    """Changed functions and the functions of the module that use them, however indirectly."""
    touched = set(changed_functions(before, after))
    for _ in range(5):
        touched |= {name for name, one in before.functions.items() if one.names & touched}
    return touched


def _by_name(single: dict[str, Function], touched: set[str]) -> Iterator[Law]:
    for name in single:
        for forth, back in PAIRS:
            for inverse in {_swap(name, forth, back), _swap(name, back, forth)}:
                if inverse in single and inverse != name and (name in touched or inverse in touched):
                    yield Law("roundtrip", name, inverse, True)


def _swap(name: str, old: str, new: str) -> str:
    return "_".join(new if part == old else part for part in name.split("_"))


class LawSearch:
    """Tries one property with two open sessions; the target is the function that is applied first."""

    def __init__(self, base: Side, head: Side, opening: dict[str, Any], target: Target, law: Law) -> None:
        self.base = base
        self.head = head
        self.opening = {
            **opening,
            "law": law.law,
            "inverse": law.inverse,
            "name": law.name,
            "kind": "function",
        }
        self.target = target
        self.law = law
        self.held = 0
        self.broken: list[Scenario] = []

    def run(self, seconds: float) -> Scenario | None:
        """The smallest input for which base keeps the property and head breaks it."""
        if self.base.open(self.opening) is not None:
            return None
        held = self._hold_on_base(time.monotonic() + seconds)
        if len(held) < ENOUGH or not self._open_head():
            return None
        self.held = len(held)
        for start in range(0, len(held), BATCH):
            batch = held[start : start + BATCH]
            for scenario, (outcomes, _) in zip(batch, self.head.execute(batch), strict=True):
                if outcomes and word(outcomes) == "breaks":
                    self.broken.append(scenario)
            if len(self.broken) > 20:
                break
        if not self.broken:
            return None
        return self._smallest(time.monotonic() + 3)

    def _hold_on_base(self, end: float) -> list[Scenario]:
        held: list[Scenario] = []
        trivial = 0
        rounds = 0
        while (time.monotonic() < end or rounds < ROUNDS) and len(held) < MOST:
            rounds += 1
            self.base.generate(BATCH, 0.5)
            items, _ = self.base.generated()
            if not items:
                break
            for scenario, outcomes, fits in items:
                said = word(outcomes)
                if said == "breaks":
                    return []
                if said in ("holds", "trivial") and fits:
                    held.append(scenario)
                    trivial += said == "trivial"
            if len(held) > 60 and trivial * 10 > len(held) * 9:
                return []
        return held

    def _open_head(self) -> bool:
        opening = {
            name: value
            for name, value in self.opening.items()
            if name not in ("records", "literals", "notes")
        }
        return self.head.open(opening) is None

    def _smallest(self, end: float) -> Scenario | None:
        def still(batch: list[Scenario]) -> list[bool]:
            old = [outcomes is not None and word(outcomes) in ("holds", "trivial") and fits is True
                   for outcomes, fits in self.base.execute(batch)]  # fmt: skip
            new = [
                outcomes is not None and word(outcomes) == "breaks"
                for outcomes, _ in self.head.execute(batch)
            ]
            return [one and two for one, two in zip(old, new, strict=True)]

        start = min(self.broken, key=lambda one: len(json.dumps(one)))
        if not still([start])[0]:
            return None
        return shrink(
            start, still, lambda: time.monotonic() < end and not self.base.lost and not self.head.lost
        )

    def draft(self, scenario: Scenario, module: Module | None) -> Draft | None:
        """The finding, None when its input cannot be written as Python."""
        old, old_parts = self.base.explain(scenario)
        new, new_parts = self.head.explain(scenario)
        if not old or not new or stable(old, new):
            return None
        try:
            test, called = _test(old_parts, self.law)
        except UnwritableTestError:
            return None
        function = module.functions.get(self.law.name) if module else None
        symbol = f"{self.target.module}.{self.law.name}"
        gave = short(new_parts.get("result", "?")) if isinstance(new_parts, dict) else "?"
        before = short(old_parts.get("result", "?"))
        plan = ProofPlan(
            probe=Probe(
                entry="prove.py", request={"test": test.decode(), "seconds": PROOF_SECONDS}, label="property"
            ),
            input=called,
            base=f"gave {before}",
            head=f"gave {gave}",
            files={"test_@id@_base.py": test},
        )
        return Draft(
            rule=self.law.law,
            category="property",
            severity="high",
            title=f"{self.law.sentence} no longer holds",
            message=f"On base {self.law.sentence} held for each of {self.held} inputs tried; "
            f"on head {called} gives {gave}.",
            location=Location(
                self.target.path,
                function.line if function else 1,
                function.end_line if function else None,
                symbol,
            ),
            key=f"{self.law.law}:{self.law.inverse}",
            difference=Difference(symbol, "holds", "breaks", self.law.law),
            proof=plan,
            drop_unconfirmed=True,
            suggestion="Keep the property, or say in the documentation that it no longer holds and test what does.",
        )


def word(outcomes: list[Observed]) -> str:
    """``holds``, ``trivial``, ``breaks``, or nothing where the function refused the input."""
    text = outcomes[0].get("text", "") if outcomes and outcomes[0]["kind"] == "value" else ""
    return str(text).strip("'")


def _test(parts: Any, law: Law) -> tuple[bytes, str]:
    if not isinstance(parts, dict):
        raise UnwritableTestError("the input cannot be written as Python")
    outer, inner = expression(parts.get("outer")), expression(parts.get("inner"))
    argument = expression(parts.get("argument"))
    imports = [statement(line) for line in parts.get("imports", [])]
    wanted = "value" if law.law == "roundtrip" else f"{inner}(value)"
    text = "\n".join(
        ['"""Pins a property of base: passes on base, fails on head."""', "", *imports, "", "",
         f"def test_{law.law}():", f"    value = {argument}", f"    assert {outer}({inner}(value)) == {wanted}", ""]
    )  # fmt: skip
    try:
        read_python(text)
    except (SyntaxError, ValueError, RecursionError):
        raise UnwritableTestError("the test is no Python") from None
    return text.encode("utf-8", "replace"), f"{outer}({inner}({argument}))"
