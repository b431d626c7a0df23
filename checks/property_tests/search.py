"""Searches one target: generate on base, replay on head, recheck on base elsewhere, shrink."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .aside import Aside
from .cases import Case, Key, Ran, Searched, rank
from .compare import Observed, Split, split, stable
from .minimal import minimal
from .named import by_name
from .nearness import Nearness
from .shrink import shrink
from .steps import acting, method_of
from .unlikely import no_file_name, order_of_checks
from .vacuous import vacuous
from .wire import ENVIRON, Scenario, Side

BATCH = 400
BATCH_SECONDS = 0.6
ENOUGH = 6000
MAX_CLASSES = 5
AFTER_FIRST = 1.5
HANGS = 16
HOPELESS = 1200
MAX_SAMPLES = 400
TOO_DEEP = "raises RecursionError"
SHALLOW = 250
"""Frames that code may need which counts as not recursive: a quarter of what there are."""
MOST_IMPORT = 4.0
"""Seconds of an import that do not count as searched."""
LEAST = 1.0
"""Seconds that are worth another search."""


class Search:
    """Searches with two open sessions. ``opening`` is the message that opens the target."""

    def __init__(
        self, base: Side, head: Side, opening: dict[str, Any], symbol: str, kind: str, expected: set[str]
    ) -> None:
        self.base = base
        self.head = head
        self.opening = opening
        self.symbol = symbol
        self.kind = kind
        self.expected = expected
        self.enough: float = ENOUGH
        self.shapes: dict[str, list[str]] = {}
        self.found: dict[Key, Case] = {}
        self.gone_on = False
        self.vain: set[Key] = set()
        """Classes of difference of which nothing could be told."""
        self.end = 0.0
        self.nearness = Nearness(opening["records"], symbol)
        self.aside = Aside(self.nearness.size)
        self.result = Searched()
        self.hangs = 0

    def run(self, seconds: float) -> Searched:
        """Search for at most ``seconds``; the cases found are stable and shrunk."""
        self.end = time.monotonic() + seconds
        self._search(seconds)
        return self.result

    def again(self, seconds: float) -> bool:
        """Search what is left of the time for others than the cases found, of which nothing could be told.

        A first difference cuts a search short; one that cannot be shown must not hide the others. False, and nothing
        is done, where no time is left.
        """
        left = self.end - time.monotonic()
        if left < LEAST or self.result.trouble or self.result.tried >= self.enough:
            return False
        self.gone_on = True
        self.vain |= set(self.found)
        self.found = {}
        self.opening["salt"] = self.opening.get("salt", 0) + 1
        self.result.cases = []
        self._search(seconds)
        return True

    def _search(self, seconds: float) -> None:
        started = time.monotonic()
        why = self.base.open(self.opening)
        self._give(time.monotonic() - started)
        if why is not None:
            self.result.trouble = f"on base: {why}"
            return
        self._explore()
        self._recheck()
        for case in self.result.cases:
            self._shrink(case, time.monotonic() + min(4.0, max(1.5, seconds / 2)))

    def key(self, scenario: Scenario, found: Split) -> Key:
        symbol = self.step_symbol(scenario, found)
        managed = symbol.endswith((".__enter__", ".__exit__"))  # tests see what one of both uses gives
        return (symbol, found.before, found.after, None if managed else found.narrow)

    def step_symbol(self, scenario: Scenario, found: Split) -> str:
        """Dotted symbol of the step at which the runs part."""
        if self.kind == "function":
            return self.symbol
        receiver, steps = scenario
        at = acting(steps, found.step - (receiver is not None))
        return f"{self.symbol}.{method_of(steps[at]) if at >= 0 else '__init__'}"

    def cause(self, scenario: Scenario, found: Split) -> str | None:
        """The changed method in whose aftermath an unchanged one shows the difference, if that is so."""
        receiver, steps = scenario
        at = acting(steps, found.step - (receiver is not None))
        focus = set(self.opening["focus"])
        if self.kind == "function" or at < 0 or method_of(steps[at]) in focus:
            return None
        earlier = [name for name in map(method_of, steps[:at]) if name in focus]
        if not earlier and receiver is not None and "__init__" in focus:
            earlier = ["__init__"]
        return f"{self.symbol}.{earlier[-1]}" if earlier else None

    def _explore(self) -> None:
        self.base.generate(BATCH, BATCH_SECONDS)
        batch, reply = self.base.generated()
        why = self._open_head(reply)
        end = self.end
        if why is not None:
            self.result.trouble = f"on head: {why}"
            return
        while batch:
            self._learn(reply)
            self.head.start([scenario for scenario, _, _ in batch])
            going_on = self._more(end)
            if going_on:
                self.base.generate(BATCH, BATCH_SECONDS)
            answers = self.head.finish(len(batch))
            for (scenario, old, fits), (new, _) in zip(batch, answers, strict=True):
                if new is not None:
                    self._judge(scenario, old, new, fits)
            if not going_on or self.head.lost:
                break
            if self.found:
                end = min(end, time.monotonic() + AFTER_FIRST)
            batch, reply = self.base.generated()
        if not batch and reply.get("error") and not self.result.answered + self.result.refused:
            self.result.trouble = f"on base: {str(reply['error'])[:200]}"
        if self.base.lost or self.head.lost:
            self.result.trouble = "the sandbox gave no further answer"

    def _open_head(self, reply: dict[str, Any]) -> str | None:
        self._learn(reply)
        started = time.monotonic()
        why = self.head.open(self.plain_opening())
        self._give(time.monotonic() - started)
        return why

    def _give(self, seconds: float) -> None:
        """The time that an import took is none that was searched, up to a limit."""
        if not self.gone_on:  # a search that goes on had it already
            self.end += min(seconds, MOST_IMPORT)

    def _learn(self, reply: dict[str, Any]) -> None:
        """What base raises on purpose, and what its classes have: head is told, it leaves out what they have not."""
        raised, shapes = reply.get("raised"), reply.get("shapes")
        if isinstance(raised, list):
            self.expected |= {name for name in raised if isinstance(name, str)}
        for name, met in shapes.items() if isinstance(shapes, dict) else ():
            known = self.shapes.get(name, [])
            if isinstance(met, list) and not set(map(str, met)) <= set(known):
                self.shapes[name] = sorted({*known, *map(str, met)})
                self.head.known = self.shapes

    def plain_opening(self) -> dict[str, Any]:
        """What head is told about the target: base's knowledge without the means to generate."""
        kept = {name: self.opening[name] for name in ("module", "name", "kind", "focus")}
        return {**kept, "known": self.shapes}

    def _more(self, end: float) -> bool:
        hopeless = self.result.tried > HOPELESS and not self.result.answered + self.result.refused
        return (
            time.monotonic() < end and self.result.tried < self.enough and self.hangs < HANGS and not hopeless
        )

    def _judge(self, scenario: Scenario, old: list[Observed], new: list[Observed], fits: bool) -> None:
        self.result.tried += 1
        self.result.answered += old[-1]["kind"] == "value" if old else 0
        self.result.refused += old[-1].get("origin") == "purpose" if old else 0
        found = split(old, new, self.expected)
        if found is None:
            self.aside.lesser(scenario, old, new)
            if fits and old and old[-1]["kind"] == "value" and self._has_room(scenario):
                self.result.samples.append(scenario)
            return
        if not fits or order_of_checks(scenario, found, new) or no_file_name(scenario, found):
            self.aside.add("unlikely", scenario)
            return
        self.hangs += found.after == "hangs"
        key = self.key(scenario, found)
        if key in self.vain:
            return
        if key not in self.found:
            self.found[key] = Case(key, found, self.nearness.size)
        self.found[key].add(scenario, old, new)

    def _has_room(self, scenario: Scenario) -> bool:
        return len(self.result.samples) < MAX_SAMPLES and not any(step[0] == ENVIRON for step in scenario[1])

    def _recheck(self) -> None:
        """Run the candidates again on both sides under another hash seed; what differs there is noise."""
        cases = sorted(self.found.values(), key=rank)
        if not cases:
            return
        batch = [one[0] for case in cases for one in case.scenarios[:6]]
        for side, opening in ((self.base, self.opening), (self.head, self.plain_opening())):
            if side.open(opening, hash_seed=1) is not None:
                return
        deep = self._deep(cases)
        again = self.base.execute(batch, limit=1.5)
        heads = self.head.execute(batch, limit=2.0)
        answers = iter(zip(again, heads, strict=True))
        told: dict[str, int] = {}
        for case in cases:
            kept: list[Ran] = []
            drifting: list[Ran] = []
            for scenario, old, new in case.scenarios[:6]:
                (old_again, _), (new_again, _) = next(answers)
                if old_again and new_again and stable(old, old_again):
                    (kept if stable(new, new_again) else drifting).append((scenario, old, new))
            self.result.unstable += len(case.scenarios[:6]) - len(kept)
            for one in [one for one in kept if repr(one[0]) in deep]:
                self.aside.add("deep", one[0])
                kept.remove(one)
            case.scenarios = [one for one in kept if not self._empty_talk(one[0])]
            symbol = case.key[0]
            if drifting and len(drifting) >= len(kept) and case.split.after == "value":
                self.result.unsteady.append(replace(case, scenarios=drifting))
            if kept and not case.scenarios:
                self.aside.add("unlikely", kept[0][0])
            elif kept and told.get(symbol, 0) < MAX_CLASSES:
                told[symbol] = told.get(symbol, 0) + 1
                self.result.cases.append(case)

    def _deep(self, cases: list[Case]) -> set[str]:
        """Inputs on which head recurses too deep, and base nearly so: some deeper one ends base, too."""
        batch = [one[0] for case in cases if case.split.after == TOO_DEEP for one in case.scenarios[:6]]
        answers = self.base.execute(batch, times=1, depth=SHALLOW) if batch else []
        return {
            repr(one)
            for one, (outcomes, _) in zip(batch, answers, strict=True)
            if any(item["kind"] == TOO_DEEP for item in outcomes or [])
        }

    def _empty_talk(self, scenario: Scenario) -> bool:
        return self.kind == "function" and vacuous(self.base, scenario, self.result.samples)

    def _shrink(self, case: Case, end: float) -> None:
        slow = case.split.after in ("hangs", "crashes")

        def still(batch: list[Scenario]) -> list[bool]:
            old = self.base.execute(batch)
            wanted = [one for one, (outcomes, fits) in zip(batch, old, strict=True) if outcomes and fits]
            new = dict(zip(map(repr, wanted), self.head.execute(wanted, limit=0.3), strict=True))
            return [
                self._same(case, one, answer, new.get(repr(one)))
                for one, answer in zip(batch, old, strict=True)
            ]

        def one_by_one(batch: list[Scenario]) -> list[bool]:
            found: list[bool] = []
            for one in batch:
                found.append(time.monotonic() < end and still([one])[0])
                if found[-1]:
                    break
            return found + [False] * (len(batch) - len(found))

        def further(scenario: Scenario) -> Iterator[Scenario]:
            yield from near.neighbours(scenario)
            yield from by_name(known, scenario)

        near, known = self.nearness, self.base.parameters
        start, clock = case.scenarios[0][0], self._clock(end)
        smallest = shrink(start, one_by_one if slow else still, clock, near.size, further)
        if not slow:  # every question about a hang costs its whole time limit
            smallest = minimal(smallest, lambda one: still([one])[0], clock, near.size)
            smallest = start if self._empty_talk(smallest) else smallest
        case.scenarios.insert(0, (smallest, [], []))

    def _same(
        self, case: Case, scenario: Scenario, old: tuple[Any, Any], new: tuple[Any, Any] | None
    ) -> bool:
        if new is None or new[0] is None or old[0] is None:
            return False
        found = split(old[0], new[0], self.expected)
        return found is not None and self.key(scenario, found) == case.key

    def _clock(self, end: float) -> Callable[[], bool]:
        return lambda: time.monotonic() < end and not self.base.lost and not self.head.lost
