"""Steps of sequences: calls of a class's methods in any order, at the same time, in bodies that fail."""

from __future__ import annotations

import inspect
import typing

from .aimed import Aimed
from .domain import MAPPINGS, Domain, Recipe, tag_of
from .generate import Generator
from .harvest import Harvest
from .learning import MAX_STEPS, Known, Learner
from .mutate import mutate, mutate_arguments
from .target import Scenario
from .together import TOGETHER
from .within import WITHIN

NESTED = ("list", "set", *MAPPINGS)


class Sequences(Learner):
    """Draws and varies the steps of scenarios; what it draws values with comes later."""

    asynchronous: list[str]
    managers: list[str]
    generator: Generator
    harvest: Harvest
    aimed: Aimed

    def _step(self, receiver: Recipe) -> list[typing.Any]:
        if self.asynchronous and self.rng.random() < 0.3:
            return self._together()
        if self.managers and self.rng.random() < 0.2:
            return self._within()
        chosen = self.focus if self.focus and self.rng.random() < 0.5 else list(self.signatures)
        name = self.aimed.method(chosen)
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
            args, _ = self.generator.arguments(self._required(name))
            calls.append(["tuple", [name, ["tuple", args]]])
        return [TOGETHER, calls, []]

    def _within(self) -> list[typing.Any]:
        """A call in the body of a with statement that fails, a changed one rather than another."""
        manager = self.rng.choice(self.managers)
        methods = [
            name
            for name in self.signatures
            if name != manager and not (self.target.is_attribute(name) or name.endswith("="))
        ]
        name = self.rng.choice([one for one in methods if not one.startswith("__")] or list(self.signatures))
        opened, _ = self.generator.arguments(self._required(manager)) if manager else ([], [])
        given, _ = self.generator.arguments(self._required(name))
        return [WITHIN, [manager, ["tuple", opened], name, ["tuple", given]], []]

    def _required(self, name: str) -> Known:
        return [pair for pair in self.signatures.get(name, []) if pair[0].default is pair[0].empty]

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
