"""Other arguments for calls met in place, and what can be done next with the object of a call.

Only what is known of a position guides the variation: annotations, and the values that it had in
all calls that were met. The judgement is the one of constructed inputs (see ``plausible``).
"""

from __future__ import annotations

import json
import random
import typing

from guestlib.recipes import Recipe, find

from .. import hints, usage
from ..domain import Domain
from ..generate import Generator
from ..mutate import mutate
from ..plausible import Judge
from . import direct
from .argv import Lexicon, is_command_line, is_texts
from .live import elsewhere, is_live, is_path, settled

Known = typing.List[typing.Tuple[typing.Any, Domain]]
CallPlan = typing.Dict[str, typing.Any]
MIN_STEPS, MAX_STEPS = 2, 8
DIRECT = 3
"""Calls of a symbol of which words of the code are tried one by one."""
WORDS = 0.7
"""How often a command line has one word varied, and not any part of it."""
ELSEWHERE = 0.3
"""How often the path of a temporary file becomes one of a file that is not there."""


class Varier:
    """Varies the calls of one symbol. ``calls`` are all that were met, of any symbol."""

    def __init__(self, symbol: str, calls: list[CallPlan], literals: list[Recipe], notes: str) -> None:
        self.rng = random.Random(symbol)
        self.symbol = symbol
        self.calls = calls
        self.literals = list(literals)
        self.signatures: dict[str, Known | None] = {}
        self.judge = Judge(hints.documented(notes), self._constructor)
        self.generator = Generator(self.rng, self.literals, self._constructor)
        self.lexicon = Lexicon()
        self.lexicon.learn(self.literals)
        self.args_of: dict[str, list[CallPlan]] = {}
        for call in calls:
            self.args_of.setdefault(call["symbol"], []).append(call)
            for item in [*call["args"], *(pair[1] for pair in call["kwargs"])]:
                if is_command_line(item):
                    self.lexicon.learn(item[1])
                    self.lexicon.serves |= call["symbol"] == symbol

    def plan(self, each: int) -> list[CallPlan]:
        """``each`` variations of every call of the symbol, all different; the unvaried call comes first."""
        found: list[CallPlan] = []
        seen: set[str] = set()
        for at, call in enumerate(self.args_of.get(self.symbol, [])):
            place = {name: call[name] for name in ("symbol", "test", "index", "bound")}
            for number in range(each):
                args, kwargs = call["args"], call["kwargs"]
                steps: list[typing.Any] = []
                if number and (number % 2 or not call["methods"]):
                    args, kwargs = self._varied(call)
                if call["methods"] and number % 3 != 1:
                    steps = self._steps(call)
                key = json.dumps([call["args"], args, kwargs, steps])
                if key in seen or not self._plausible(self.symbol, args, kwargs):
                    continue
                seen.add(key)
                found.append({**place, "args": args, "kwargs": kwargs, "steps": steps})
            for args, kwargs in self._direct(call) if at < DIRECT else ():
                key = json.dumps([call["args"], args, kwargs, []])
                if key not in seen and self._plausible(self.symbol, args, kwargs):
                    seen.add(key)
                    found.append({**place, "args": args, "kwargs": kwargs, "steps": []})
        return found

    def _direct(self, call: CallPlan) -> typing.Iterator[direct.Arguments]:
        """The call with words of the code, and with parameters that no test gives."""
        known, args, kwargs = self._signature(self.symbol), list(call["args"]), call["kwargs"]
        yield from direct.replaced(args, kwargs, direct.words(self.literals))
        yield from direct.added(args, kwargs, known, self.generator)

    def _signature(self, symbol: str) -> Known:
        if symbol not in self.signatures:
            known = self.signatures[symbol] = self._resolved(symbol)
            for call in self.args_of.get(symbol, []):
                self._learn(symbol, known, call)
        return self.signatures[symbol] or []

    def _resolved(self, symbol: str) -> Known:
        """Domains by the annotations of a function that can be named, else by position only."""
        parts = symbol.split(".")
        for at in range(len(parts) - 1, 0, -1):
            try:
                function = find(".".join(parts[:at]), ".".join(parts[at:]))
            except Exception:
                continue
            for literal in usage.literals(function):
                if literal not in self.literals:
                    self.literals.append(literal)
            self.lexicon.learn(usage.literals(function))
            try:
                known = hints.parameters(function, False)
            except (TypeError, ValueError):
                break
            skip = bool(known) and known[0][0].name in ("self", "cls")
            return known[skip:]
        return []

    def _learn(self, symbol: str, known: Known, call: CallPlan) -> None:
        by_name = {parameter.name: domain for parameter, domain in known}
        while len(known) < len(call["args"]) and not any(p.name == "args" for p, _ in known):
            known.append((_Nameless("argument_%d" % len(known)), Domain()))
        for at, item in enumerate(call["args"][: len(known)]):
            known[at][1].learn(settled(item))
        for name, item in call["kwargs"]:
            if name in by_name:
                by_name[name].learn(settled(item))

    def _constructor(self, module: str, name: str) -> Known | None:
        try:
            return hints.parameters(find(module, name), False)
        except Exception:
            return None

    def _varied(self, call: CallPlan) -> tuple[list[Recipe], list[list[Recipe]]]:
        known = self._signature(self.symbol)
        by_name = {parameter.name: domain for parameter, domain in known}
        args, kwargs = list(call["args"]), [list(pair) for pair in call["kwargs"]]
        places = [at for at, item in enumerate(args) if not _wholly_live(item)]
        named = [at for at, pair in enumerate(kwargs) if not _wholly_live(pair[1])]
        for _ in range(self.rng.choice((1, 1, 2))):
            if not places and not named:
                break
            at = self.rng.randrange(len(places) + len(named))
            if at < len(places):
                domain = known[min(places[at], len(known) - 1)][1] if known else Domain()
                args[places[at]] = self._other(args[places[at]], domain)
            else:
                pair = kwargs[named[at - len(places)]]
                pair[1] = self._other(pair[1], by_name.get(pair[0], Domain()))
        return args, kwargs

    def _other(self, recipe: Recipe, domain: Domain) -> Recipe:
        if is_path(recipe):
            return elsewhere(recipe) if self.rng.random() < ELSEWHERE else recipe
        if self.lexicon.serves and is_texts(recipe) and self.rng.random() < WORDS:
            return self.lexicon.varied(self.rng, recipe)
        return mutate(self.generator, recipe, domain)

    def _steps(self, call: CallPlan) -> list[typing.Any]:
        """Two to eight things to do with the object: methods called as they were met, attributes read."""
        owner = self.symbol.rpartition(".")[0]
        ready: list[tuple[str, str | None]] = []
        for name, how in call["methods"]:
            if how == "read":
                ready.append((name, None))
            elif any(
                not is_live([one["args"], one["kwargs"]]) for one in self.args_of.get(owner + "." + name, [])
            ):
                ready.append((name, owner + "." + name))
            elif self._takes_nothing(owner + "." + name):
                ready.append((name, ""))
        steps: list[typing.Any] = []
        for _ in range(self.rng.randrange(MIN_STEPS, MAX_STEPS + 1) if ready else 0):
            name, symbol = self.rng.choice(ready)
            if symbol is None:
                steps.append([name, None, []])
            elif not symbol:
                steps.append([name, [], []])
            else:
                met = [one for one in self.args_of[symbol] if not is_live([one["args"], one["kwargs"]])]
                one = self.rng.choice(met)
                steps.append([name, *self._maybe_varied(symbol, one)])
        return steps

    def _maybe_varied(self, symbol: str, call: CallPlan) -> list[typing.Any]:
        args, kwargs = list(call["args"]), call["kwargs"]
        known = self._signature(symbol)
        if args and known and self.rng.random() < 0.5:
            at = self.rng.randrange(len(args))
            varied = mutate(self.generator, args[at], known[min(at, len(known) - 1)][1])
            if self._plausible(symbol, [*args[:at], varied, *args[at + 1 :]], kwargs):
                args[at] = varied
        return [args, kwargs]

    def _takes_nothing(self, symbol: str) -> bool:
        known = self._resolved(symbol)
        module, _, name = symbol.rpartition(".")
        try:
            owner_module, _, owner = module.rpartition(".")
            function = getattr(find(owner_module, owner), name)
        except Exception:
            return False
        return callable(function) and all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
                                          for p, _ in known)  # fmt: skip

    def _plausible(self, symbol: str, args: list[Recipe], kwargs: list[list[Recipe]]) -> bool:
        known = self._signature(symbol)
        by_name = {parameter.name: domain for parameter, domain in known}
        pairs = [(item, known[min(at, len(known) - 1)][1]) for at, item in enumerate(args) if known]
        pairs += [(item, by_name[name]) for name, item in kwargs if name in by_name]
        return all(
            _wholly_live(item) or (self.judge.types(item, domain) and self.judge.relations(item, domain))
            for item, domain in ((settled(one), domain) for one, domain in pairs)
        )


class _Nameless:
    """A parameter of which only the position is known."""

    empty = object()
    default = empty
    kind = POSITIONAL_OR_KEYWORD = 1
    POSITIONAL_ONLY, VAR_POSITIONAL, KEYWORD_ONLY, VAR_KEYWORD = 0, 2, 3, 4

    def __init__(self, name: str) -> None:
        self.name = name


def _wholly_live(recipe: Recipe) -> bool:
    return isinstance(recipe, list) and recipe[:1] == ["live"] and not is_path(recipe)
