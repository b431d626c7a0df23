"""Meets the calls of the repository's tests on both sides and makes others in their place.

Base scouts which calls there are and plans others; both sides make them, each in a forked child
of the running test; what differs is made again in other processes under another hash seed. Base
and head meet by test, number of the call and variation, and only where the call, as the test
makes it, has the same arguments and the same public state on both sides.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..compare import Split, split, stable
from ..shrink import shrink, size
from ..wire import Side
from .wire import Answer, Planned, answers, calls, planned, shapes

EACH = 14
SECONDS = 12.0
MOST = 320
MAX_CLASSES = 5
SHRINK_SECONDS = 8.0

Key = tuple[str, str, str, str | None]


@dataclass
class Met:
    """A class of difference with the smallest planned call that shows it."""

    key: Key
    split: Split
    plan: Planned
    base: Answer
    head: Answer


class InPlace:
    """Uses two open sessions; ``expected`` are exceptions that base is known to raise."""

    def __init__(
        self, base: Side, head: Side, expected: set[str], literals: Sequence[Any], notes: str
    ) -> None:
        self.base = base
        self.head = head
        self.expected = expected
        self.literals = list(literals)
        self.notes = notes
        self.known: dict[str, list[str]] = {}
        self.tried = 0
        self.answered: set[str] = set()
        """Symbols that base answered here, and what holds them."""
        self.scouted: list[dict[str, Any]] = []

    def run(self, symbols: Sequence[str], focus: Sequence[str], seconds: float) -> list[Met]:
        """Differences at calls of the symbols and of what lies in them; most is tried at those in focus."""
        job = {"mode": "scout", "symbols": list(symbols), "seconds": min(SECONDS, seconds / 3)}
        self.scouted = calls(self._ask(self.base, job).get("calls"))
        if not self.scouted:
            return []
        plan = self._planned(focus)
        if not plan:
            return []
        found = self._search(plan, min(SECONDS, seconds / 3))
        end = time.monotonic() + min(SHRINK_SECONDS, seconds / 3)
        return [self._smaller(one, end) for one in self._again(found)]

    def _planned(self, focus: Sequence[str]) -> list[Planned]:
        near = [one for one in self.scouted if any(_within(one["symbol"], name) for name in focus)]
        each = max(4, min(EACH, MOST // max(1, len(near))))
        job = {"mode": "vary", "calls": self.scouted, "focus": list(focus), "literals": self.literals,
               "notes": self.notes, "each": each, "seconds": 5}  # fmt: skip
        return planned(self._ask(self.base, job).get("plan"))[: MOST * 2]

    def _search(self, plan: Sequence[Planned], seconds: float) -> dict[Key, list[tuple[Split, Planned]]]:
        base, head = self._both(plan, seconds)
        found: dict[Key, list[tuple[Split, Planned]]] = {}
        for number, one in enumerate(plan):
            old, new = base.get(number), head.get(number)
            if old is None or new is None:
                continue
            self.tried += 1
            if old.outcomes[0]["kind"] == "value":
                self.answered |= {one.symbol, one.symbol.rpartition(".")[0]}
            apart = self._apart(old, new)
            if apart is not None:
                found.setdefault(self.key(one, apart), []).append((apart, one))
        for cases in found.values():
            cases.sort(key=lambda case: size(case[1].scenario))
        return found

    def _apart(self, old: Answer, new: Answer) -> Split | None:
        if old.key is None or old.key != new.key:
            return None  # the test came here in another state, or an answer is missing
        apart = split(old.outcomes, new.outcomes, self.expected)
        if apart is None or (apart.both_raise and new.outcomes[apart.step].get("origin") == "purpose"):
            return None
        return apart

    def key(self, plan: Planned, apart: Split) -> Key:
        """Symbol of the step where they part, and the class of the difference."""
        symbol = plan.symbol
        if apart.step:
            symbol = f"{symbol.rpartition('.')[0]}.{plan.steps[apart.step - 1][0]}"
        return symbol, apart.before, apart.after, apart.narrow

    def _again(self, found: Mapping[Key, list[tuple[Split, Planned]]]) -> list[Met]:
        """Make the candidates again, in new processes, with what base knows of its classes."""
        plan = [case[1] for cases in list(found.values())[: MAX_CLASSES * 2] for case in cases[:3]]
        if not plan:
            return []
        first = self._both(plan, SECONDS, hash_seed=1)
        second = self._both(plan, SECONDS, hash_seed=0, explain=True)
        kept: dict[Key, Met] = {}
        for number, one in enumerate(plan):
            every = [side.get(number) for side in (*first, *second)]
            if any(answer is None for answer in every):
                continue
            base_one, head_one, base_two, head_two = (answer for answer in every if answer is not None)
            same = stable(base_one.outcomes, base_two.outcomes) and stable(
                head_one.outcomes, head_two.outcomes
            )
            apart = self._apart(base_two, head_two)
            if same and apart is not None and self._apart(base_one, head_one) == apart:
                key = self.key(one, apart)
                kept.setdefault(key, Met(key, apart, one, base_two, head_two))
        return list(kept.values())[:MAX_CLASSES]

    def _smaller(self, met: Met, end: float) -> Met:
        """The smallest planned call near the one that the test makes which shows the same class."""
        best = met
        original = next((one for one in self.scouted if one["symbol"] == met.plan.symbol
                         and one["test"] == met.plan.test and one["index"] == met.plan.index), None)  # fmt: skip

        def still(batch: list[Any]) -> list[bool]:
            nonlocal best
            plans = [met.plan.like(scenario) for scenario in batch]
            asked = [one for one in plans if one is not None]
            base, head = self._both(asked, SECONDS, explain=True)
            said: list[bool] = []
            for one in plans:
                number = asked.index(one) if one is not None else -1
                old, new = base.get(number), head.get(number)
                apart = self._apart(old, new) if old is not None and new is not None else None
                same = apart is not None and one is not None and self.key(one, apart) == met.key
                if same and not any(said) and apart and one and old and new:
                    best = Met(met.key, apart, one, old, new)
                said.append(bool(same))
            return said

        start = met.plan.scenario
        nearer = list(_nearer(met.plan, original)) if original else []
        if nearer and time.monotonic() < end:
            near = next((one for one, yes in zip(nearer, still(nearer), strict=True) if yes), None)
            start = near or start
        shrink(start, still, lambda: time.monotonic() < end and not self.base.lost and not self.head.lost)
        return best

    def _both(
        self, plan: Sequence[Planned], seconds: float, hash_seed: int = 0, explain: bool = False
    ) -> tuple[dict[int, Answer], dict[int, Answer]]:
        """Answers of base and of head, asked at the same time."""
        job = {"mode": "act", "plan": [one.message(number) for number, one in enumerate(plan)], "seconds": seconds,
               "explain": explain}  # fmt: skip
        for side, known in ((self.base, None), (self.head, self.known or None)):
            if not side.lost:
                side.session.tell({"op": "met", "job": {**job, "known": known}, "hash_seed": hash_seed})
        replies = [side.hear(seconds * 2 + 60, "met") for side in (self.base, self.head)]
        for name, names in shapes(replies[0].get("shapes")).items():
            self.known[name] = sorted({*self.known.get(name, ()), *names})
        return answers(replies[0].get("answers")), answers(replies[1].get("answers"))

    def _ask(self, side: Side, job: dict[str, Any]) -> dict[str, Any]:
        return side.ask({"op": "met", "job": job}, job["seconds"] * 2 + 60, "met")


def _within(symbol: str, name: str) -> bool:
    return symbol == name or symbol.startswith(name + ".")


def _nearer(plan: Planned, original: Mapping[str, Any]) -> list[Any]:
    """The plan with some of its arguments as the test gives them, and with fewer steps."""
    found = []
    first = ["", plan.args, plan.kwargs]
    for count in range(len(plan.steps)):
        found.append([None, [first, *plan.steps[:count]]])
        found.append([None, [["", original["args"], original["kwargs"]], *plan.steps[: count + 1]]])
    if len(plan.args) == len(original["args"]):
        for at, value in enumerate(original["args"]):
            if plan.args[at] != value:
                args = [*plan.args[:at], value, *plan.args[at + 1 :]]
                found.append([None, [["", args, plan.kwargs], *plan.steps]])
    return sorted(found, key=size)
