"""A function or class of the tree that is tried: found by name, called step by step.

A *scenario* is ``[receiver, steps]``: the receiver's recipe (null for a function) and steps
``[name, args, kwargs]``; ``args`` null reads an attribute. The construction of the receiver
is observed as well, as the step before the first.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
import typing

from guestlib import callables, closures, files, managers
from guestlib.canon import Shapes, is_iterator
from guestlib.closures import Last
from guestlib.outcome import Outcome, observe
from guestlib.recipes import Recipe, build, build_call, find

from .emptied import EMPTIED, INSIDE, OTHER, TAKEN, UNTIMED, emptied, take_back, used
from .environment import ENVIRON, set_as_asked, variables_of
from .operators import bound
from .together import FORWARD, TOGETHER, combined, together
from .within import WITHIN, within

Scenario = typing.List[typing.Any]
SHOWING = ("__len__", "__iter__", "__bool__", "__repr__", "__str__")
OPERATORS = frozenset(
    "__%s__" % name
    for name in ("neg", "pos", "abs", "invert", "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "radd",
                 "rsub", "rmul", "and", "or", "xor", "getitem", "setitem", "delitem", "contains", "call", "reversed",
                 "int", "float", "bytes")
)  # fmt: skip
"""Special methods that programs call by their operator; they are tried like public ones."""


class Target:
    """What to try. Raises whatever the import of its module raises, and ImportError for another tree's."""

    def __init__(self, module: str, name: str, kind: str, focus: list[str], tree: str) -> None:
        self.module = module
        self.name = name
        self.kind = kind
        self.focus = focus
        self.tree = tree
        self.given: typing.Any = None
        """What the last step returned."""
        self.passed: tuple[list[typing.Any], dict[str, typing.Any]] = [], {}
        """What was given to it, or to the construction of the object."""
        self.thing = find(module, name)
        if kind == "class" and not isinstance(self.thing, type):
            raise TypeError("%s is a class on one side and none on the other" % name)
        place = getattr(sys.modules[module], "__file__", None) or ""
        if not os.path.abspath(place).startswith(tree + os.sep):
            raise ImportError("%s was imported from %s instead of the tree" % (module, place))

    @property
    def symbol(self) -> str:
        return self.module + "." + self.name

    def function(self, step: str) -> typing.Any:
        """The callable behind a step's name; for a property its getter, for ``name=`` its setter."""
        if self.kind == "function":
            return self.thing
        if step.endswith("="):
            return inspect.getattr_static(self.thing, step[:-1]).fset
        found = inspect.getattr_static(self.thing, step)
        return getattr(found, "fget", None) or getattr(found, "func", None) or getattr(self.thing, step)

    def is_attribute(self, step: str) -> bool:
        """Whether the step reads a property instead of calling a method."""
        found = inspect.getattr_static(self.thing, step, None)
        return isinstance(found, property) or type(found).__name__ == "cached_property"

    def methods(self) -> list[str]:
        """Public methods and properties of the class that may be called in any order, by name.

        ``width=`` is how the property ``width`` is set.
        """
        found = []
        for name in sorted(dir(self.thing)):
            item = inspect.getattr_static(self.thing, name, None)
            owner = next((kind for kind in self.thing.__mro__ if name in kind.__dict__), object)
            if owner.__module__ == "builtins" or (name.startswith("_") and not self._is_tried(name, item)):
                continue
            if name in ("__init__", "__new__", "__init_subclass__", "__class_getitem__", "__del__", "__getattr__",
                        "__setattr__", "__getattribute__", "__post_init__"):  # fmt: skip
                continue
            if inspect.isfunction(item) or self.is_attribute(name):
                found.append(name)
            if isinstance(item, property) and inspect.isfunction(item.fset):
                found.append(name + "=")
        return found

    def _is_tried(self, name: str, item: typing.Any) -> bool:
        """Whether a name with an underscore is changed, or is how the tree's class shows itself or computes."""
        code = getattr(item, "__code__", None)
        inside = code is not None and code.co_filename.startswith(self.tree + os.sep)
        return name in self.focus or (inside and (name in SHOWING or name in OPERATORS))

    def asynchronous(self) -> list[str]:
        """Methods of the class that are coroutines."""
        names = self.methods() if self.kind == "class" else []
        return [name for name in names if inspect.iscoroutinefunction(getattr(self.thing, name, None))]

    def run(self, scenario: Scenario, seconds: float, shapes: Shapes) -> list[Outcome]:
        """Outcomes of a scenario; one with calls at the same time is run in several orders."""

        def once(seed: int) -> list[Outcome]:
            with _folder(scenario):
                return self._once(scenario, seconds, shapes, seed)

        with variables_of(scenario[1]):
            if any(step[0] == TOGETHER for step in scenario[1]):
                return combined(once)
            with _folder(scenario):  # not by the function above: the fewer frames, the fewer a stack tells
                return self._once(scenario, seconds, shapes, FORWARD)

    def _once(self, scenario: Scenario, seconds: float, shapes: Shapes, seed: int) -> list[Outcome]:
        """Outcomes of the receiver's construction and of each step; ends at the first hang."""
        receiver, steps = scenario
        outcomes: list[Outcome] = []
        thing: typing.Any = None
        if receiver is not None:
            made: list[typing.Any] = []
            first = next((name for name, _, _ in steps if name != ENVIRON), "")
            make = self.maker(receiver) if first == TAKEN else lambda: build(receiver)
            shown = first not in ("", TAKEN)
            outcomes.append(
                observe(lambda: _unread(_keep(make(), made), shown), (), seconds, shapes, self.tree)
            )
            if not made:
                return outcomes
            thing = made[0]
        self.given = None
        callables.TIME[0] = 0
        for name, args, kwargs in steps:
            callables.TIME[0] += name not in UNTIMED
            if name in (EMPTIED, INSIDE):
                outcomes.append(emptied(self.given, name))
                continue
            if name == ENVIRON:
                outcomes.append(set_as_asked(args))
                continue
            if name == WITHIN:
                outcomes.append(self._within(thing, args, seconds, shapes))
                continue
            if name == OTHER:
                outcomes.append(used(args))
                continue
            if name == TAKEN:
                outcomes.append(self._taken(thing, seconds, shapes))
                continue
            outcomes.append(self._step(thing, name, args, kwargs, seconds, shapes, seed))
            if outcomes[-1]["kind"] == "hangs":
                break
        return outcomes

    def maker(self, receiver: Recipe) -> typing.Callable[[], typing.Any]:
        """Makes the receiver, and keeps what its construction is given."""

        def make() -> typing.Any:
            self.passed = [], {}
            if not isinstance(receiver, list) or receiver[0] != "new":
                return build(receiver)
            self.passed = build_call(*receiver[3:])
            return find(*receiver[1:3])(*self.passed[0], **self.passed[1])

        return make

    def _within(self, thing: typing.Any, args: list[typing.Any], seconds: float, shapes: Shapes) -> Outcome:
        """A call in a body that fails; only what keeps it from ending is told here."""
        made: list[Outcome] = []
        outcome = observe(lambda: made.append(within(thing, args)), (), seconds, shapes, self.tree)
        return made[0] if made else outcome

    def _taken(self, thing: typing.Any, seconds: float, shapes: Shapes) -> Outcome:
        """The object, once its caller has emptied what it gave to it."""
        if not take_back(*self.passed):
            return {"kind": "unmade Empty"}
        return observe(lambda: thing, (), seconds, shapes, self.tree)

    def _step(
        self, thing: typing.Any, name: str, args: list[Recipe] | None, kwargs: list[list[Recipe]], seconds: float,
        shapes: Shapes, seed: int,
    ) -> Outcome:  # fmt: skip
        watched = [] if thing is None or is_iterator(thing) else [thing]
        self.given = None
        if args is None:

            def read() -> typing.Any:
                self.given = getattr(thing, name)
                return self.given

            return observe(read, watched, seconds, shapes, self.tree)
        try:
            positional, keywords = build_call(args, kwargs)
        except (Exception, SystemExit) as error:
            return {"kind": "unmade " + type(error).__name__}
        self.passed = positional, keywords
        function = self.thing if self.kind == "function" else None
        watched += [*positional, *keywords.values()]

        def call() -> typing.Any:
            if name == TOGETHER:
                return at_once(thing, seed, positional)
            called = bound(thing, name) if function is None else function
            value = called(*positional, **keywords)  # from here: the fewer frames, the fewer a stack tells
            self.given = value
            return closures.shown(managers.settled(value, lambda: called(*positional, **keywords)))

        Last.given = Last.unfit = False
        outcome = observe(call, watched, seconds, shapes, self.tree)
        if Last.given:
            outcome["closure"] = "unfit" if Last.unfit else "called"
        return outcome


def _folder(scenario: Scenario) -> typing.ContextManager[None]:
    """A folder for the files of a scenario, where it has any."""
    return files.apart() if files.wanted(scenario) else contextlib.nullcontext()


def at_once(thing: typing.Any, seed: int, calls: list[typing.Any]) -> typing.Any:
    """A coroutine that makes calls ``(name, args)`` of an object together."""
    return together(seed, *(getattr(thing, name)(*args) for name, args in calls))


def _unread(value: typing.Any, shown: bool) -> typing.Any:
    """What is told of a receiver: of one that is an iterator itself nothing, where steps show what it gives.

    To read it would use it up before its first step, and never end where it has no end.
    """
    return None if shown and is_iterator(value) else value


def _keep(value: typing.Any, made: list[typing.Any]) -> typing.Any:
    made.append(value)
    return value
