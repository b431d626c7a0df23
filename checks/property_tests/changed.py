"""Which functions and classes of a change have to be tried, and which stand in for those that cannot."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.check.interface import Change, Snapshot

from .syntax import Function, Module, literals, parse

TEST_FOLDERS = frozenset({"test", "tests", "testing"})
MAX_FILES = 1500
MAX_FALLBACKS = 20


@dataclass(frozen=True)
class Target:
    """One thing to try on both sides.

    ``module`` and ``name`` lead to a function (``kind`` function) or a class (``kind`` class);
    ``focus`` are the changed methods of a class. ``proxy`` names the changed symbols for which
    this unchanged caller stands in, empty for a changed function itself.
    """

    path: str
    module: str
    name: str
    kind: str
    focus: tuple[str, ...] = ()
    proxy: tuple[str, ...] = ()
    docstring: str = ""
    literals: tuple[int | str, ...] = ()

    @property
    def symbol(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass
class Survey:
    """What was found: targets in order of importance, and what cannot be tried with the reason."""

    targets: list[Target] = field(default_factory=list)
    proxies: dict[str, list[Target]] = field(default_factory=dict)
    unverified: list[tuple[str, str]] = field(default_factory=list)
    heads: dict[str, Module] = field(default_factory=dict)
    fallbacks: dict[str, list[Target]] = field(default_factory=dict)
    """Callers of a public function, by its symbol, for when no input is found that it accepts itself."""
    pairs: list[tuple[str, str, Module, Module]] = field(default_factory=list)
    """Changed modules: path, dotted name, what it defines on base and on head."""


def is_test(path: str) -> bool:
    """Whether a path belongs to the tests, by the usual names."""
    *folders, name = path.split("/")
    usual = name.startswith("test_") or name.endswith("_test.py") or name in ("conftest.py", "tests.py")
    return usual or any(folder in TEST_FOLDERS for folder in folders)


def module_of(path: str, snapshot: Snapshot) -> str | None:
    """Dotted module of a path: below ``src`` or ``lib`` where these are no packages, else as it stands."""
    parts = path.removesuffix(".py").split("/")
    if (
        parts[0] in ("src", "lib")
        and len(parts) > 1
        and not (snapshot.path / parts[0] / "__init__.py").exists()
    ):
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def survey(change: Change, base: Snapshot, head: Snapshot) -> Survey:
    """Compare the two trees' syntax and plan what to try."""
    found = Survey()
    modules = _modules(base)
    for file in change.files:
        old = file.old_path or file.path
        if not file.path.endswith(".py") or is_test(file.path) or file.status in ("added", "deleted"):
            continue
        before, after = parse(base.read_text(old) or ""), parse(head.read_text(file.path) or "")
        name = module_of(old, base)
        if before is None or after is None or name is None:
            why = "its name is no module name" if name is None else "it is no Python that this version reads"
            found.unverified.append((file.path, why))
            continue
        if name != module_of(file.path, head):
            _moved(found, name, before, after, modules)
            continue
        found.heads[file.path] = after
        found.pairs.append((file.path, name, before, after))
        _compare(found, file.path, name, before, after, modules, head)
    return found


def _moved(
    found: Survey, name: str, before: Module, after: Module, modules: dict[str, tuple[str, Module]]
) -> None:
    """What a module that has another name on head does differently shows in those that use it only."""
    for qualified in changed_functions(before, after):
        function = before.functions[qualified]
        callers = [one for one in callers_of(function, name, modules) if one.module != name]
        if callers:
            found.proxies[f"{name}.{qualified}"] = callers
        else:
            found.unverified.append(
                (f"{name}.{qualified}", "its module was renamed and no other module calls it")
            )


def _modules(base: Snapshot) -> dict[str, tuple[str, Module]]:
    """Every module of base outside its tests: name → (path, what it defines)."""
    found: dict[str, tuple[str, Module]] = {}
    for entry in base.entries[:20_000]:
        if (
            entry.kind != "file"
            or not entry.path.endswith(".py")
            or is_test(entry.path)
            or len(found) >= MAX_FILES
        ):
            continue
        name, module = module_of(entry.path, base), parse(base.read_text(entry.path) or "")
        if name is not None and module is not None:
            found[name] = (entry.path, module)
    return found


def _compare(
    found: Survey,
    path: str,
    name: str,
    before: Module,
    after: Module,
    modules: dict[str, tuple[str, Module]],
    head: Snapshot,
) -> None:
    changed = changed_functions(before, after)
    words = literals(head.read_text(path) or "", {one.partition(".")[0] for one in changed})
    _elsewhere(found, name, changed_constants(before, after), modules)
    classes: dict[str, list[str]] = {}
    for qualified in changed:
        function = before.functions[qualified]
        new = after.functions.get(qualified)
        if new is None and qualified in after.imports:  # moved, and still to be had here
            new = function
        reachable = _reachable(function, before)
        if new is None or function.private or not reachable or not compatible(function, new):
            _through_callers(found, name, function, new, modules, changed)
        elif function.owner and not function.decorators & {"staticmethod", "classmethod"}:
            classes.setdefault(function.owner, []).append(function.last)
            _fall_back(found, f"{name}.{function.owner}", function, name, modules)
        else:
            note = f"{before.docstring}\n{function.docstring}"
            _fall_back(found, f"{name}.{qualified}", function, name, modules)
            found.targets.append(
                Target(path, name, qualified, "function", docstring=note, literals=tuple(words))
            )
    for owner, methods in classes.items():
        notes = [before.docstring, *(before.functions[f"{owner}.{method}"].docstring for method in methods)]
        found.targets.append(
            Target(
                path, name, owner, "class", tuple(methods), docstring="\n".join(notes), literals=tuple(words)
            )
        )


def _fall_back(
    found: Survey, symbol: str, function: Function, module: str, modules: dict[str, tuple[str, Module]]
) -> None:
    """Keep the public callers of a changed function at hand."""
    if len(found.fallbacks) < MAX_FALLBACKS and not function.dunder:
        others = [one for one in callers_of(function, module, modules, 4) if one.symbol != symbol]
        found.fallbacks.setdefault(symbol, []).extend(others)


def _reachable(function: Function, module: Module) -> bool:
    """Whether the function can be named from outside: not nested in another function."""
    return not function.owner or function.owner in module.classes


def changed_functions(before: Module, after: Module) -> list[str]:
    """Functions of base that mean something else on head, themselves or by what they read."""
    constants = changed_constants(before, after)
    classes = {
        name
        for name, text in before.classes.items()
        if after.classes.get(name) != text or any(f"id='{one}'" in text for one in constants)
    }
    found = []
    for name, function in before.functions.items():
        new = after.functions.get(name)
        differs = new is None or new.meaning != function.meaning
        if differs or function.names & constants or function.owner in classes:
            found.append(name)
    return found


def changed_constants(before: Module, after: Module) -> set[str]:
    """Constants of base with another value on head, themselves or by the constants that they are made of."""
    changed = {name for name, text in before.constants.items() if after.constants.get(name) != text}
    for _ in range(5):
        changed |= {
            name for name, text in before.constants.items() if any(f"id='{one}'" in text for one in changed)
        }
    return {name for name in changed if name not in after.imports}


def _elsewhere(
    found: Survey, module: str, constants: set[str], modules: dict[str, tuple[str, Module]]
) -> None:
    """Plan to try functions of other modules that read changed constants of this one."""
    for constant in sorted(constants):
        readers = [
            _target(path, name, function, content, f"{module}.{constant}")
            for name, (path, content) in modules.items()
            for function in content.functions.values()
            if name != module
            and constant in function.names
            and (constant in content.imports or module.rpartition(".")[2] in function.names)
            and not function.private
            and _reachable(function, content)
        ]
        if readers:
            found.proxies[f"{module}.{constant}"] = readers[:4]


def compatible(old: Function, new: Function) -> bool:
    """Whether every call that base's signature takes is one that head's takes, with the same meaning."""
    if new.variadic and not old.variadic and len(new.parameters) < len(old.parameters):
        return True
    same_order = new.parameters[: len(old.parameters)] == old.parameters
    names = {*new.parameters, *new.keyword_only}
    return same_order and set(new.required) <= set(old.required) and set(old.keyword_only) <= names


def _through_callers(
    found: Survey,
    module: str,
    function: Function,
    new: Function | None,
    modules: dict[str, tuple[str, Module]],
    changed: Iterable[str],
) -> None:
    """Plan to try unchanged public callers of a function that cannot be tried itself."""
    symbol = f"{module}.{function.name}"
    callers = callers_of(function, module, modules)
    owner = modules[module][1] if not callers and function.owner and module in modules else None
    if owner is not None and function.owner in owner.classes and not function.owner.startswith("_"):
        # no caller names it: it is reached by a computed name, or by Python itself
        callers = [
            Target(modules[module][0], module, function.owner, "class", (), (symbol,), owner.docstring)
        ]
    if callers:
        found.proxies[symbol] = callers
    elif new is None:
        return  # base's function is gone together with its callers: nothing is left to compare
    elif not any(one != function.name for one in changed) or not function.private:
        why = (
            "nothing public calls it"
            if function.private
            else "its signature changed and nothing else calls it"
        )
        found.unverified.append((symbol, why))


def callers_of(
    function: Function, module: str, modules: dict[str, tuple[str, Module]], limit: int = 8
) -> list[Target]:
    """Public functions and classes that reach the function by name, nearest first."""
    wanted, seen = [(module, function)], {(module, function.name)}
    found: list[Target] = []
    while wanted and len(found) < limit:
        home, callee = wanted.pop(0)
        for name, (path, content) in modules.items():
            near = name == home or _mentions(content, home)
            for caller in content.functions.values() if near else ():
                if (name, caller.name) in seen or not _calls(caller, callee):
                    continue
                seen.add((name, caller.name))
                wanted.append((name, caller))
                if not caller.private and _reachable(caller, content) and len(found) < limit:
                    found.append(_target(path, name, caller, content, f"{module}.{function.name}"))
    return found


def _mentions(content: Module, home: str) -> bool:
    return any(home.rpartition(".")[2] in function.names for function in content.functions.values()) or True


def _calls(caller: Function, callee: Function) -> bool:
    if callee.last == "__init__":
        return callee.owner.rpartition(".")[2] in caller.names
    return callee.last in caller.names


def _target(path: str, module: str, function: Function, content: Module, symbol: str) -> Target:
    note = f"{content.docstring}\n{function.docstring}"
    if function.owner and not function.decorators & {"staticmethod", "classmethod"}:
        return Target(path, module, function.owner, "class", (function.last,), (symbol,), note)
    return Target(path, module, function.name, "function", (), (symbol,), note)
