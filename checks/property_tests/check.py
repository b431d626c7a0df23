"""Differential verification of behaviour: what do changed functions do differently, and on what input.

Base generates inputs and answers them, head answers the same inputs, the differences are
rechecked, shrunk and written as tests. See docs/architecture.md.
"""

import dataclasses
import time
from typing import Any

from harness.check.interface import CheckFailed, CheckSkipped, Context, Draft, Outcome, Unverified

from .cases import Case, Searched
from .changed import Survey, is_test, python_tests, survey
from .drafts import any_draft_of, others_of, written
from .further import ERROR_NAME, FEW, Further
from .loading.stage import Loading, chosen
from .readme import about, readme_of
from .recorded import relevant, symbols_called, usable
from .search import ENOUGH, Search
from .sides import Sides
from .swallowed import swallowed
from .syntax import Module
from .target import Target
from .unsteady import unsteady_draft
from .vocabulary import Examples
from .wire import Side

RECORD_SECONDS = 30
MAX_TARGETS = 40
TARGET_SECONDS = 8.0
ALONE = 5.6  # as many functions have their full time; more share it
STAND_INS = 1.5
"""Time of a function for all callers that stand in for it, in times of one that is tried itself."""
BRIEFLY = 0.5
"""The same for a function that answers well itself."""
HARDLY = 0.1
"""Share of answered inputs below which a function counts as hardly reached by its own arguments."""
ENOUGH_STAND_INS = 5
LEAST = 1.5
FIRST = 0.4
"""Share of what is left for the next stand-in: the nearest ones reach a function most often."""
MAX_ASIDES = 20
MAX_ASKS = 80

Drafts = list[tuple[Case, Draft | str]]
"""What is known of each difference: its draft, or why there is none."""


def check(context: Context) -> Outcome:
    """Compare what the change's functions do on base and on head."""
    found = survey(context.change, context.base, context.head)
    if not found.targets and not found.proxies and not chosen(context, found):
        if found.unverified:
            return Outcome(unverified=[Unverified(*one, "property_tests") for one in found.unverified])
        raise CheckSkipped("no function of the project means anything else than before")
    with Sides(context) as sides:
        run = _Run(context, found, sides)
        run.everything()
    return Outcome(unverified=run.unverified, notes=run.notes, failed=run.failed)


class _Run:
    """The work on one change with two open sessions."""

    def __init__(self, context: Context, found: Survey, sides: Sides) -> None:
        self.context = context
        self.found = found
        self.sides = sides
        self.failed = ""
        self.unverified = [Unverified(what, why, "property_tests") for what, why in found.unverified]
        self.notes: list[str] = []
        self.records: list[Any] = []
        self.readme = readme_of(context.base)
        self.examples = Examples(context.base, python_tests(context.base))
        self.swallowed = {name for one in found.pairs for name in _swallowed(context, found, *one[:2])}
        self.differing: set[str] = set()
        self.unaccepted: set[str] = set()
        self.hardly: set[str] = set()
        self.stood_in: set[str] = set()
        self.without = [str(name) for name in context.settings.get("without", ())]
        self.inputs = _number(context, "inputs", ENOUGH)
        self.seconds = _number(context, "seconds", TARGET_SECONDS)
        self.asides: list[str] = []
        self.tried = 0
        self.further = Further(self)

    @property
    def base(self) -> Side:
        return self.sides.base

    @property
    def head(self) -> Side:
        return self.sides.head

    def everything(self) -> None:
        self._load()
        groups = [*self.found.proxies.values(), *self.found.fallbacks.values()]
        stand_ins = [target for targets in groups for target in targets]
        self._record([*self.found.targets, *stand_ins])
        waiting, rest = self._chosen()
        for target in rest:
            self.leave(
                target.symbol, f"more than {MAX_TARGETS} functions changed; those that tests call came first"
            )
        few = len(waiting) <= FEW
        for at, target in enumerate(waiting):
            left = len(waiting) - at + len(self.found.proxies)
            others = self.found.fallbacks.get(target.symbol, [])
            if not self._target(target, self._seconds(left)) and (few or target.symbol in self.hardly):
                times = STAND_INS if target.symbol in self.hardly else BRIEFLY
                self._stand_ins(target.symbol, others, self._seconds(left) * times)
        for at, (symbol, targets) in enumerate(self.found.proxies.items()):
            self._stand_ins(symbol, targets, self._seconds(len(self.found.proxies) - at) * STAND_INS)
        self.further.everything(waiting)
        self.notes += self.asides[:MAX_ASIDES]
        if len(self.asides) > MAX_ASIDES:
            self.notes.append(f"{len(self.asides) - MAX_ASIDES} more functions differ in such a way only.")
        self.notes.append(
            f"{self.tried} inputs were run on base and on head, {len(self.records)} recorded calls led to them."
        )

    def _load(self) -> None:
        """Import what the change may have touched; what head cannot import any more is not tried further."""
        if not self.found.touched:
            return
        self.context.progress("importing")
        loaded = Loading(self.context, self.found, self.base, self.head).run()
        for draft in loaded.drafts:
            self.context.draft(draft)
        gone = {self.found.modules[name] for name in loaded.broken}
        self.unverified = [one for one in self.unverified if one.what not in gone] + loaded.unverified
        self.found.leave_out(loaded.broken)

    def _chosen(self) -> tuple[list[Target], list[Target]]:
        """(targets to try, the others): where there are too many, those first of which calls were recorded."""
        targets = self.found.targets
        if len(targets) > MAX_TARGETS:
            called = symbols_called(self.records)
            targets = sorted(targets, key=lambda target: target.symbol not in called)
        return targets[:MAX_TARGETS], targets[MAX_TARGETS:]

    def _record(self, targets: list[Target]) -> None:
        """Run both trees' own tests with the recorder, at the same time."""
        trees = (self.context.base, self.context.head)
        tested = any(next(python_tests(tree), None) for tree in trees)
        if "records" in self.without or not (tested or self._shows(targets)):
            return
        self.context.progress("recording the calls that the tests make")
        symbols = sorted({target.symbol for target in targets})
        message = {"op": "record", "symbols": symbols, "seconds": RECORD_SECONDS}
        for side in (self.base, self.head):
            side.session.tell(message)
        for side in (self.base, self.head):
            heard = side.hear(RECORD_SECONDS * 2 + 30, "recorded").get("records")
            self.records += usable(heard, "base" if side is self.base else "head")

    def _shows(self, targets: list[Target]) -> bool:
        """Whether the documentation of the targets' modules shows calls of them."""
        paths = sorted({target.path for target in targets})
        return ">>>" in self.readme or any(">>>" in (self.context.base.read_text(one) or "") for one in paths)

    def _seconds(self, left: int) -> float:
        spare = self.context.remaining() - 20
        shared = min(self.seconds * ALONE, spare) / max(left, 1)
        return max(1.0, min(self.seconds, shared))

    def _target(self, target: Target, seconds: float) -> bool:
        """Search one target for so long; whether it differs."""
        if self.sides.lost and not self.sides.renew():
            self._lose(target)
            return False
        if self.context.remaining() < 15:
            self.leave(target.symbol, "the time was used up")
            return False
        self.context.progress(f"trying {target.symbol}")
        opening = self.opening(target)
        expected = set(ERROR_NAME.findall(str(opening["notes"]))) | self.swallowed
        started = time.monotonic()
        search, result, drafts = self._searched(target, opening, expected, seconds)
        if self.sides.lost and not _whole(drafts) and self.sides.renew():
            search, result, drafts = self._searched(target, opening, expected, seconds / 2)
            if self.sides.lost and not _whole(drafts):
                self._lose(target)
        self.tried += result.tried
        if result.trouble:
            self.leave(target.symbol, result.trouble)
        elif not result.answered and not result.cases:
            self.unaccepted.add(target.symbol)
            self.leave(target.symbol, "no input was found that it accepts")
        if result.answered + result.refused < result.tried * HARDLY:
            self.hardly.add(target.symbol)
        repeated = None
        shown = any(isinstance(made, Draft) for _, made in drafts)
        if not result.trouble and (result.unsteady or not shown):
            repeated = self.further.repeated(search, target)
        if repeated is not None:  # what an object does after others differs from process to process
            drafts = [one for one in drafts if not isinstance(one[1], Draft) or one[1].rule != "unsteady"]
            self.differing.add(target.symbol)
            self.context.draft(repeated)
        for case, made in drafts:
            if isinstance(made, str):
                self.leave(case.key[0], f"it differs ({case.split.before} → {case.split.after}), but {made}")
                continue
            self.differing.add(target.symbol)
            self.context.draft(
                self._with_others(case, made, target, search) if case in result.cases else made
            )
        if not drafts and repeated is None:
            told = search.aside.sentence(target.symbol, lambda scenario: written(search.base, scenario))
            self.asides += [told] if told else []
        self.context.progress(
            f"{target.symbol}: {result.tried} inputs, {len(result.cases)} differences, "
            f"{time.monotonic() - started:.1f} s"
        )
        if not drafts and repeated is None and not result.trouble:
            self.further.cost(search, target)
        return repeated is not None or any(not isinstance(made, str) for _, made in drafts)

    def _searched(
        self, target: Target, opening: dict[str, Any], expected: set[str], seconds: float
    ) -> tuple[Search, Searched, Drafts]:
        """A search, what it found, and the draft of each difference or why there is none."""
        search = Search(self.base, self.head, opening, target.symbol, target.kind, expected)
        search.enough = self.inputs
        result = search.run(seconds)
        drafts: Drafts = []
        cases: list[Case] = []
        going_on = True
        while going_on:
            drafts += self._drafted(search, target)
            cases += result.cases
            shown = any(isinstance(made, Draft) for _, made in drafts)
            going_on = not shown and not self.sides.lost and search.again(seconds)
        result.cases = cases
        return search, result, drafts

    def _drafted(self, search: Search, target: Target) -> Drafts:
        """A draft of each difference, or why there is none."""
        result, module = search.result, self.found.heads.get(target.path)
        _set_aside_generated(search, result, target, module)
        drafts: Drafts = []
        unsteady = unsteady_draft(result.unsteady, target, search, module)
        if unsteady is not None:  # what seems to be the same difference in every process is so by chance
            result.cases = [one for one in result.cases if one.key[:3] != unsteady[0].key[:3]]
            drafts.append(unsteady)
        return [*drafts, *((case, any_draft_of(case, target, search, module)) for case in result.cases)]

    def _with_others(self, case: Case, made: Draft, target: Target, search: Search) -> Draft:
        """The draft with further inputs, where tests of the change may declare the difference."""
        if not any(is_test(file.path) for file in self.context.change.files) or self.sides.lost:
            return made
        module = self.found.heads.get(target.path)
        return dataclasses.replace(made, others=others_of(case, target, search, module))

    def _lose(self, target: Target) -> None:
        """A target whose sandbox ended. Where head's did, the change may have ended it: nothing is vouched for."""
        self.leave(target.symbol, "its sandbox ended while it was tried")
        if self.head.lost:
            self.failed = f"head's sandbox ended again and again while {target.symbol} was tried"

    def opening(self, target: Target) -> dict[str, Any]:
        notes = f"{target.docstring}\n{about(self.readme, target)}"
        return {
            "module": target.module, "name": target.name, "kind": target.kind, "focus": list(target.focus),
            "records": relevant(self.records, target), "literals": list(target.literals), "notes": notes,
            "without": self.without, "sharp": self.found.sharp_for(target),
            "aims": self.found.aims_for(target), "absent": self.found.absent,
            "kinds": sorted(self.found.kinds) if "kinds" not in self.without else [],
            "asks": self.found.asks[:MAX_ASKS] if "asks" not in self.without else [],
            "beside": self.found.beside[:MAX_ASKS] if "asks" not in self.without else [],
            "examples": self.examples.of(target, notes) if "examples" not in self.without else [],
        }  # fmt: skip

    def _stand_ins(self, symbol: str, targets: list[Target], seconds: float) -> None:
        """Try a changed function through its callers, unless these were tried already, for so long in all."""
        direct = {target.symbol for target in self.found.targets}
        called = symbols_called(self.records)
        fresh = list(
            {one.symbol: one for one in targets if one.symbol not in direct | self.stood_in}.values()
        )
        fresh.sort(key=lambda target: target.symbol not in called)  # what tests call can be called
        left, accepted = seconds, 0
        for at, target in enumerate(fresh):
            if accepted == ENOUGH_STAND_INS or left <= 0 or target.symbol in self.differing:
                break
            self.stood_in.add(target.symbol)
            last = min(len(fresh) - at, ENOUGH_STAND_INS - accepted) == 1
            share = left if last else max(LEAST, left * FIRST)
            started = time.monotonic()
            if self._target(target, share):
                break
            left -= min(share, time.monotonic() - started)
            accepted += target.symbol not in self.unaccepted

    def leave(self, what: str, why: str) -> None:
        self.unverified.append(Unverified(what, why, "property_tests"))


def _whole(drafts: Drafts) -> bool:
    """Whether every difference has a draft, and there is one: a sandbox that is lost then took nothing away."""
    return bool(drafts) and not any(isinstance(made, str) for _, made in drafts)


def _set_aside_generated(search: Search, result: Searched, target: Target, module: Module | None) -> None:
    """Leave out what differs in a ``repr`` alone that head does not write itself any more.

    Who makes a class a dataclass takes the text that this gives; no program reads it.
    """
    for case in list(result.cases):
        symbol, before, after, _ = case.key
        own = module is None or symbol.removeprefix(target.module + ".") in module.functions
        if symbol.endswith(".__repr__") and before == after == "value" and not own:
            search.aside.add("repr", case.scenarios[0][0])
            result.cases.remove(case)


def _number(context: Context, name: str, default: float) -> float:
    """A setting of the check. Raises CheckFailed for what is no number above 0."""
    value = context.settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise CheckFailed(f"[checks.property_tests] {name} is {value!r}; give a number above 0.")
    return value


def _swallowed(context: Context, found: Survey, path: str, module: str) -> set[str]:
    """Names of exceptions that head's text of a changed module catches and base's lets pass."""
    before = context.base.read_text(found.modules.get(module, path)) or ""
    return swallowed(before, context.head.read_text(path) or "")
