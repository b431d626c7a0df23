"""Environment variables that code of the tree looks up: they are inputs just as arguments are.

A step ``["@environ", [name, value], []]`` says that a variable is set while its scenario runs, the construction of
the receiver included; such steps come first.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import sys
import types
import typing

from guestlib.outcome import Outcome

ENVIRON = "@environ"
LOOKING_UP = ("os.py", "_collections_abc.py", "<frozen os>", "<frozen _collections_abc>")
KEPT = re.compile(r"(PATH|HOME|TMPDIR|TZ|LANG|LC_.*|LD_.*|PYTHON.*|PYTEST.*)")
"""Variables that hold up the process itself."""
VALUES = ("", " ", "1", "0", "true", "false", "no", "5", "-1", "abc", "a,b", " x ")
MOST = 12
MAX_VALUE = 40
SHARE = 0.35


def watch(noted: typing.Callable[[str], str | None], tree: str) -> None:
    """Call ``noted`` with each variable that code of the tree looks up and that is not set.

    A text that it gives is taken for the variable's value. For the rest of the process.
    """
    kind: typing.Any = type(os.environ)
    usual = kind.__getitem__

    def looked_up(self: typing.Any, key: typing.Any) -> typing.Any:
        try:
            return usual(self, key)
        except KeyError:
            frame: types.FrameType | None = sys._getframe(1)
            while frame is not None and not frame.f_code.co_filename.startswith(tree + os.sep):
                outside = not frame.f_code.co_filename.endswith(LOOKING_UP)
                frame = None if outside else frame.f_back
            if frame is None or not isinstance(key, str):
                raise
            value = noted(key)
            if value:
                return value
            raise

    kind.__getitem__ = looked_up


class Variables:
    """The variables that were looked up, and what they might be."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.asked: dict[str, None] = {}

    def note(self, name: str) -> None:
        """A variable was looked up and is not set."""
        if len(self.asked) < MOST and name and not KEPT.fullmatch(name):
            self.asked.setdefault(name)

    def steps(self, texts: typing.Sequence[str], known: typing.Sequence[typing.Any] = ()) -> list[typing.Any]:
        """Steps that set some variables, mostly as they are ``known``. ``texts`` are values that may mean something."""
        if not self.asked or self.rng.random() > SHARE:
            return list(known)
        names = self.rng.sample(list(self.asked), min(len(self.asked), self.rng.choice((1, 1, 1, 2))))
        return [[ENVIRON, [name, self._value(texts)], []] for name in names]

    def _value(self, texts: typing.Sequence[str]) -> str:
        usable = [one for one in texts if one.isascii() and one.isprintable() and len(one) <= MAX_VALUE]
        if usable and self.rng.random() < 0.4:
            return self.rng.choice(usable)
        return str(self.rng.randint(-3, 200)) if self.rng.random() < 0.3 else self.rng.choice(VALUES)


def apart(steps: typing.Sequence[typing.Any]) -> tuple[list[typing.Any], list[typing.Any]]:
    """The steps that set variables, and the others."""
    found: tuple[list[typing.Any], list[typing.Any]] = ([], [])
    for step in steps:
        found[step[0] != ENVIRON].append(step)
    return found


def told(steps: typing.Sequence[typing.Any]) -> list[tuple[str, str]]:
    """Names and values that steps set."""
    return [(step[1][0], step[1][1]) for step in steps if step[0] == ENVIRON and usable(step[1])]


def usable(pair: typing.Any) -> bool:
    """Whether a name and a value are ones that an environment takes."""
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(one, str) and "\0" not in one and one.isascii() for one in pair)
        and bool(pair[0])
        and "=" not in pair[0]
    )


def set_as_asked(pair: typing.Any) -> Outcome:
    """The outcome of the step: nothing to see, or that there can be no such variable."""
    if not usable(pair):
        return {"kind": "unmade Variable"}
    return {"kind": "value", "text": "", "group": "environ"}


@contextlib.contextmanager
def variables_of(steps: typing.Sequence[typing.Any]) -> typing.Iterator[None]:
    """The environment that a scenario asks for; as it was before, afterwards."""
    pairs = told(steps)
    before = {name: os.environ[name] for name, _ in pairs if name in os.environ}
    try:
        os.environ.update(pairs)
        yield
    finally:
        for name, _ in pairs:
            os.environ.pop(name, None)
        os.environ.update(before)
