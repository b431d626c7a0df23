"""What is known of a target's parameters: from signatures, bodies, probing and recorded calls."""

from __future__ import annotations

import inspect
import itertools
import random
import re
import sys
import typing

from guestlib.managers import METHODS
from guestlib.recipes import History, find

from . import ducks, hints, kept, keyed, placed, probe, usage
from .domain import Domain, Recipe, tag_of
from .forwarded import forwarded, optional
from .target import Scenario, Target

Known = typing.List[typing.Tuple[typing.Any, Domain]]
MAX_POOL = 300
MAX_STEPS = 8
OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "truediv", "floordiv", "mod", "and", "or", "xor",
             "radd", "rsub", "rmul", "rand", "ror", "rxor", "iadd", "isub", "imul", "iand", "ior", "ixor")  # fmt: skip
BINARY = frozenset("__%s__" % name for name in OPERATORS)
OTHER_ONE = inspect.Parameter("other", inspect.Parameter.POSITIONAL_OR_KEYWORD)
OTHER = re.compile("(an)?other|rhs|that")
NAMED = r"""['"]%s['"]|(?m:^\s+%s\s*:)"""
"""A key as a text, or as a field of a class."""
UNPACKED = re.compile(r"\*\*\w")


class Learner:
    """``records`` are recorded calls of any symbol of the tree; ``extra`` further literals."""

    def __init__(
        self,
        target: Target,
        records: list[dict[str, typing.Any]],
        extra: list[Recipe],
        salt: int,
        without: typing.Sequence[str],
    ) -> None:
        self.target = target
        self.rng = random.Random("%s %d" % (target.symbol, salt))
        self.classes: dict[tuple[str, str], Known | None] = {}
        self.records = records
        self.signatures: dict[str, Known] = {}
        self.without = without
        self.literals = [] if "literals" in without else list(extra)
        self.seeds: list[Scenario] = []
        self.raised: set[str] = set()
        steps = [target.name] if target.kind == "function" else target.methods()
        for step in steps:
            self._prepare(step)
        every = [name for one in target.focus for name in (one, one + "=")]
        self.focus = [name for name in every if name in self.signatures]

    def parameters(self) -> dict[str, list[list[typing.Any]]]:
        """Of each step, the names of what may be given by place or by name, and whether it may be left out."""
        made = self.constructor(self.target.module, self.target.name) if self.target.kind == "class" else None
        every = {**self.signatures, "__init__": made or []}
        return {
            step: [
                [one.name, one.default is not one.empty]
                for one in itertools.takewhile(
                    lambda one: one.kind is one.POSITIONAL_OR_KEYWORD, (one for one, _ in known)
                )
            ]
            for step, known in every.items()
        }

    def _prepare(self, step: str) -> None:
        function = self.target.function(step)
        skip = self.target.kind != "function"
        try:
            bare = skip and (self.target.is_attribute(step) or step in METHODS)
            known = [] if bare else hints.parameters(function, skip)
            known = [(OTHER_ONE, Domain())] if skip and step == "__hash__" else known
        except (TypeError, ValueError):
            return
        if "forwarded" not in self.without:
            known += forwarded(function, known)
        self.signatures[step] = known
        self._demand(function, known)
        if self.target.kind == "class":
            self._own_class(step, known)

    def _own_class(self, step: str, known: Known) -> None:
        """The other side of an operator, and what is called ``other``, is mostly of the same class.

        Where the body asks for a class that this one extends, its own objects are meant.
        """
        for parameter, domain in known:
            for module, name in list(domain.classes):
                if self._extends(module, name):
                    domain.classes.append((self.target.module, self.target.name))
            meant = OTHER.fullmatch(parameter.name) or (step in BINARY and domain is known[0][1])
            if meant and not domain.declared:
                domain.allow("new", 2.0)
                domain.classes.append((self.target.module, self.target.name))
            if meant and step in ("__eq__", "__ne__") and not domain.declared:
                for tag in (
                    "none",
                    "int",
                    "str",
                ):  # who looks for an object in a list compares it with anything
                    domain.allow(tag, 0.2)

    def _extends(self, module: str, name: str) -> bool:
        """Whether the target is another class that extends this one."""
        try:
            kind = find(module, name)
        except Exception:
            return False
        thing = self.target.thing
        return isinstance(kind, type) and kind is not thing and issubclass(thing, kind)

    def _demand(self, function: typing.Any, known: Known) -> None:
        tree = usage.parse(function)
        names = getattr(getattr(function, "__func__", function), "__globals__", {})
        if tree is not None and "body" not in self.without:
            domains = {parameter.name: domain for parameter, domain in known}
            usage.demand(domains, tree, names)
            keyed.demand_mappings(domains, tree)
            if "files" not in self.without:
                placed.demand(domains, function)
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
            if "kept" not in self.without and isinstance(kind, type):
                kept.demand(kind, {parameter.name: domain for parameter, domain in known}, self.target.tree)
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
            if name not in by_name and any(one.kind is one.VAR_KEYWORD for one, _ in known):
                known.append((optional(name), Domain(name)))
                by_name[name] = known[-1][1]
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
            if not (record["symbol"] + ".").startswith(self.target.symbol + "."):
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
        text = _source(self.target.module)
        every = [*self.signatures.values(), *(one for one in self.classes.values() if one)]
        for known in every if not UNPACKED.search(text) else ():
            for _, domain in known:
                domain.free(lambda key: re.search(NAMED % (re.escape(key), re.escape(key)), text) is not None)

    def _seed_function(self, record: dict[str, typing.Any]) -> None:
        known = self.signatures.get(self.target.name, [])
        self._learn_arguments(known, record["args"], record["kwargs"])
        self._keep([None, [[self.target.name, record["args"], record["kwargs"]]]])

    def _seed_class(self, group: list[dict[str, typing.Any]]) -> None:
        made = [one for one in group if one["symbol"].endswith(".__init__")]
        # What a constructor calls has no receiver yet.
        known = [one for one in group if one["receiver"] is not None]
        first = [*made, *known, *group][0]
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
            if record["args"] and self.target.is_attribute(step):
                step += "="
            if step in self.signatures:
                self._learn_arguments(self.signatures[step], record["args"], record["kwargs"])
                if not record["nested"]:
                    attribute = self.target.is_attribute(step)
                    args = None if attribute else [] if step in METHODS else record["args"]
                    steps.append([step, args, record["kwargs"]])
        self.constructor(self.target.module, self.target.name)
        self._learn_inner(receiver)
        if receiver[0] == "then":
            receiver, past = receiver[1], receiver[2]
            # Of an object that many tests use, this is not the whole past.
            if steps and len(past) >= History.MAX_STEPS:
                self._keep([receiver, steps[: MAX_STEPS * 2]])
            # What a decorator calls its wrapper is a name that the class does not know.
            steps = [*(one for one in past if hasattr(self.target.thing, one[0].rstrip("="))), *steps]
        if steps:
            self._keep([receiver, steps[: MAX_STEPS * 2]])

    def _keep(self, scenario: Scenario) -> None:
        if scenario not in self.seeds and len(self.seeds) < MAX_POOL:
            self.seeds.append(scenario)


def _source(module: str) -> str:
    try:
        return inspect.getsource(sys.modules[module])
    except (OSError, TypeError, KeyError):
        return ""
