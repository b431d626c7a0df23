"""Properties that a function of one argument may have, as something that can be tried like a function.

``roundtrip``: the inverse leads back to the argument. ``idempotent``: doing it twice changes
nothing more. The outcome of a try is True or False; where the function itself refuses the
argument, its exception is the outcome and the property says nothing.
"""

from __future__ import annotations

import typing

from guestlib.canon import Shapes, canon, is_iterator
from guestlib.outcome import Outcome, observe
from guestlib.recipes import build, find
from guestlib.source import Source

from .target import Scenario, Target


class Law(Target):
    """A property of the target function; ``inverse`` is the other function's name in the same module."""

    def __init__(self, module: str, name: str, law: str, inverse: str, tree: str) -> None:
        super().__init__(module, name, "function", [], tree)
        self.law = law
        self.other = find(module, inverse) if law == "roundtrip" else self.thing
        self.inverse = inverse

    def run(self, scenario: Scenario, seconds: float, shapes: Shapes) -> list[Outcome]:
        """One outcome: whether the property holds for the first argument."""
        args = scenario[1][0][1]
        if len(args) != 1 or scenario[1][0][2]:
            return [{"kind": "unmade arguments"}]
        try:
            given, kept = build(args[0]), build(args[0])
        except Exception as error:
            return [{"kind": "unmade " + type(error).__name__}]
        if is_iterator(given):
            return [{"kind": "unmade iterator"}]
        return [observe(lambda: self._holds(given, kept), (), seconds, shapes, self.tree)]

    def _holds(self, given: typing.Any, kept: typing.Any) -> str:
        made = self.thing(given)
        if is_iterator(made) or made is None:
            raise TypeError("nothing to go on with")
        wanted = kept if self.law == "roundtrip" else self.thing(given)
        trivial = canon(made, numeric=True) == canon(kept, numeric=True)
        try:
            again = self.other(made)
        except Exception:
            return "breaks"
        if canon(again, loose=True, root=self.tree) != canon(wanted, loose=True, root=self.tree):
            return "breaks"
        return "trivial" if trivial else "holds"

    def explain(self, scenario: Scenario) -> dict[str, typing.Any]:
        """``imports``, the argument's source, and what came of it in words."""
        source = Source(taken={"value"})
        outer, inner = source.name(self.module, self.inverse), source.name(self.module, self.name)
        argument = source.expression(scenario[1][0][1][0])
        made: dict[str, typing.Any] = {
            "outer": outer,
            "inner": inner,
            "argument": argument,
            "imports": source.imports(),
        }
        outcome = observe(
            lambda: self.other(self.thing(build(scenario[1][0][1][0]))), (), 0.5, None, self.tree
        )
        made["result"] = str(outcome.get("text", outcome["kind"]))[:300]
        return made
