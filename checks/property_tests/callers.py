"""Who reaches a function: the public callables through which a change shows that cannot be called itself."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .syntax import Function, Module
from .target import Target

NEAR = 3
"""Callers that are tried for being nearest, before the doors of the package."""
MOST_VISITED = 600
MOST_METHODS = 4

Modules = Mapping[str, tuple[str, Module]]
Place = tuple[str, Function]


class Callers:
    """The functions of all ``modules`` (name → path and what it defines) by the names that they read.

    Calls are followed by name alone: a method called ``run`` is reached by whoever calls any ``run``.
    Where a table of the module holds a function, or its class is used by Python itself (operators,
    visitors with computed names), who reads the table or names the class counts as its caller.
    """

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.readers: dict[str, list[Place]] = {}
        self.tables: dict[tuple[str, str], list[str]] = {}
        self.exported: dict[tuple[str, str], int] = {}
        self.heirs: dict[str, list[tuple[str, str]]] = {}
        for name, (path, content) in modules.items():
            for function in content.functions.values():
                for read in function.names:
                    self.readers.setdefault(read, []).append((name, function))
            for owner, bases in content.bases.items():
                for one in bases:
                    self.heirs.setdefault(one, []).append((name, owner))
            if path.endswith("__init__.py") or "." not in name:
                for one in (*content.imports, *content.functions):
                    known = self.exported.setdefault((name.partition(".")[0], one), name.count("."))
                    self.exported[name.partition(".")[0], one] = min(known, name.count("."))

    def of(self, function: Function, module: str, limit: int = 8) -> list[Target]:
        """Public callers, nearest first, doors of the package among the first of them."""
        symbol = f"{module}.{function.name}"
        found: dict[str, Target] = {}
        reaching = list(self._reaching(function, module, symbol))
        own = [one for one in reaching if (one.module, one.name) == (module, function.owner)]
        for one in (*own, *self._heirs(function, module, symbol), *reaching):
            known = found.setdefault(one.symbol, one)
            focus = dict.fromkeys((*known.focus, *one.focus))
            found[one.symbol] = replace(known, focus=tuple(focus)[:MOST_METHODS])
        near, far = list(found.values())[:NEAR], list(found.values())[NEAR:]
        doors = sorted((one for one in far if self._depth(one) is not None), key=self._order)[:NEAR]
        return [*near, *doors, *(one for one in far if one not in doors)][:limit]

    def of_constant(self, module: str, constant: str, limit: int = 6) -> list[Target]:
        """Public functions of other modules that read a constant, themselves or through others."""
        symbol = f"{module}.{constant}"
        found: list[Target] = []
        for name, function in self.readers.get(constant, ()):
            content = self.modules[name][1]
            if name == module or not (
                constant in content.imports or module.rpartition(".")[2] in function.names
            ):
                continue
            if function.private or not reachable(function, content):
                found += self.of(function, name, 2)
            else:
                found.append(self.target(name, function, symbol))
        return list({one.symbol: one for one in found}.values())[:limit]

    def target(self, module: str, function: Function, symbol: str) -> Target:
        """The function as a stand-in for the changed ``symbol``."""
        path, content = self.modules[module]
        note = f"{content.docstring}\n{function.docstring}"
        if function.owner and not function.decorators & {"staticmethod", "classmethod"}:
            return Target(path, module, function.owner, "class", (function.last,), (symbol,), note)
        return Target(path, module, function.name, "function", (), (symbol,), note)

    def _depth(self, target: Target) -> int | None:
        """How deep in its package the folder is that offers a callable; None where none does."""
        return self.exported.get((target.module.partition(".")[0], target.name))

    def _order(self, target: Target) -> tuple[bool, int]:
        return target.kind != "function", self._depth(target) or 0

    def _heirs(self, function: Function, module: str, symbol: str) -> Iterator[Target]:
        """Public classes that inherit the method."""
        last = function.owner.rpartition(".")[2]
        for name, owner in self.heirs.get(last, ())[:NEAR] if last else ():
            path, content = self.modules[name]
            if not owner.startswith("_") and f"{owner}.{function.last}" not in content.functions:
                yield Target(path, name, owner, "class", (function.last,), (symbol,), content.docstring)

    def _reaching(self, function: Function, module: str, symbol: str) -> Iterator[Target]:
        """Public callables that reach the function, breadth first."""
        wanted: list[Place] = [(module, function)]
        seen = {(module, function.name)}
        while wanted and len(seen) < MOST_VISITED:
            home, callee = wanted.pop(0)
            fresh = [one for one in self._by_name(home, callee) if (one[0], one[1].name) not in seen]
            if callee.owner and (
                callee.dunder or not fresh
            ):  # reached by a computed name or by Python itself
                yield from self._owner(home, callee, symbol)
                fresh += self.readers.get(callee.owner.rpartition(".")[2], ())
            for name, caller in fresh:
                if (name, caller.name) in seen:
                    continue
                seen.add((name, caller.name))
                wanted.append((name, caller))
                if not caller.private and reachable(caller, self.modules[name][1]):
                    yield self.target(name, caller, symbol)

    def _owner(self, module: str, function: Function, symbol: str) -> Iterator[Target]:
        """The class of a method, where it is public."""
        path, content = self.modules.get(module, ("", Module()))
        if function.owner in content.classes and not function.owner.rpartition(".")[2].startswith("_"):
            yield Target(path, module, function.owner, "class", (), (symbol,), content.docstring)

    def _by_name(self, home: str, callee: Function) -> list[Place]:
        names = [] if callee.dunder else [callee.last]
        if not callee.owner:
            names += self._tables(home, callee.last)
        return [place for name in names for place in self.readers.get(name, ())]

    def _tables(self, home: str, name: str) -> list[str]:
        """Constants of the function's module that hold it."""
        content = self.modules[home][1] if home in self.modules else Module()
        return [table for table, text in content.constants.items() if f"id='{name}'" in text]


def reachable(function: Function, module: Module) -> bool:
    """Whether the function can be named from outside: not nested in another function."""
    return not function.owner or function.owner in module.classes
