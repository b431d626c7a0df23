"""Makes planned calls in forked children and keeps what came of each."""

from __future__ import annotations

import asyncio
import sys
import time
import typing

from guestlib.canon import Shapes, is_iterator
from guestlib.forked import answer_of
from guestlib.frames import function_object
from guestlib.outcome import Outcome, observe
from guestlib.recipes import Recipe, build_call
from guestlib.record import split

from .following import Call
from .live import arguments, building
from .scout import key_of
from .showing import Shown
from .undo import Refused, Undo

WALL_SECONDS = 6.0
CPU_SECONDS = 3
CALL_SECONDS = 0.5
LATE = "unmade late"


class Actor:
    """``plan``: ``[{id, symbol, test, index, args, kwargs, steps}, …]``; answers are in :attr:`answers`.

    ``steps`` are ``[name, args, kwargs]`` on the receiver after the call; ``args`` null reads an
    attribute. ``known`` are base's shapes (see canon.Shapes); ``explain`` asks for source texts.
    """

    def __init__(
        self, tree: str, plan: list[dict[str, typing.Any]], known: dict[str, list[str]] | None, seconds: float,
        explain: bool,
    ) -> None:  # fmt: skip
        self.tree = tree
        self.known = known
        self.explain = explain
        self.end = time.monotonic() + seconds
        self.undo = Undo()
        self.answers: list[dict[str, typing.Any]] = []
        self.seen: dict[str, set[str]] = {}
        self.plan: dict[tuple[str, str, int], list[dict[str, typing.Any]]] = {}
        for item in plan:
            self.plan.setdefault((item["symbol"], item["test"], item["index"]), []).append(item)

    def meet(self, call: Call) -> None:
        """Carry out what is planned for a call; the test goes on as if nothing had been."""
        planned = self.plan.get((call.symbol, call.test, call.index))
        if not planned:
            return
        place = _Place(call, self)
        for item in planned:
            if time.monotonic() > self.end:
                return
            made = self._one(place, item)
            for name, attributes in made.pop("shapes", {}).items():
                self.seen.setdefault(name, set()).update(attributes)
            self.answers.append({"id": item["id"], **made})

    def _one(self, place: _Place, item: dict[str, typing.Any]) -> dict[str, typing.Any]:
        def action(descriptor: int) -> dict[str, typing.Any]:
            try:
                self.undo.begin(descriptor)
                made = place.carry_out(item)
            except Refused as refused:
                made = {"outcomes": [{"kind": "unmade %s" % refused}]}
            if self.undo.refused:
                made["outcomes"] = [{"kind": "unmade %s" % self.undo.refused}]
            return made

        try:
            made = answer_of(action, WALL_SECONDS, CPU_SECONDS)
        finally:
            self.undo.take_back()
        if made is None:
            return {"outcomes": [{"kind": "crashes"}]}
        return {"outcomes": [{"kind": LATE}]} if made.get("late") else made


class _Place:
    """A call in its frame."""

    def __init__(self, call: Call, actor: Actor) -> None:
        self.actor = actor
        self.function = function_object(call.frame.f_code, call.frame)
        self.receiver, positional, keywords = split(call.frame, call.symbol)
        names = list(call.frame.f_code.co_varnames[: call.frame.f_code.co_argcount])
        _, _, self.live = arguments(call.frame.f_code, positional, keywords)
        self.bound = names[:1] in (["self"], ["cls"]) and "." in call.symbol
        self.first = call.frame.f_locals.get(names[0]) if self.bound else None
        self.key = key_of(self.receiver, positional, keywords, actor.tree)

    def carry_out(self, item: dict[str, typing.Any]) -> dict[str, typing.Any]:
        """In the child: the call, then the steps; ends at the first that hangs."""
        sys.settrace(None)
        asyncio.events._set_running_loop(None)
        building(self.live)
        shapes = Shapes(self.actor.known)
        outcomes: list[Outcome] = []
        shown = Shown(item) if self.actor.explain else None
        if self.function is None:
            return {"key": self.key, "outcomes": [{"kind": "unmade function"}]}
        outcomes.append(self._call(item["args"], item["kwargs"], shapes, shown))
        for name, args, kwargs in item["steps"]:
            if outcomes[-1]["kind"] in ("hangs", "crashes"):
                break
            outcomes.append(self._step(name, args, kwargs, shapes, shown))
        seen = {name: sorted(names) for name, names in shapes.seen.items()}
        made: dict[str, typing.Any] = {"key": self.key, "outcomes": outcomes, "shapes": seen}
        if shown is not None:
            made["source"] = shown.parts(outcomes)
        return made

    def _call(
        self, args: list[Recipe], kwargs: list[list[Recipe]], shapes: Shapes, shown: Shown | None
    ) -> Outcome:
        try:
            positional, keywords = build_call(args, kwargs)
        except Exception as error:
            return {"kind": "unmade " + type(error).__name__}
        watched = [*([] if self.receiver is None else [self.receiver]), *positional, *keywords.values()]
        first = [self.first] if self.bound else []

        def call() -> typing.Any:
            return _keep(shown, self.function(*first, *positional, **keywords))

        return self._observed(call, watched, shapes)

    def _step(
        self,
        name: str,
        args: list[Recipe] | None,
        kwargs: list[list[Recipe]],
        shapes: Shapes,
        shown: Shown | None,
    ) -> Outcome:
        watched = [] if is_iterator(self.receiver) else [self.receiver]
        if args is None:
            return self._observed(lambda: _keep(shown, getattr(self.receiver, name)), watched, shapes)
        try:
            positional, keywords = build_call(args, kwargs)
        except Exception as error:
            return {"kind": "unmade " + type(error).__name__}

        def call() -> typing.Any:
            return _keep(shown, getattr(self.receiver, name)(*positional, **keywords))

        return self._observed(call, [*watched, *positional, *keywords.values()], shapes)

    def _observed(
        self, call: typing.Callable[[], typing.Any], watched: list[typing.Any], shapes: Shapes
    ) -> Outcome:
        return observe(call, watched, CALL_SECONDS, shapes, self.actor.tree)


def _keep(shown: Shown | None, value: typing.Any) -> typing.Any:
    return value if shown is None else shown.keep(value)
