"""Puts a mutant into functions that exist already, by replacing their code objects.

Every name under which a function was imported, wrapped or bound sees the mutant, with no need
to import anything again.
"""

from __future__ import annotations

import gc
import os
import sys
import types
from typing import Any, Iterator


class Swap:
    """The functions of a tree as they stand after the tests were collected."""

    def __init__(self, tree: str) -> None:
        self._tree = os.path.realpath(tree)
        self._functions: dict[types.CodeType, list[types.FunctionType]] = {}
        for value in gc.get_objects():
            if type(value) is types.FunctionType:
                self._functions.setdefault(value.__code__, []).append(value)

    def apply(self, mutant: dict[str, Any]) -> bool:
        """Make the mutant live; False when it is no change, or nothing of it exists."""
        full = os.path.join(self._tree, mutant["path"])
        if mutant.get("name"):
            return self._constant(full, mutant)
        pairs = self._pairs(full, mutant, edited(full, mutant))
        changed = False
        for old, new in pairs:
            if code_of(old) == code_of(new) or old.co_freevars != new.co_freevars:
                continue
            for function in self._functions.get(old, ()):
                function.__code__ = new
                changed = True
        return changed

    def _pairs(
        self, full: str, mutant: dict[str, Any], source: bytes
    ) -> list[tuple[types.CodeType, types.CodeType]]:
        """(existing code, mutated code) of the function and of everything inside it."""
        wanted = (mutant["function"].rpartition(".")[2], mutant["first_line"])
        try:
            module = compile(source, full, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError):
            return []
        mutated = [code for code in inside(module) if (code.co_name, code.co_firstlineno) == wanted]
        if len(mutated) != 1:
            return []
        found = []
        for code in self._functions:
            same = (code.co_name, code.co_firstlineno) == wanted
            if same and os.path.realpath(code.co_filename) == os.path.realpath(full):
                found += list(side_by_side(code, mutated[0]))
        return found

    @staticmethod
    def _constant(full: str, mutant: dict[str, Any]) -> bool:
        """Give the name its new value in every module that has the old one under it."""
        name = mutant["name"]
        home = module_at(full)
        if home is None or name not in vars(home):
            return False
        old = vars(home)[name]
        new = type(old)(mutant["new"])
        for module in list(sys.modules.values()):
            names = getattr(module, "__dict__", {})
            if isinstance(names, dict) and names.get(name) is old:
                names[name] = new
        return bool(old != new)


def module_at(full: str) -> Any:
    """The loaded module of a file, None when there is none."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and os.path.realpath(file) == os.path.realpath(full):
            return module
    return None


def edited(full: str, mutant: dict[str, Any]) -> bytes:
    """The source of a file with the mutant's edit."""
    with open(full, "rb") as stream:
        lines = stream.read().split(b"\n")
    (first, start), (last, end) = mutant["start"], mutant["end"]
    line = lines[first - 1][:start] + mutant["new"].encode("utf-8", "surrogatepass") + lines[last - 1][end:]
    # As many lines as before, so that everything below keeps its line.
    return b"\n".join([*lines[: first - 1], line, *[b""] * (last - first), *lines[last:]])


def inside(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code objects in a code object, at any depth."""
    for value in code.co_consts:
        if isinstance(value, types.CodeType):
            yield value
            yield from inside(value)


def side_by_side(old: types.CodeType, new: types.CodeType) -> Iterator[tuple[types.CodeType, types.CodeType]]:
    """Pairs of the same function before and after, outermost first."""
    yield old, new
    before, after = (
        [value for value in code.co_consts if isinstance(value, types.CodeType)] for code in (old, new)
    )
    if [code.co_name for code in before] == [code.co_name for code in after]:
        for one, other in zip(before, after):
            yield from side_by_side(one, other)


def code_of(code: types.CodeType) -> tuple[Any, ...]:
    """What a code object does, without its place: equal for mutants that change nothing."""
    consts = tuple(
        code_of(one) if isinstance(one, types.CodeType) else (type(one), repr(one)) for one in code.co_consts
    )
    return code.co_code, consts, code.co_names, code.co_varnames
