"""Imports the modules of both trees: one that base could import and head cannot is a regression."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.check.interface import Context, Draft, Unverified

from ..changed import Survey
from ..drafts import short
from ..wire import Side
from .dialect import for_a_later_python
from .draft import Broken, draft_of
from .packages import added, declares

SECONDS = 8.0
MOST = 150
MOST_TOLD = 8
CHECK = "property_tests"


@dataclass
class Loaded:
    """What came of it: modules that need not be tried on head, and what has to be said of them."""

    broken: set[str] = field(default_factory=set)
    drafts: list[Draft] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)


class Loading:
    """``found`` is what the change's survey gave."""

    def __init__(self, context: Context, found: Survey, base: Side, head: Side) -> None:
        self.context = context
        self.found = found
        self.base = base
        self.head = head
        self.version: tuple[int, ...] = (3, 0)

    def run(self) -> Loaded:
        """Import what the change may have touched, on head first; what fails there, on base too."""
        loaded = Loaded()
        fresh = dict(self.found.fresh)
        on_head = self._asked(self.head, [*chosen(self.context, self.found), *list(fresh)[:MOST_TOLD]])
        failed = [one for one in on_head if one["kind"] not in ("value", "elsewhere")]
        on_base = self._asked(self.base, [one["module"] for one in failed if one["module"] not in fresh])
        before = {one["module"]: one for one in on_base}
        causes: dict[tuple[Any, ...], Broken] = {}
        tried = {target.module for target in self.found.targets}  # of these every function says so itself
        changed = {name for _, name, _, _ in self.found.pairs} - tried
        for one in failed:
            name = one["module"]
            if name in fresh:
                self._fresh(loaded, one)
            elif before.get(name, {}).get("kind") == "value":
                loaded.broken.add(name)
                broken = self._broken(one)
                causes.setdefault(broken.cause, broken).modules.append(name)
            elif name in changed:
                why = f"its import fails on base and on head ({short(self._broken(one).told, 160)})"
                loaded.unverified.append(Unverified(name, why, CHECK))
        for broken in list(causes.values())[:MOST_TOLD]:
            self._tell(loaded, broken)
        return loaded

    def _asked(self, side: Side, modules: Sequence[str]) -> list[dict[str, Any]]:
        if not modules or side.lost:
            return []
        job = {"modules": list(modules), "seconds": SECONDS}
        reply = side.ask({"op": "load", "job": job}, SECONDS * 2 + 90, "loaded")
        version, results = reply.get("version"), reply.get("results")
        if isinstance(version, list) and all(type(part) is int for part in version):
            self.version = tuple(version)
        return [one for one in results if _sound(one, modules)] if isinstance(results, list) else []

    def _broken(self, said: dict[str, Any]) -> Broken:
        """Where and how an import fails: at the innermost changed file of its way, else where it ends."""
        changed = {file.path for file in self.context.change.files}
        places = _places(said.get("places"))
        lacks = said.get("lacks")
        if (
            isinstance(lacks, str)
            and lacks in changed
            and not any(path in changed for path, _ in places[-1:])
        ):
            places.append((lacks, 1))
        own = [place for place in places if place[0] in changed]
        path = self.found.modules.get(said["module"], "")
        place = own[-1] if own else places[-1] if places else (path, 1)
        return Broken(said["kind"], _text(said, "message"), said.get("builtin") is True, place, said)

    def _tell(self, loaded: Loaded, broken: Broken) -> None:
        why = self._why_not(broken)
        if why:
            loaded.unverified += [Unverified(name, why, CHECK) for name in broken.modules[:MOST_TOLD]]
        else:
            loaded.drafts.append(draft_of(broken, self.found))

    def _why_not(self, broken: Broken) -> str:
        """Why a failed import on head is no fault of the change, empty where it is one."""
        said, head = broken.said, self.context.head
        how = f"it cannot be imported on head ({short(broken.told, 160)})"
        missing = said.get("missing")
        if isinstance(missing, str) and missing and not self._is_own(missing):
            top = missing.partition(".")[0]
            new = added(self.context.base, head, self.context.change)
            if declares(head, top) or new:
                return f"{how}: the package is declared and not installed in the sandbox; see [sandbox.setup]"
        if broken.kind in ("raises SyntaxError", "raises IndentationError", "raises TabError"):
            text = head.read_text(broken.place[0]) or ""
            if for_a_later_python(text, head, self.version):
                return f"{how}: it is no Python that version {'.'.join(map(str, self.version))} reads"
        variables = [one for one in said.get("variables", []) if isinstance(one, str)]
        if variables and (said.get("with_variables") is True or broken.kind == "raises KeyError"):
            return f"{how}: it needs the environment variable {short(', '.join(variables), 120)}"
        needs = _text(said, "needs")
        return f"{how}: it needs {short(needs, 160)}" if needs else ""

    def _is_own(self, missing: str) -> bool:
        """Whether a missing module is one of the tree's own, as base has it or as a folder of it is named."""
        top = missing.partition(".")[0]
        return missing in self.found.modules or any(
            name.partition(".")[0] == top for name in self.found.modules
        )

    def _fresh(self, loaded: Loaded, said: dict[str, Any]) -> None:
        """A module that base does not have can have lost nothing; that nobody can import it is told."""
        broken = self._broken(said)
        why = self._why_not(broken) or f"it is new, and its import fails ({short(broken.told, 160)})"
        loaded.unverified.append(Unverified(said["module"], why, CHECK))


def chosen(context: Context, found: Survey) -> list[str]:
    """Changed modules, then those that may import one of them by its name or from its package."""
    every = found.modules if found.touched else {}
    changed = {file.old_path or file.path for file in context.change.files}
    packages = tuple(path.removesuffix("__init__.py") for path in changed if path.endswith("/__init__.py"))
    here = [name for name, path in every.items() if path in changed]
    words = {name.rpartition(".")[2] for name in here}
    near = [
        name
        for name, path in every.items()
        if path not in changed
        and (path.startswith(packages) or any(map((context.base.read_text(path) or "").__contains__, words)))
    ]
    return [one for one in [*here, *near] if _stays(context, every[one])][:MOST]


def _stays(context: Context, path: str) -> bool:
    return (context.head.path / path).is_file() and not path.endswith("__main__.py")


def _sound(one: Any, modules: Sequence[str]) -> bool:
    return isinstance(one, dict) and one.get("module") in modules and isinstance(one.get("kind"), str)


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _places(value: Any) -> list[tuple[str, int]]:
    return [
        (one[0], one[1])
        for one in (value[:50] if isinstance(value, list) else [])
        if isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and type(one[1]) is int
    ]
