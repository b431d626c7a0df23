"""Finds what a decorator's wrapper stands for: callers give arguments to it, and not to what it hands them on to."""

from __future__ import annotations

import sys
import types
import typing

from guestlib.symbols import Symbols

MOST_LAYERS = 6


class Wrappers:
    """Knows for frames of wrappers which function of the tree callers mean by them."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self.known: dict[tuple[types.CodeType, int], tuple[object, types.CodeType | None]] = {}

    def of(self, frame: types.FrameType) -> types.CodeType | None:
        """The code of the function that callers reach by this frame's one; None where it is no wrapper."""
        code = frame.f_code
        for name in code.co_freevars:
            inner = frame.f_locals.get(name)
            if isinstance(inner, types.FunctionType):
                known = self.known.get((code, id(inner)))
                if known is None:
                    known = self.known[(code, id(inner))] = (inner, self._meant(code, inner))
                if known[1] is not None:
                    return known[1]
        return None

    def hands_on_to(self, frame: types.FrameType) -> bool:
        """Whether a wrapper of this frame's function called it: its call was seen already."""
        back = frame.f_back
        for _ in range(MOST_LAYERS):
            if back is None:
                return False
            if back.f_code.co_freevars and self.of(back) is frame.f_code:
                return True
            back = back.f_back
        return False

    def _meant(self, code: types.CodeType, inner: types.FunctionType) -> types.CodeType | None:
        function: typing.Any = inner
        for _ in range(MOST_LAYERS):
            function = vars(function).get("__wrapped__", function)
            if not isinstance(function, types.FunctionType):
                return None
        if self.symbols.of(function.__code__) is None:
            return None
        public = _named(function.__module__, function.__qualname__)
        return function.__code__ if getattr(public, "__code__", None) is code else None


def _named(module: str | None, name: str) -> object:
    """What a module holds under a dotted name; read without running code of the tree."""
    held: typing.Any = sys.modules.get(module or "")
    for part in name.split("."):
        held = vars(held).get(part) if isinstance(held, (types.ModuleType, type)) else None
    if isinstance(held, property):
        held = held.fget
    return held.__func__ if isinstance(held, (staticmethod, classmethod)) else held
