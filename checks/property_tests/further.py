"""What is tried beside constructed inputs: work, calls in place, stated and inferred properties."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

from harness.check.interface import Context, Draft, Unverified

from .another import Another
from .changed import Survey
from .copied import changed_by_callers, keeps_copies, returns_copies
from .cost.stage import CostStage
from .emptied import Emptied, Taken
from .facts import FactSearch
from .inplace.proof import draft_of as met_draft
from .inplace.stage import InPlace
from .laws import LawSearch, candidates
from .own.stage import OwnTests, files_of
from .own.stage import draft_of as own_draft
from .repeated import Repeated
from .search import Search
from .target import Target
from .wire import Side

ERROR_NAME = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Exit|Missing\w*|Invalid\w*|NotFound|DoesNotExist))\b")
NO_INPUT = "no input was found that it accepts"
LAW_SECONDS = 3.0
PLACE_SECONDS = 30.0
PLACES = 4
"""Calls in place have so many times the time of one function's search, at most PLACE_SECONDS."""
SPARE = 30.0
MOST_STAND_INS = 2
MOST_CALLERS = 500
FEW = 3
"""Changed functions up to which each gets the whole of what is tried beside inputs."""
GROWTHS = 6
MANY = 20
LAST_SPARE = 20.0


class Work(Protocol):
    """The run on one change, as :class:`Further` sees it."""

    context: Context
    found: Survey
    records: list[Any]
    notes: list[str]
    unverified: list[Unverified]
    differing: set[str]
    tried: int
    seconds: float

    @property
    def base(self) -> Side: ...

    @property
    def head(self) -> Side: ...

    def opening(self, target: Target) -> dict[str, Any]: ...

    def leave(self, what: str, why: str) -> None: ...


class Further:
    """Uses the sessions of a run, one stage after another; each stage ends in time."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def everything(self, targets: Sequence[Target]) -> None:
        """All stages that come after the constructed inputs of all targets."""
        self._in_place(targets)
        self._own()
        self._facts(targets)
        self._laws()

    def _late(self, spare: float) -> bool:
        return self.work.context.remaining() < spare

    def _lost(self) -> bool:
        return self.work.base.lost or self.work.head.lost

    def cost(self, search: Search, target: Target) -> None:
        """How the work of a target grows, where it does the same on both sides."""
        work = self.work
        if self._late(SPARE):
            work.leave(f"the work of {target.symbol}", "no time was left to measure how it grows")
            return
        few = len(work.found.targets) <= FEW
        stage = CostStage(work.base, work.head, search.plain_opening(), GROWTHS if few else GROWTHS // 2)
        draft = stage.run(search, target, work.found.heads.get(target.path))
        if draft is not None:
            work.context.draft(draft)

    def repeated(self, search: Search, target: Target) -> Draft | None:
        """What the second time gives, where the first gives the same on both sides."""
        work = self.work
        if self._late(SPARE) or self._lost() or len(work.found.targets) > MANY:
            return None
        module = work.found.heads.get(target.path)
        found = Repeated(search).run(target, module)
        if found is None and not self._lost():
            found = Another(search).run(target, module)
        for shared, matters in ((Emptied, self._callers_own), (Taken, self._own_copies)):
            if found is None and not self._lost() and matters(target):
                found = shared(search).run(target, module)
        return found

    def _own_copies(self, target: Target) -> bool:
        """Whether base keeps copies of what it is given."""
        return target.kind == "class" and keeps_copies(*self._on_base(target))

    def _on_base(self, target: Target) -> tuple[str, list[str]]:
        """(text of the target's module, names of its changed functions in it)."""
        old = self.work.found.modules.get(target.module, target.path)
        names = [f"{target.name}.{one}" for one in target.focus] or [target.name]
        return self.work.context.base.read_text(old) or "", names

    def _callers_own(self, target: Target) -> bool:
        """Whether base, or code that calls it, says that what the target returns is the caller's own."""
        context = self.work.context
        text, names = self._on_base(target)
        if returns_copies(text, names):
            return True
        calls = [name.rpartition(".")[2] for name in names]
        paths = list(self.work.found.modules.values())[:MOST_CALLERS]
        texts = (context.base.read_text(path) or "" for path in paths)
        return any(changed_by_callers(one, call) for one in texts for call in calls)

    def _in_place(self, targets: Sequence[Target]) -> None:
        """Meet calls inside of the tests, where what is called could not be made from outside."""
        work = self.work
        stand_ins = [one for symbol, group in work.found.proxies.items() if symbol not in work.differing
                     for one in group[:MOST_STAND_INS]]  # fmt: skip
        every = {one.symbol: one for one in [*stand_ins, *targets] if one.symbol not in work.differing}
        chosen = [one for one in every.values() if self._lives_in_tests(one)]
        if not chosen or self._lost():
            return
        if self._late(SPARE):
            for one in chosen:
                work.leave(f"{one.symbol} inside of its tests", "no time was left to call it there")
            return
        work.context.progress("calling inside of running tests")
        notes = "\n".join(work.opening(one)["notes"] for one in chosen)
        literals = [literal for one in chosen for literal in work.found.sharp.get(one.module, ())]
        literals += [literal for one in chosen for literal in one.literals]
        stage = InPlace(work.base, work.head, set(ERROR_NAME.findall(notes)), literals, notes)
        focus = [f"{one.symbol}.{name}" for one in chosen for name in one.focus or ()]
        focus += [one.symbol for one in chosen if not one.focus]
        seconds = min(PLACE_SECONDS, PLACES * work.seconds, work.context.remaining() - LAST_SPARE)
        for met in stage.run([one.symbol for one in chosen], focus, seconds):
            target = next((one for one in chosen if met.key[0].startswith(one.symbol)), chosen[0])
            module = work.found.heads.get(target.path)
            name = met.key[0].removeprefix(target.module + ".").partition(".<locals>")[0]
            function = module.functions.get(name) if module else None
            line, end_line = (function.line, function.end_line) if function else (1, None)
            work.differing.add(target.symbol)
            work.context.draft(met_draft(met, target.path, line, end_line, target.module, focus))
        work.unverified = [
            one for one in work.unverified if one.why != NO_INPUT or one.what not in stage.answered
        ]
        work.tried += stage.tried
        work.notes.append(f"{stage.tried} calls were made inside of running tests, on base and on head.")

    def _lives_in_tests(self, target: Target) -> bool:
        """Whether a recorded call could not be written down, or was of a function inside of another one."""
        own = [one for one in self.work.records if target.holds(one["symbol"])]
        if own and any(one.what == target.symbol and one.why == NO_INPUT for one in self.work.unverified):
            return (
                True  # what it needs may be there while a test runs: files, settings, a state of the module
            )
        return any(
            one["args"] is None
            or "unwritable" in one
            or "<locals>" in one["symbol"]
            or _is_live(one, target)
            or _names_a_file([one["args"], one.get("receiver")])
            for one in own
        )

    def _own(self) -> None:
        """Run the Hypothesis tests of the repository."""
        work = self.work
        files = files_of(work.context, work.found)
        if not files or self._lost():
            return
        if self._late(SPARE):
            work.leave(
                "the repository's own property tests", "no time was left to run them with more examples"
            )
            return
        work.context.progress("running the repository's property tests")
        stage = OwnTests(work.base, work.head)
        for failed in stage.run(files, work.context.remaining() - LAST_SPARE):
            source = work.context.base.read_text(failed.test.partition("::")[0]) or ""
            work.context.draft(own_draft(failed, work.found, source))
        for test in stage.late:
            work.leave(test, "it took too long to be run with more examples")
        if stage.count:
            work.notes.append(f"{stage.count} property tests of the repository were run with more examples.")

    def _facts(self, targets: Sequence[Target]) -> None:
        """Say what property of its results the difference of a function breaks."""
        work = self.work
        told = 0
        for target in targets:
            if self._lost() or self._late(SPARE) or told >= FEW:
                return
            if target.kind != "function" or target.symbol not in work.differing:
                continue
            search = FactSearch(work.base, work.head, work.opening(target), target)
            found = search.run()
            draft = search.draft(*found, work.found.heads.get(target.path)) if found is not None else None
            told += 1
            if draft is not None:
                work.context.draft(draft)

    def _laws(self) -> None:
        """Try properties that functions of the changed modules may have."""
        work = self.work
        for path, module, before, after in work.found.pairs:
            broken: set[str] = set()
            for law in candidates(before, after):
                if self._lost() or self._late(LAST_SPARE):
                    return
                target = Target(
                    path, module, law.name, "function", docstring=before.functions[law.name].docstring
                )
                search = LawSearch(work.base, work.head, work.opening(target), target, law)
                scenario = None if {law.name, law.inverse} <= broken else search.run(LAW_SECONDS)
                draft = search.draft(scenario, after) if scenario is not None else None
                if draft is not None:
                    broken |= {law.name, law.inverse}
                    work.context.draft(draft)


def _names_a_file(recipe: Any) -> bool:
    """Whether a recipe holds an absolute path, which is likely to be there only while its test runs."""
    if isinstance(recipe, str):
        return recipe.startswith("/") and len(recipe) > 4
    return isinstance(recipe, list) and any(map(_names_a_file, recipe))


def _is_live(record: Any, target: Target) -> bool:
    """Whether the object of a recorded call has no recipe."""
    constructor = record["symbol"].endswith(".__init__")
    return target.kind == "class" and not constructor and record.get("receiver") is None
