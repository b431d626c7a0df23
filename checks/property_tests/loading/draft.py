"""The finding that a module can no longer be imported, with its two tests."""

from dataclasses import dataclass, field
from typing import Any

from harness.check.interface import Difference, Draft, Location, Probe, ProofPlan

from ..changed import Survey
from ..drafts import PROOF_SECONDS, short

MOST_NAMED = 4


@dataclass
class Broken:
    """How imports fail on head: the kind of outcome, the error's text, whether its class is built in, the
    place at fault, and all that the sandbox said. ``modules`` are those that fail in this way."""

    kind: str
    message: str
    builtin: bool
    place: tuple[str, int]
    said: dict[str, Any]
    modules: list[str] = field(default_factory=list)

    @property
    def cause(self) -> tuple[Any, ...]:
        return self.kind, self.place

    @property
    def told(self) -> str:
        """What head does, in words."""
        if not self.kind.startswith("raises "):
            return {"hangs": "does not return"}.get(self.kind, "ends the process")
        error = self.kind.removeprefix("raises ")
        return f"raised {error}: {self.message}" if self.message else f"raised {error}"


def draft_of(broken: Broken, found: Survey) -> Draft:
    """The draft: what fails is told of the module at fault, where that fails itself."""
    path, line = broken.place
    named = {where: name for name, where in found.modules.items()}
    name = named.get(path, "")
    module = name if name in broken.modules else broken.modules[0]
    base = _test("base", "passes on base, fails on head", [_import(module)])
    files = {"test_@id@_base.py": base}
    head = _head(broken, module)
    if head is not None:
        files["test_@id@_head.py"] = head
    others = [one for one in broken.modules if one != module]
    more = f" So can {_listed(others)} no longer." if others else ""
    told = short(broken.told)
    return Draft(
        rule="import-fails" if broken.kind.startswith("raises ") else broken.kind,
        category="regression",
        severity="high",
        title=f"{module} can no longer be imported",
        message=f"import {module} works on base; on head it {told}.{more}",
        location=Location(path, max(line, 1), None, module),
        key=f"import:{broken.kind}",
        difference=Difference(module, "value", broken.kind, "import"),
        proof=ProofPlan(
            probe=_proof(base, f"import of {module}"),
            input=f"import {module}",
            base="returned the module",
            head=told,
            files=files,
            alike=_proof(head, f"whether {module} fails as on head") if head is not None else None,
        ),
        drop_unconfirmed=True,
        suggestion="Give back what the import needs: a name, a module, a declared package, or readable code.",
    )


def _listed(names: list[str]) -> str:
    shown = names[:MOST_NAMED]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + more


def _import(module: str) -> str:
    return f"importlib.import_module({module!r})"


def _head(broken: Broken, module: str) -> bytes | None:
    error = broken.kind.removeprefix("raises ")
    if not broken.kind.startswith("raises ") or not broken.builtin or not error.isidentifier():
        return None
    body = [f"with pytest.raises({error}):", f"    {_import(module)}"]
    return _test("head", "commit it to declare the difference", body, "import pytest")


def _test(side: str, note: str, body: list[str], *imports: str) -> bytes:
    first = f'"""Pins what an import does on {side}: {note}."""'
    needed = ["import importlib", *(["", *imports] if imports else [])]
    lines = [first, "", *needed, "", "", f"def test_{side}():", *(f"    {line}" for line in body), ""]
    return "\n".join(lines).encode()


def _proof(test: bytes, label: str) -> Probe:
    return Probe(entry="prove.py", request={"test": test.decode(), "seconds": PROOF_SECONDS}, label=label)
