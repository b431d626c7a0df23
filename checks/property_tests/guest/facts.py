"""What holds of a function's results whatever the input: sorted, as long as, never negative …

Every try tells of each property whether it holds, fails or says nothing here. The properties are
those that property-based testing knows best (Hughes: How to Specify It!, 2019) and that
invariants are mined for (Ernst and others: the Daikon system, 2007).
"""

from __future__ import annotations

import copy
import typing

from guestlib.canon import Shapes, canon, is_iterator
from guestlib.outcome import Outcome, observe
from guestlib.recipes import build_call
from guestlib.source import Source

from .target import Scenario, Target

Args = typing.List[typing.Any]
Verdicts = typing.Dict[str, bool]
NUMBERS = (int, float)


class Facts(Target):
    """A function of the tree, tried for all properties at once."""

    def __init__(self, module: str, name: str, tree: str) -> None:
        super().__init__(module, name, "function", [], tree)

    def run(self, scenario: Scenario, seconds: float, shapes: Shapes) -> list[Outcome]:
        """One outcome, whose ``group`` has ``+name`` for each property that holds, ``-name`` for others.

        (A ``text`` may leave the sandbox as a digest.)
        """
        try:
            positional, keywords = build_call(*scenario[1][0][1:])
        except Exception as error:
            return [{"kind": "unmade " + type(error).__name__}]
        if any(is_iterator(value) for value in [*positional, *keywords.values()]):
            return [{"kind": "unmade iterator"}]
        outcome = observe(lambda: self._verdicts(positional, keywords), (), seconds, shapes, self.tree)
        return [{"kind": outcome["kind"], "group": outcome.get("text", "").strip("'")}]

    def _verdicts(self, positional: Args, keywords: dict[str, typing.Any]) -> str:
        given = copy.deepcopy((positional, keywords))
        try:
            result = self.thing(*positional, **keywords)
        except Exception:
            return ""
        if is_iterator(result) or hasattr(result, "__await__"):
            return ""
        said: Verdicts = {}
        of_result(said, result)
        if given[0]:
            of_first(said, given[0][0], result)
        self._of_calls(said, given[0], given[1], result)
        return " ".join(("+" if said[name] else "-") + name for name in sorted(said))

    def _of_calls(
        self, said: Verdicts, positional: Args, keywords: dict[str, typing.Any], result: typing.Any
    ) -> None:
        """Properties that take a second call; one that raises says nothing."""
        said["repeatable"] = self._again(positional, keywords) == canon(result, root=self.tree)
        pair = len(positional) == 2 and not keywords and type(positional[0]) is type(positional[1])
        if pair and canon(positional[0]) != canon(positional[1]):
            swapped = self._again(positional[::-1], {})
            if swapped is not None:
                said["commutative"] = swapped == canon(result, root=self.tree)
        if positional and type(positional[0]) is int and _is_number(result):
            try:
                after = self.thing(
                    *copy.deepcopy([positional[0] + 1, *positional[1:]]), **copy.deepcopy(keywords)
                )
            except Exception:
                return
            if _is_number(after):
                said["rising"] = after >= result

    def _again(self, positional: Args, keywords: dict[str, typing.Any]) -> str | None:
        try:
            return canon(self.thing(*copy.deepcopy(positional), **copy.deepcopy(keywords)), root=self.tree)
        except Exception:
            return None

    def explain(self, scenario: Scenario) -> dict[str, typing.Any]:
        """``imports``, the function's name, its arguments' sources, and what came of it in words."""
        source = Source(taken={"result", "first", "copy", "before"})
        _, args, kwargs = scenario[1][0]
        made: dict[str, typing.Any] = {"call": source.name(self.module, self.name)}
        made["args"] = [source.expression(item) for item in args]
        made["kwargs"] = [[name, source.expression(item)] for name, item in kwargs]
        made["imports"] = source.imports()
        made["plain"] = not source.prelude

        def call() -> typing.Any:
            positional, keywords = build_call(args, kwargs)
            return self.thing(*positional, **keywords)

        outcome = observe(call, (), 0.5, None, self.tree)
        made["result"] = str(outcome.get("text", outcome["kind"]))[:300]
        return made


def of_result(said: Verdicts, result: typing.Any) -> None:
    """Properties of the result alone."""
    if _is_number(result):
        said["not_negative"] = result >= 0
        said["share"] = 0 <= result <= 1
    if isinstance(result, (list, tuple)) and len(result) > 1:
        try:
            said["sorted"] = all(result[at] <= result[at + 1] for at in range(len(result) - 1))
        except Exception:
            pass
        texts = [canon(item) for item in result]
        said["distinct"] = len(set(texts)) == len(texts)


def of_first(said: Verdicts, first: typing.Any, result: typing.Any) -> None:
    """Properties of the result and the first argument."""
    if not isinstance(first, (list, tuple, str)) or not first:
        return
    if isinstance(result, (list, tuple, str)):
        said["same_length"] = len(result) == len(first)
    if isinstance(result, (list, tuple)) and isinstance(first, (list, tuple)):
        given, made = sorted(map(canon, first)), sorted(map(canon, result))
        said["permutation"] = given == made
        said["subset"] = set(made) <= set(given)
    if _is_number(result) and isinstance(first, (list, tuple)) and all(map(_is_number, first)):
        said["between"] = min(first) <= result <= max(first)


def _is_number(value: typing.Any) -> bool:
    return isinstance(value, NUMBERS) and not isinstance(value, bool) and value == value
