"""Proposes scenarios for one target: recorded ones, their neighbours, and newly drawn ones."""

from __future__ import annotations

import inspect
import json
import typing

from guestlib.outcome import Outcome

from . import formats, guesses, hints, usage
from .contents import Contents
from .domain import MAPPINGS, Domain, Recipe, tag_of
from .emptied import OTHER
from .generate import Generator, scalars
from .harvest import Harvest
from .learning import MAX_STEPS, Known, Learner
from .mutate import mutate, mutate_arguments
from .plausible import Judge
from .target import Scenario, Target
from .together import TOGETHER, inner
from .within import WITHIN, managers

NESTED = ("list", "set", *MAPPINGS)


LENGTHS = (1, 1, 2, 2, 3, 4, 6, MAX_STEPS)
"""Steps of a new sequence: what a step breaks off, the later ones do not show."""


class Explorer(Learner):
    """``records`` are recorded calls of any symbol of the tree; ``extra`` further literals, ``sharp``
    those of the changed functions, ``examples`` texts of tests and documents.

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
    ) -> None:
        super().__init__(target, records, extra, salt, without)
        self.asynchronous = [name for name in target.asynchronous() if name in self.signatures]
        self.managers = managers(target.thing, self.signatures) if target.kind == "class" else []
        text = notes + "\n" + (getattr(target.thing, "__doc__", None) or "")
        self.judge = Judge(hints.documented(text), self.constructor, [*self.literals, *sharp])
        self.judge.contents = self.contents = Contents()
        self._read_constructors()
        self.generator = Generator(self.rng, self.literals, self.constructor)
        self._equip(sharp, examples)
        self._learn()
        self.harvest = Harvest(self.rng, self.seeds, self.focus)
        if "probe" not in without:
            self._watch()
        self.todo = list(self.seeds)
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
            scenario = self.todo.pop(0) if self.todo else self._propose()
            if scenario is None or self.harvest.is_refused(scenario[0]):
                continue
            key = json.dumps(scenario)
            if key not in self.seen and len(key) < 8000:
                self.seen.add(key)
                return scenario
        return None

    def _propose(self) -> Scenario | None:
        self.generator.around = []
        roll = self.rng.random()
        if self.harvest and roll < 0.6:
            source = self.harvest.source()
            for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
                source = self._vary(source)
            return source
        return self._draw_function() if self.target.kind == "function" else self._draw_class()

    def _draw_function(self) -> Scenario | None:
        name = self.target.name
        if name not in self.signatures:
            return None
        args, kwargs = self.generator.arguments(self.signatures[name])
        return [None, [[name, self._alike(args, self.signatures[name]), kwargs]]]

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
        return [receiver, steps]

    def _step(self, receiver: Recipe) -> list[typing.Any]:
        if self.asynchronous and self.rng.random() < 0.3:
            return self._together()
        if self.managers and self.rng.random() < 0.2:
            return self._within()
        names = list(self.signatures)
        name = (
            self.rng.choice(self.focus) if self.focus and self.rng.random() < 0.5 else self.rng.choice(names)
        )
        if self.target.is_attribute(name):
            return [name, None, []]
        args, kwargs = self.generator.arguments(self.signatures[name])
        args = self._alike(args, self.signatures[name])
        return [name, [self._like(receiver, item) for item in args], kwargs]

    def _alike(self, args: list[Recipe], known: Known) -> list[Recipe]:
        """Sometimes one container becomes a neighbour of another: who compares two, compares near ones."""
        at = [
            number
            for number, item in enumerate(args[: len(known)])
            if tag_of(item) in NESTED and known[number][0].kind is not inspect.Parameter.VAR_POSITIONAL
        ]
        if len(at) < 2 or self.rng.random() < 0.6:
            return args
        one, two = self.rng.sample(at, 2)
        domain = known[two][1]
        if not domain.open and (domain.tags.keys() != known[one][1].tags.keys() or domain.observed):
            return args
        made = args[one]
        for _ in range(self.rng.choice((0, 1, 1, 2, 3))):
            made = mutate(self.generator, made, domain)
        return [*args[:two], made, *args[two + 1 :]]

    def _like(self, receiver: Recipe, item: Recipe) -> Recipe:
        """An argument of the receiver's class is mostly one that is near the receiver."""
        if tag_of(item) != "new" or tag_of(receiver) != "new" or item[1:3] != receiver[1:3]:
            return item
        if self.rng.random() < 0.3:
            return item
        for _ in range(self.rng.choice((0, 1, 1, 1, 2))):
            receiver = self._other(receiver)
        return receiver

    def _together(self) -> list[typing.Any]:
        """Two calls of asynchronous methods at the same time, changed ones first."""
        changed = [name for name in self.asynchronous if name in self.focus]
        calls = []
        for names in (changed or self.asynchronous, self.asynchronous):
            name = self.rng.choice(names)
            known = [pair for pair in self.signatures[name] if pair[0].default is pair[0].empty]
            args, _ = self.generator.arguments(known)
            calls.append(["tuple", [name, ["tuple", args]]])
        return [TOGETHER, calls, []]

    def _within(self) -> list[typing.Any]:
        """A call in the body of a with statement that fails, a changed one rather than another."""
        manager = self.rng.choice(self.managers)
        methods = [name for name in self.signatures if name != manager and not self.target.is_attribute(name)]
        name = self.rng.choice([one for one in methods if not one.startswith("__")] or list(self.signatures))
        opened, _ = self.generator.arguments(self._required(manager)) if manager else ([], [])
        given, _ = self.generator.arguments(self._required(name))
        return [WITHIN, [manager, ["tuple", opened], name, ["tuple", given]], []]

    def _required(self, name: str) -> Known:
        return [pair for pair in self.signatures.get(name, []) if pair[0].default is pair[0].empty]

    def _vary(self, scenario: Scenario) -> Scenario:
        receiver, steps = scenario
        steps = list(steps)
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

    def _vary_steps(self, receiver: Recipe, steps: list[typing.Any]) -> Scenario:
        rng = self.rng
        roll = rng.random()
        if steps and roll < 0.35:
            at = rng.randrange(len(steps))
            name, args, kwargs = steps[at]
            if name == TOGETHER:
                steps[at] = self._together()
            elif name == WITHIN:
                steps[at] = self._within()
            elif args is not None:
                steps[at] = [
                    name,
                    *mutate_arguments(self.generator, args, kwargs, self.signatures.get(name, [])),
                ]
        elif steps and roll < 0.55:
            steps.insert(rng.randrange(len(steps) + 1), rng.choice(steps))
        elif len(steps) > 1 and roll < 0.62:
            del steps[rng.randrange(len(steps))]
        elif roll < 0.82 and self.signatures:
            steps.insert(rng.randrange(len(steps) + 1), self._step(receiver))
        else:
            receiver = self._other(receiver)
        return [receiver, steps[: MAX_STEPS * 2]]

    def _other(self, receiver: Recipe) -> Recipe:
        """An object near this one, or another one that base built."""
        if self.harvest.receivers and self.rng.random() < 0.25:
            return self.rng.choice(self.harvest.receivers)
        domain = Domain()
        domain.allow("new")
        return mutate(self.generator, receiver, domain) or receiver

    def feed(self, scenario: Scenario, outcomes: list[Outcome], fresh: bool = False) -> None:
        """Learn from base's answer: what it took becomes a source, what it refused narrows guesses.

        ``fresh`` says that the input ran lines that no earlier one had run.
        """
        self.contents.feed(scenario, outcomes)
        self.harvest.feed(scenario, outcomes, fresh)
        if outcomes and outcomes[-1]["kind"] == "hangs":
            self.generator.smaller([item for step in scenario[1] for item in step[1] or []])
        of_steps = outcomes[int(scenario[0] is not None) :]
        for (name, args, _), outcome in zip(scenario[1], of_steps):
            for (_, domain), item in zip(self.signatures.get(name, []), args or []):
                if domain.open and not domain.pool:
                    guesses.learn(domain, item, outcome["kind"])

    def plausible(self, scenario: Scenario, outcomes: list[Outcome]) -> bool:
        """Whether a difference on this input is one that a caller could meet.

        What base refuses on purpose is an input all the same, but only for the call that it refuses.
        """
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
