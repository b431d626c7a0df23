"""Finds the calls worth meeting again: what their arguments are and on what they are made."""

from __future__ import annotations

import inspect
import typing

from guestlib.canon import Shapes, canon
from guestlib.recipes import UnwritableError
from guestlib.record import split

from .following import Call
from .live import arguments, is_live
from .temporary import without_place

PER_TEST = 4
PER_SYMBOL = 24
TOTAL = 300


class Scout:
    """Collects calls in :attr:`calls`, as plain data."""

    def __init__(self, tree: str) -> None:
        self.tree = tree
        self.calls: list[dict[str, typing.Any]] = []
        self.counts: dict[str, int] = {}
        self.shapes = Shapes()

    def meet(self, call: Call) -> None:
        """Write the call down, unless there are enough of its kind. Runs no code of the tree's classes."""
        seen = self.counts.get(call.symbol, 0)
        if call.index >= PER_TEST or seen >= PER_SYMBOL or len(self.calls) >= TOTAL:
            return
        private = call.symbol.rpartition(".")[2].startswith("_") and not call.symbol.endswith("__")
        if call.symbol.endswith(".__init__") or ((private or "<locals>" in call.symbol) and not call.outside):
            return  # a helper is the program's own to call, and within what it demands
        try:
            made = self._call(call)
        except (UnwritableError, KeyError):
            return
        self.counts[call.symbol] = seen + 1
        self.calls.append(made)

    def _call(self, call: Call) -> dict[str, typing.Any]:
        receiver, positional, keywords = split(call.frame, call.symbol)
        args, kwargs, _ = arguments(call.frame.f_code, positional, keywords)
        kind = type(receiver)
        code = call.frame.f_code
        bound = code.co_argcount > 0 and code.co_varnames[0] in ("self", "cls")
        return {
            "symbol": call.symbol, "test": call.test, "index": call.index, "args": args, "kwargs": kwargs,
            "bound": code.co_varnames[0] if bound else "",
            "methods": [] if receiver is None else methods(kind), "live": is_live(args) or is_live(kwargs),
        }  # fmt: skip


def methods(kind: type) -> list[list[str]]:
    """Public methods and properties of a class of the tree: ``[name, "call" or "read"]``."""
    found = []
    for name in sorted(dir(kind)):
        item = inspect.getattr_static(kind, name, None)
        owner = next((base for base in kind.__mro__ if name in base.__dict__), object)
        if name.startswith("_") or owner.__module__ in ("builtins", "abc", "typing"):
            continue
        if inspect.isfunction(item):
            found.append([name, "call"])
        elif isinstance(item, property) or type(item).__name__ == "cached_property":
            found.append([name, "read"])
    return found[:40]


def key_of(receiver: object, positional: list[typing.Any], keywords: dict[str, typing.Any], tree: str) -> str:
    """Text by which base's call and head's are known to be the same: arguments and public state."""
    every = [*([] if receiver is None else [receiver]), *positional, *keywords.values()]
    text = canon(
        tuple(type(one).__name__ if hasattr(one, "__next__") else one for one in every), loose=True, root=tree
    )
    return without_place(text)
