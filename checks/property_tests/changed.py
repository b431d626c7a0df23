"""Which functions and classes of a change have to be tried, and which stand in for those that cannot."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.check.interface import Change, Snapshot

from .syntax import Function, Module, literals, parse

TEST_FOLDERS = frozenset({"test", "tests", "testing"})
MAX_FILES = 1500


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
            found.unverified.append((file.path, "the module was renamed: compared only through its callers"))
            continue
        found.heads[file.path] = after
        found.pairs.append((file.path, name, before, after))
        _compare(found, file.path, name, before, after, modules, head)
    return found


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
    classes: dict[str, list[str]] = {}
    for qualified in changed:
        function = before.functions[qualified]
        new = after.functions.get(qualified)
        reachable = _reachable(function, before)
        if new is None or function.private or not reachable or not compatible(function, new):
            _through_callers(found, name, function, new, modules, changed)
        elif function.owner and not function.decorators & {"staticmethod", "classmethod"}:
            classes.setdefault(function.owner, []).append(function.last)
        else:
            note = f"{before.docstring}\n{function.docstring}"
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


def _reachable(function: Function, module: Module) -> bool:
    """Whether the function can be named from outside: not nested in another function."""
    return not function.owner or function.owner in module.classes


def changed_functions(before: Module, after: Module) -> list[str]:
    """Functions of base that mean something else on head, themselves or by what they read."""
    constants = {
        name
        for name in {*before.constants, *after.constants}
        if before.constants.get(name) != after.constants.get(name) and name in before.constants
    }
    classes = {name for name, text in before.classes.items() if after.classes.get(name) != text}
    found = []
    for name, function in before.functions.items():
        new = after.functions.get(name)
        differs = new is None or new.meaning != function.meaning
        if differs or function.names & constants or function.owner in classes:
            found.append(name)
    return found


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
    function: Function, module: str, modules: dict[str, tuple[str, Module]], limit: int = 4
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
                if caller.private or not _reachable(caller, content):
                    wanted.append((name, caller))
                elif len(found) < limit:
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
