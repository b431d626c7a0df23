"""Telling a second change of behaviour from the one that the change's tests declare, by running it.

The change is divided into regions. Those that some declaring test notices (it fails with the
region taken back) are what the tests are about; the others are not. A difference that is still
there, exactly as on head, with all that the tests notice taken back does not come from it.
The other way round, a difference that comes from nothing but single edits that the tests notice
is declared even where its values are of other types than those that the tests see.
This is delta debugging (Zeller and Hildebrandt, 2002) of a change by its own tests.
"""

import dataclasses
import functools
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from harness.check.interface import BudgetExhausted, DeclaringTests, Draft, Limits, Probe, ProofPlan, Side
from harness.check.loader import Pack
from harness.model.finding import ReplayResult
from harness.replay.confirm import judge
from harness.replay.context import Workbench
from harness.replay.regions import Region, Texts, is_small, regions, taken_back, texts_of
from harness.replay.slots import PROOF

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
PROSE = ("md", "rst")
MAX_REGIONS = 8
MAX_OTHERS = 8
LEAST_SECONDS = 20.0
"""With less of the budget left nothing is told apart."""


def told_apart(tests: Sequence[str]) -> str:
    """What the finding says besides."""
    return (
        f"{tests[0]} declares another change of the same kind here: with everything taken back that the "
        "change's declaring tests notice, this difference is still there."
    )


@dataclass(frozen=True)
class Divided:
    """A change in regions that some declaring test notices, and the rest."""

    files: Mapping[str, Texts]
    noticed: Sequence[Region]
    rest: Sequence[Region]


@dataclass
class Declaring:
    """The declaring tests of one part of the change, ready to be run. Results are kept."""

    bench: Workbench
    pack: Pack
    tests: DeclaringTests

    def other_cause(self, draft: Draft, pack: Pack, limits: Limits) -> Draft | None:
        """The draft, or one of its others, whose difference no declaring test notices.

        None where all have a declared cause, and where that is not known.
        """
        try:
            left = self._undeclared_alone
            for one in [draft, *draft.others[:MAX_OTHERS]] if left else []:
                alike = one.proof.alike if one.proof else None
                if alike is not None and left and self._run(pack, alike, left, limits) == "pass":
                    return one
        except BudgetExhausted:
            return None
        return None

    def same_cause(self, draft: Draft, pack: Pack, limits: Limits) -> bool:
        """Whether a difference comes from single edits that declaring tests notice, and from nothing else.

        With them alone it is there exactly as on head, and without them it is not. An edit that
        is more than one says nothing: the tests may be about another part of it.
        """
        try:
            divided = self._divided
            if divided is None or not all(is_small(one, divided.files) for one in divided.noticed):
                return False
            if not divided.rest:
                return True
            alike = draft.proof.alike if draft.proof else None
            return (
                alike is not None
                and self._tests_without(divided.files, divided.rest) == "pass"
                and self._run(pack, alike, taken_back(divided.files, divided.rest), limits) == "pass"
                and self._run(pack, alike, taken_back(divided.files, divided.noticed), limits) == "fail"
            )
        except BudgetExhausted:
            return False

    @functools.cached_property
    def _undeclared_alone(self) -> dict[str, str] | None:
        """Head's files with the regions that declaring tests notice taken back."""
        divided = self._divided
        if divided is None or not divided.rest:
            return None
        if self._tests_without(divided.files, divided.rest) != "pass":
            return None
        alone = self._tests_without(divided.files, divided.noticed) == "fail"
        return taken_back(divided.files, divided.noticed) if alone else None

    @functools.cached_property
    def _divided(self) -> Divided | None:
        """The regions of the change; None where they cannot be told or no test notices any."""
        files = self._files()
        every = regions(files) if files is not None else []
        if files is None or not 1 <= len(every) <= MAX_REGIONS or self.bench.remaining() < LEAST_SECONDS:
            return None
        if len(every) == 1:  # a declaring test fails without the whole change
            return Divided(files, every, [])
        with ThreadPoolExecutor(self.bench.slots.count, thread_name_prefix="apart") as pool:
            singly = list(pool.map(lambda one: self._tests_without(files, [one]), every))
        rest = [one for one, result in zip(every, singly, strict=True) if result == "pass"]
        noticed = [one for one in every if one not in rest]
        return Divided(files, noticed, rest) if noticed else None

    def _files(self) -> dict[str, Texts] | None:
        """Both texts of what changed; None where something changed that cannot be taken back."""
        found = {}
        for path in self.tests.paths:
            suffix = path.rpartition(".")[2]
            old, new = (self.bench.trees[side].read_text(path) for side in (Side.BASE, Side.HEAD))
            if suffix in PROSE or (suffix == "py" and (old is None or new is None)):
                continue  # what a new module does, it does where another calls it
            if old is None or new is None or UNREADABLE in old + new:
                return None
            found[path] = texts_of(old, new)
        return found

    def _tests_without(self, files: Mapping[str, Texts], back: Collection[Region]) -> ReplayResult:
        return self._run(self.pack, self.tests.probe, taken_back(files, back), Limits())

    def _run(self, pack: Pack, probe: Probe, instead: Mapping[str, str], limits: Limits) -> ReplayResult:
        probe = dataclasses.replace(probe, request={**probe.request, "instead": dict(instead)})
        reply = self.bench.run(pack, Side.HEAD, probe, probe.limits or limits, PROOF)
        return judge(ProofPlan(probe, "", None, ""), reply)[0]
