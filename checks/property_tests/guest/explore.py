"""Proposes scenarios for one target: recorded ones, their neighbours, and newly drawn ones."""

from __future__ import annotations

import json
import typing

from guestlib.outcome import Outcome

from . import formats, guesses, hints, usage
from .aimed import Aimed
from .contents import Contents
from .converted import CHANGES, converted, usual
from .domain import Domain, Recipe
from .emptied import OTHER
from .environment import ENVIRON, Variables, apart
from .generate import Generator, scalars
from .harvest import Harvest
from .learning import MAX_STEPS
from .mutate import mutate_arguments
from .operands import Wish, granted
from .plausible import Judge
from .reach import Edge
from .sequences import Sequences
from .target import Scenario, Target
from .together import inner
from .within import managers

MOST_GRANTED = 12
MOST_WAITING = 100
LENGTHS = (1, 1, 2, 2, 3, 4, 6, MAX_STEPS)
"""Steps of a new sequence: what a step breaks off, the later ones do not show."""


class Explorer(Sequences):
    """``records`` are recorded calls of any symbol of the tree; ``extra`` further literals, ``sharp``
    those of the changed functions, ``examples`` texts of tests and documents. ``absent``: base asks
    whether parts of values are None; ``kinds`` are those of :mod:`.converted`.

    ``without`` names ingredients that are left out, to measure what each is worth.
    """

    def __init__(
        self,
        target: Target,
        records: list[dict[str, typing.Any]],
        extra: list[Recipe],
        notes: str,
        salt: int = 0,
        without: typing.Sequence[str] = (),
        sharp: typing.Sequence[Recipe] = (),
        examples: typing.Sequence[str] = (),
        absent: bool = False,
        kinds: typing.Sequence[str] = (),
    ) -> None:
        super().__init__(target, records, extra, salt, without)
        self.asynchronous = [name for name in target.asynchronous() if name in self.signatures]
        self.managers = managers(target.thing, self.signatures) if target.kind == "class" else []
        text = notes + "\n" + (getattr(target.thing, "__doc__", None) or "")
        self.judge = Judge(hints.documented(text), self.constructor, [*self.literals, *sharp])
        self.judge.contents = self.contents = Contents()
        self._read_constructors()
        self.generator = Generator(self.rng, self.literals, self.constructor)
        self.generator.absent = self.judge.absent = absent
        self._equip(sharp, examples)
        self._learn()
        self.harvest = Harvest(self.rng, self.seeds, self.focus)
        self.aimed = Aimed(self.rng)
        self.variables = Variables(self.rng)
        declared = all(domain.declared for known in self.signatures.values() for _, domain in known)
        self.kinds = [] if declared else [one for one in kinds if one in CHANGES]
        if "probe" not in without:
            self._watch()
        self.todo = list(self.seeds)
        self.wanted: list[Scenario] = []
        self.granted: dict[tuple[Wish, bool], int] = {}
        self.chained: set[str] = set()
        """Inputs in which a wish was granted: those that they wish for in turn have a count of their own."""
        for scenario in self.seeds:
            self.contents.learn(scenario)
        self.seen: set[str] = set()

    def _read_constructors(self) -> None:
        """Learn the literals and patterns of the classes whose objects are needed, before texts are drawn."""
        domains = [domain for known in self.signatures.values() for _, domain in known]
        wanted = [one for domain in domains for one in domain.classes]
        own = [(self.target.module, self.target.name)] if self.target.kind == "class" else []
        for module, name in (*own, *wanted):
            self.constructor(module, name)

    def _equip(self, sharp: typing.Sequence[Recipe], examples: typing.Sequence[str]) -> None:
        """Give the generator its words."""
        words = self.generator.words
        if "formats" not in self.without:
            words.formats = formats.examples(self.target.name, *self.focus, self.target.module) or list(
                formats.ALL
            )
        if "sharp" not in self.without:
            self.generator.sharpen(sharp)
        words.examples = list(examples)
        if "affixes" not in self.without:
            built = [self.target.thing] if self.target.kind == "class" else []
            for function in [*map(self.target.function, self.signatures), *built]:
                for where, found in usage.affixes(function).items():
                    words.affixes[where] += found

    def next(self) -> Scenario | None:
        """A scenario that was not proposed before; None after many attempts without one."""
        for _ in range(40):
            wanted = bool(self.wanted) and self.rng.random() < 0.5
            waiting = self.wanted if wanted else self.todo
            scenario = waiting.pop(0) if waiting else self._propose()
            if scenario is None or self.harvest.is_refused(scenario[0]):
                continue
            key = json.dumps(scenario)
            if key not in self.seen and len(key) < 8000:
                self.seen.add(key)
                if wanted:
                    self.chained.add(key)
                return scenario
        return None

    def _propose(self) -> Scenario | None:
        self.generator.around = []
        roll = self.rng.random()
        if self.harvest and roll < 0.6:
            source = self.aimed.source() or self.harvest.source()
            for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
                source = self._vary(source)
            return converted(self.rng, source, self.kinds)
        return self._draw_function() if self.target.kind == "function" else self._draw_class()

    def _draw_function(self) -> Scenario | None:
        name = self.target.name
        if name not in self.signatures:
            return None
        args, kwargs = self.generator.arguments(self.signatures[name])
        return [None, [*self._surroundings(), [name, self._alike(args, self.signatures[name]), kwargs]]]

    def _surroundings(self, known: typing.Sequence[typing.Any] = ()) -> list[typing.Any]:
        """Steps that set variables of the environment."""
        if not self.variables.asked:
            return list(known)
        words = self.generator.words
        return self.variables.steps([*words.sharp, *map(str, words.numbers), *words.literals], known)

    def _receiver(self) -> Recipe:
        if self.rng.random() < 0.4:
            known_one = self.harvest.receiver()
            if known_one is not None:
                return known_one
        known = self.constructor(self.target.module, self.target.name)
        if known is None:
            return self.harvest.receiver()
        return ["new", self.target.module, self.target.name, *self.generator.arguments(known, 1)]

    def _draw_class(self) -> Scenario | None:
        receiver = self._receiver()
        if receiver is None or not self.signatures:
            return None
        steps = [self._step(receiver) for _ in range(self.rng.choice(LENGTHS))]
        return [receiver, [*self._surroundings(), *steps]]

    def _vary(self, scenario: Scenario) -> Scenario:
        """The scenario with one thing otherwise, and sometimes its surroundings."""
        known, steps = apart(scenario[1])
        receiver, varied = self._vary_calls(scenario[0], steps)
        return [receiver, [*self._surroundings(known), *varied]]

    def _vary_calls(self, receiver: Recipe, steps: list[typing.Any]) -> Scenario:
        if self.harvest.is_refused(receiver):
            return [self._other(receiver), steps]
        for step in steps:
            for item in step[1] or []:
                self.generator.around.extend(scalars(item))
        if self.target.kind == "function":
            name, args, kwargs = steps[0]
            args, kwargs = mutate_arguments(self.generator, args, kwargs, self.signatures.get(name, []))
            return [receiver, [[name, *self._correlate(args), kwargs]]]
        return self._vary_steps(receiver, steps)

    def _correlate(self, args: list[Recipe]) -> list[list[Recipe]]:
        """Sometimes one int argument becomes the difference, sum or copy of two others."""
        ints = [item for item in self.generator.around if type(item) is int]
        at = [number for number, item in enumerate(args) if type(item) is int]
        if at and len(ints) > 1 and self.rng.random() < 0.15:
            low, high = self.rng.choice(ints), self.rng.choice(ints)
            args[self.rng.choice(at)] = self.rng.choice((high - low, high + low, high, abs(high - low)))
        return [args]

    def feed(
        self, scenario: Scenario, outcomes: list[Outcome], fresh: bool = False, near: set[Edge] | None = None
    ) -> None:
        """Learn from base's answer: what it took becomes a source, what it refused narrows guesses.

        ``fresh`` says that the input ran lines that no earlier one had run, ``near`` its ways through the
        change, where these were watched.
        """
        self.contents.feed(scenario, outcomes)
        self.harvest.feed(scenario, outcomes, fresh)
        if near is not None and "aims" not in self.without:
            self.aimed.feed(scenario, near)
        if outcomes and outcomes[-1]["kind"] == "hangs":
            self.generator.smaller([item for step in scenario[1] for item in step[1] or []])
        of_steps = outcomes[int(scenario[0] is not None) :]
        for (name, args, _), outcome in zip(scenario[1], of_steps):
            for (_, domain), item in zip(self.signatures.get(name, []), args or []):
                if domain.open and not domain.pool:
                    guesses.learn(domain, item, outcome["kind"])

    def grant(self, scenario: Scenario, wishes: list[Wish]) -> None:
        """Try next what compares otherwise in the changed lines; each wish a few times only."""
        chained = bool(wishes) and json.dumps(scenario) in self.chained
        for wish in wishes:
            times = self.granted.get((wish, chained), 0)
            if times < MOST_GRANTED and len(self.wanted) < MOST_WAITING:
                self.granted[wish, chained] = times + 1
                self.wanted += granted(scenario, wish)

    def plausible(self, scenario: Scenario, outcomes: list[Outcome]) -> bool:
        """Whether a difference on this input is one that a caller could meet.

        What base refuses on purpose is an input all the same, but only for the call that it refuses.
        """
        if self._fits(scenario, outcomes):
            return True
        return any(self._fits(one, outcomes) for one in usual(scenario, self.kinds))

    def _fits(self, scenario: Scenario, outcomes: list[Outcome]) -> bool:
        refused = [item.get("origin") == "purpose" for item in outcomes]
        first = scenario[0] is not None
        if first:
            known = Domain()
            kept = self.judge.relations(scenario[0], known)
            if not (self.judge.types(scenario[0], known) and (kept or any(refused[:1]))):
                return False
        for at, step in enumerate(scenario[1], start=int(first)):
            kinds, kept = self._judged(step)
            if not kinds or not (kept or any(refused[at : at + 1])):
                return False
        return True

    def _judged(self, step: list[typing.Any]) -> tuple[bool, bool]:
        """Whether the arguments of a step are of known kinds, and whether they keep their relations."""
        if step[0] == ENVIRON:
            return True, True
        if step[0] == OTHER:
            known = Domain()
            return self.judge.types(step[1][0], known), self.judge.relations(step[1][0], known)
        kinds, kept = True, True
        for name, args, kwargs in inner(step):
            signature = self.signatures.get(name, [])
            by_name = {parameter.name: domain for parameter, domain in signature}
            pairs = [
                (item, signature[min(at, len(signature) - 1)][1])
                for at, item in enumerate(args or [])
                if signature
            ]
            pairs += [(item, by_name[key]) for key, item in kwargs if key in by_name]
            kinds = kinds and all(self.judge.types(item, domain) for item, domain in pairs)
            kept = kept and all(self.judge.relations(item, domain) for item, domain in pairs)
        return kinds, kept
