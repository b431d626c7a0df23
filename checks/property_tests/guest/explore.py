"""Proposes scenarios for one target: recorded ones, their neighbours, and newly drawn ones."""

from __future__ import annotations

import inspect
import json
import random
import typing

from guestlib.outcome import Outcome
from guestlib.recipes import find

from . import ducks, formats, hints, keyed, probe, usage
from .domain import Domain, Recipe, tag_of
from .generate import Generator, scalars
from .mutate import mutate, mutate_arguments
from .plausible import Judge
from .target import Scenario, Target
from .together import TOGETHER, inner

Known = typing.List[typing.Tuple[typing.Any, Domain]]
MAX_POOL = 300
MAX_STEPS = 8
BINARY = frozenset(
    "__%s__" % name for name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "and", "or", "xor")
)
GARBAGE = ("TypeError", "AttributeError", "NameError", "AssertionError")


class Explorer:
    """``records`` are recorded calls of any symbol of the tree; ``extra`` further literals.

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
    ) -> None:
        self.target = target
        self.rng = random.Random("%s %d" % (target.symbol, salt))
        self.classes: dict[tuple[str, str], Known | None] = {}
        self.records = records
        self.signatures: dict[str, Known] = {}
        self.without = without
        self.literals = [] if "literals" in without else list(extra)
        steps = [target.name] if target.kind == "function" else target.methods()
        for step in steps:
            self._prepare(step)
        self.asynchronous = [name for name in target.asynchronous() if name in self.signatures]
        self.focus = [name for name in target.focus if name in self.signatures]
        text = notes + "\n" + (getattr(target.thing, "__doc__", None) or "")
        self.judge = Judge(hints.documented(text), self.constructor)
        self.generator = Generator(self.rng, self.literals, self.constructor)
        if "formats" not in without:
            named = formats.examples(target.name, *self.focus, target.module)
            self.generator.formats = named or list(formats.ALL)
        if "affixes" not in without:
            for step in self.signatures:
                for where, found in usage.affixes(self.target.function(step)).items():
                    self.generator.affixes[where] += found
        self.pool: list[Scenario] = []
        self.seeds: list[Scenario] = []
        self.pioneers: list[Scenario] = []
        self.raised: set[str] = set()
        self._learn()
        if "probe" not in without:
            self._watch()
        self.todo = list(self.seeds)
        self.seen: set[str] = set()

    def _prepare(self, step: str) -> None:
        function = self.target.function(step)
        skip = self.target.kind != "function"
        try:
            known = [] if skip and self.target.is_attribute(step) else hints.parameters(function, skip)
        except (TypeError, ValueError):
            return
        self.signatures[step] = known
        self._demand(function, known)
        if self.target.kind == "class":
            self._own_class(step, known)

    def _own_class(self, step: str, known: Known) -> None:
        """The other side of an operator is mostly another object of the same class."""
        if step in BINARY and known and not known[0][1].declared:
            known[0][1].allow("new", 2.0)
            known[0][1].classes.append((self.target.module, self.target.name))

    def _demand(self, function: typing.Any, known: Known) -> None:
        tree = usage.parse(function)
        names = getattr(getattr(function, "__func__", function), "__globals__", {})
        if tree is not None and "body" not in self.without:
            domains = {parameter.name: domain for parameter, domain in known}
            usage.demand(domains, tree, names)
            keyed.demand_mappings(domains, tree)
        for literal in () if "literals" in self.without else usage.literals(function):
            if literal not in self.literals:
                self.literals.append(literal)

    def _watch(self) -> None:
        """Call the function, or the changed methods, with probes; what is done with them guides guesses."""
        for step in [self.target.name] if self.target.kind == "function" else self.focus:
            known = self.signatures.get(step, [])
            domains = {
                parameter.name: domain
                for parameter, domain in known
                if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
            }
            if all(domain.declared for domain in domains.values()):
                continue
            function = self.target.function(step)
            plain = inspect.unwrap(getattr(function, "__func__", function))
            receiver = [] if self.target.kind == "function" else ["self"]
            uses = probe.watch(plain if receiver else function, [*receiver, *domains])
            width = keyed.key_width(usage.parse(plain))
            ducks.Wardrobe(self.target.tree, dict(getattr(plain, "__globals__", {})), width).apply(
                uses, domains
            )

    def constructor(self, module: str, name: str) -> Known | None:
        """Parameters of a class of the tree, learnt from recorded constructions."""
        key = (module, name)
        if key not in self.classes:
            self.classes[key] = None
            kind: typing.Any = None
            known: Known | None
            try:
                kind = find(module, name)
                known = hints.parameters(kind, False)
            except Exception:
                known = hints.like_builtin(kind) if isinstance(kind, type) else None
            if known is None:
                return None
            self.classes[key] = known
            self._demand(getattr(kind, "__init__", kind), known)
            for record in self.records:
                if record["symbol"] == module + "." + name + ".__init__" and record["args"] is not None:
                    self._learn_arguments(known, record["args"], record["kwargs"])
        return self.classes[key]

    def _learn_arguments(self, known: Known, args: list[Recipe], kwargs: list[list[Recipe]]) -> None:
        by_name = {parameter.name: domain for parameter, domain in known}
        for at, item in enumerate(args[: len(known)] if known else []):
            known[at][1].learn(item)
            self._learn_inner(item)
        for name, item in kwargs:
            if name in by_name:
                by_name[name].learn(item)
                self._learn_inner(item)

    def _learn_inner(self, recipe: Recipe) -> None:
        if not isinstance(recipe, list) or not recipe:
            return
        if tag_of(recipe) == "then":
            recipe = recipe[1]
        if tag_of(recipe) == "new":
            known = self.constructor(recipe[1], recipe[2])
            if known:
                self._learn_arguments(known, recipe[3], recipe[4])
            return
        for part in recipe[1:]:
            if isinstance(part, list):
                for item in part:
                    self._learn_inner(item)

    def _learn(self) -> None:
        groups: dict[tuple[str, int], list[dict[str, typing.Any]]] = {}
        for record in self.records:
            if not record["symbol"].startswith(self.target.symbol):
                continue
            kind = record["outcome"]["kind"]
            if kind.startswith("raises "):
                self.raised.add(kind[len("raises ") :])
            if record["args"] is None or "unwritable" in record:
                continue
            if record["symbol"] == self.target.symbol:
                self._seed_function(record)
            elif self.target.kind == "class" and record["serial"] is not None:
                groups.setdefault((record["test"], record["serial"]), []).append(record)
        for group in groups.values():
            self._seed_class(group)

    def _seed_function(self, record: dict[str, typing.Any]) -> None:
        known = self.signatures.get(self.target.name, [])
        self._learn_arguments(known, record["args"], record["kwargs"])
        self._keep([None, [[self.target.name, record["args"], record["kwargs"]]]])

    def _seed_class(self, group: list[dict[str, typing.Any]]) -> None:
        first = group[0]
        name = first["symbol"].rpartition(".")[2]
        if name == "__init__":
            receiver: Recipe = ["new", self.target.module, self.target.name, first["args"], first["kwargs"]]
        else:
            receiver = first["receiver"]
        if receiver is None:
            return
        steps = []
        for record in group:
            step = record["symbol"].rpartition(".")[2]
            if step in self.signatures:
                self._learn_arguments(self.signatures[step], record["args"], record["kwargs"])
                if not record["nested"]:
                    attribute = self.target.is_attribute(step)
                    steps.append([step, None if attribute else record["args"], record["kwargs"]])
        self.constructor(self.target.module, self.target.name)
        self._learn_inner(receiver)
        if receiver[0] == "then":
            steps = [*receiver[2], *steps]
            receiver = receiver[1]
        if steps:
            self._keep([receiver, steps[: MAX_STEPS * 2]])

    def _keep(self, scenario: Scenario) -> None:
        if scenario not in self.seeds and len(self.seeds) < MAX_POOL:
            self.seeds.append(scenario)
            self.pool.append(scenario)

    def next(self) -> Scenario | None:
        """A scenario that was not proposed before; None after many attempts without one."""
        for _ in range(30):
            scenario = self.todo.pop(0) if self.todo else self._propose()
            if scenario is None:
                continue
            key = json.dumps(scenario)
            if key not in self.seen and len(key) < 8000:
                self.seen.add(key)
                return scenario
        return None

    def _propose(self) -> Scenario | None:
        self.generator.around = []
        roll = self.rng.random()
        if (self.pool or self.pioneers) and roll < 0.6:
            source = self._source()
            for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
                source = self._vary(source)
            return source
        return self._draw_function() if self.target.kind == "function" else self._draw_class()

    def _source(self) -> Scenario:
        """A scenario to vary: a recorded one, one that reached something new, or any that was answered."""
        roll = self.rng.random()
        if self.pioneers and (roll < 0.35 or not self.pool):
            late = self.rng.random() < 0.5
            return self.rng.choice(self.pioneers[-8:] if late else self.pioneers)
        return self.rng.choice(self.seeds if self.seeds and self.rng.random() < 0.6 else self.pool)

    def _draw_function(self) -> Scenario | None:
        name = self.target.name
        if name not in self.signatures:
            return None
        args, kwargs = self.generator.arguments(self.signatures[name])
        return [None, [[name, args, kwargs]]]

    def _receiver(self) -> Recipe:
        if self.pool and self.rng.random() < 0.4:
            return self.rng.choice(self.pool)[0]
        known = self.constructor(self.target.module, self.target.name)
        if known is None:
            return self.rng.choice(self.pool)[0] if self.pool else None
        return ["new", self.target.module, self.target.name, *self.generator.arguments(known, 1)]

    def _draw_class(self) -> Scenario | None:
        receiver = self._receiver()
        if receiver is None or not self.signatures:
            return None
        steps = [self._step() for _ in range(self.rng.randrange(1, MAX_STEPS + 1))]
        return [receiver, steps]

    def _step(self) -> list[typing.Any]:
        if self.asynchronous and self.rng.random() < 0.3:
            return self._together()
        names = list(self.signatures)
        name = (
            self.rng.choice(self.focus) if self.focus and self.rng.random() < 0.5 else self.rng.choice(names)
        )
        if self.target.is_attribute(name):
            return [name, None, []]
        return [name, *self.generator.arguments(self.signatures[name])]

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

    def _vary(self, scenario: Scenario) -> Scenario:
        receiver, steps = scenario
        steps = list(steps)
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
            elif args is not None:
                steps[at] = [
                    name,
                    *mutate_arguments(self.generator, args, kwargs, self.signatures.get(name, [])),
                ]
        elif steps and roll < 0.55:
            steps.insert(rng.randrange(len(steps) + 1), rng.choice(steps))
        elif steps and roll < 0.65:
            del steps[rng.randrange(len(steps))]
        elif roll < 0.9 and self.signatures:
            steps.insert(rng.randrange(len(steps) + 1), self._step())
        else:
            domain = Domain()
            domain.allow("new")
            receiver = mutate(self.generator, receiver, domain)
        return [receiver, steps[: MAX_STEPS * 2]]

    def feed(self, scenario: Scenario, outcomes: list[Outcome], fresh: bool = False) -> None:
        """Learn from base's answer: what it took becomes a source, what it refused narrows guesses.

        ``fresh`` says that the input ran lines that no earlier one had run.
        """
        good = all(item["kind"] == "value" for item in outcomes)
        if fresh and (good or outcomes[-1].get("origin") == "purpose"):
            self.pioneers.append(scenario)
        if outcomes and outcomes[-1]["kind"] == "hangs":
            self.generator.smaller([item for step in scenario[1] for item in step[1] or []])
        if good and len(self.pool) < MAX_POOL and self.rng.random() < 0.3:
            self.pool.append(scenario)
        for name, args, _ in scenario[1]:
            for (_, domain), item in zip(self.signatures.get(name, []), args or []):
                if domain.open and not domain.pool:
                    self._guess(domain, item, good, outcomes[-1]["kind"] if outcomes else "")

    def _guess(self, domain: Domain, recipe: Recipe, good: bool, kind: str) -> None:
        tries = domain.__dict__.setdefault("tries", {})
        took, asked = tries.get(tag_of(recipe), (0, 0))
        refused = kind.startswith("raises ") and kind[len("raises ") :] in GARBAGE
        tries[tag_of(recipe)] = (took + (good and not refused), asked + 1)
        if sum(asked for _, asked in tries.values()) >= 40:
            for tag, (answered, tried) in tries.items():
                if answered and answered * 3 >= tried:
                    domain.allow(tag, 0.6)

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
