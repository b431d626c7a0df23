"""A function or class of the tree that is tried: found by name, called step by step.

A *scenario* is ``[receiver, steps]``: the receiver's recipe (null for a function) and steps
``[name, args, kwargs]``; ``args`` null reads an attribute. The construction of the receiver
is observed as well, as the step before the first.
"""

from __future__ import annotations

import inspect
import os
import sys
import typing

from guestlib.canon import Shapes, is_iterator
from guestlib.outcome import Outcome, observe
from guestlib.recipes import Recipe, build, build_call, find

Scenario = typing.List[typing.Any]


class Target:
    """What to try. Raises whatever the import of its module raises, and ImportError for another tree's."""

    def __init__(self, module: str, name: str, kind: str, focus: list[str], tree: str) -> None:
        self.module = module
        self.name = name
        self.kind = kind
        self.focus = focus
        self.tree = tree
        self.thing = find(module, name)
        place = getattr(sys.modules[module], "__file__", None) or ""
        if not os.path.abspath(place).startswith(tree + os.sep):
            raise ImportError("%s was imported from %s instead of the tree" % (module, place))

    @property
    def symbol(self) -> str:
        return self.module + "." + self.name

    def function(self, step: str) -> typing.Any:
        """The callable behind a step's name; for a property its getter."""
        if self.kind == "function":
            return self.thing
        found = inspect.getattr_static(self.thing, step)
        return getattr(found, "fget", None) or getattr(found, "func", None) or getattr(self.thing, step)

    def is_attribute(self, step: str) -> bool:
        """Whether the step reads a property instead of calling a method."""
        found = inspect.getattr_static(self.thing, step, None)
        return isinstance(found, property) or type(found).__name__ == "cached_property"

    def methods(self) -> list[str]:
        """Public methods and properties of the class that may be called in any order, by name."""
        found = []
        for name in sorted(dir(self.thing)):
            item = inspect.getattr_static(self.thing, name, None)
            owner = next((kind for kind in self.thing.__mro__ if name in kind.__dict__), object)
            if owner.__module__ == "builtins" or (name.startswith("_") and name not in self.focus):
                continue
            if name in ("__init__", "__new__", "__init_subclass__", "__class_getitem__", "__del__", "__getattr__",
                        "__setattr__", "__getattribute__", "__post_init__", "__repr__"):  # fmt: skip
                continue
            if inspect.isfunction(item) or self.is_attribute(name):
                found.append(name)
        return found

    def run(self, scenario: Scenario, seconds: float, shapes: Shapes) -> list[Outcome]:
        """Outcomes of the receiver's construction and of each step; ends at the first hang."""
        receiver, steps = scenario
        outcomes: list[Outcome] = []
        thing: typing.Any = None
        if receiver is not None:
            made: list[typing.Any] = []
            outcomes.append(observe(lambda: _keep(build(receiver), made), (), seconds, shapes, self.tree))
            if not made:
                return outcomes
            thing = made[0]
        for name, args, kwargs in steps:
            outcomes.append(self._step(thing, name, args, kwargs, seconds, shapes))
            if outcomes[-1]["kind"] == "hangs":
                break
        return outcomes

    def _step(
        self, thing: typing.Any, name: str, args: list[Recipe] | None, kwargs: list[list[Recipe]], seconds: float,
        shapes: Shapes,
    ) -> Outcome:  # fmt: skip
        watched = [] if thing is None or is_iterator(thing) else [thing]
        if args is None:
            return observe(lambda: getattr(thing, name), watched, seconds, shapes, self.tree)
        try:
            positional, keywords = build_call(args, kwargs)
        except Exception as error:
            return {"kind": "unmade " + type(error).__name__}
        function = self.thing if self.kind == "function" else None
        watched += [*positional, *keywords.values()]

        def call() -> typing.Any:
            return (getattr(thing, name) if function is None else function)(*positional, **keywords)

        return observe(call, watched, seconds, shapes, self.tree)


def _keep(value: typing.Any, made: list[typing.Any]) -> typing.Any:
    made.append(value)
    return value
