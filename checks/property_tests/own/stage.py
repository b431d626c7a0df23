"""Finds tests of the repository that state a property, runs them harder, and drafts what head breaks."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.check.interface import Context, Difference, Draft, Location, Probe, ProofPlan
from harness.check.python_source import read_python

from ..calls import UnwritableTestError, expression
from ..changed import Survey, is_test
from ..drafts import short
from ..wire import Side

SEEDS = (20_011, 70_003)
EXAMPLES = 600
SECONDS = 20.0
MOST = 5
MAX_FILES = 40
PROOF_SECONDS = 8.0
FALSIFYING = re.compile(
    r"(?:Falsifying example|Failing test case): (\w+\((.*?)\n?\))\s*$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Failure:
    """A test that head fails: its id, the example as Hypothesis wrote it, and where it led through."""

    test: str
    seed: int
    error: str
    message: str
    example: str
    arguments: tuple[tuple[str, str], ...] | None
    module: str
    name: str
    reached: tuple[str, ...]


def files_of(context: Context, found: Survey) -> list[str]:
    """Test files with Hypothesis that both sides have alike and that name a changed module."""
    words = {name.rpartition(".")[2] for _, name, _, _ in found.pairs}
    chosen: list[str] = []
    for entry in context.base.entries:
        if len(chosen) >= MAX_FILES or entry.kind != "file" or not entry.path.endswith(".py"):
            continue
        text = context.base.read_text(entry.path) if is_test(entry.path) else None
        if not text or "hypothesis" not in text or context.head.read_text(entry.path) != text:
            continue
        if any(re.search(rf"\b{re.escape(word)}\b", text) for word in words):
            chosen.append(entry.path)
    return sorted(chosen)


class OwnTests:
    """Runs the repository's Hypothesis tests in two open sessions."""

    def __init__(self, base: Side, head: Side) -> None:
        self.base = base
        self.head = head
        self.count = 0
        self.late: list[str] = []

    def run(self, files: Sequence[str], seconds: float) -> list[Failure]:
        """Tests that base passes with every seed and that head fails."""
        limit = min(SECONDS, seconds)
        job = {"files": list(files), "tests": None, "seeds": list(SEEDS), "examples": EXAMPLES,
               "seconds": limit}  # fmt: skip
        for side in (self.base, self.head):
            side.session.tell({"op": "own", "job": job})
        replies = [side.hear(limit * 2 + 90, "own") for side in (self.base, self.head)]
        base, head = (results(reply.get("results")) for reply in replies)
        self.count = len(base)
        self.late = sorted(test for test, said in base.items() if said["state"] == "late")
        found = []
        for test, said in head.items():
            passed = base.get(test, {}).get("state") == "passed"
            if passed and said["state"] == "failed" and type(said.get("seed")) is int:
                found.append(failure(test, said))
        return found[:MOST]


def results(value: Any) -> dict[str, dict[str, Any]]:
    """Results by test id; malformed ones are left out."""
    found: dict[str, dict[str, Any]] = {}
    for item in value[:2000] if isinstance(value, list) else []:
        if (
            isinstance(item, dict)
            and isinstance(item.get("test"), str)
            and isinstance(item.get("state"), str)
        ):
            found.setdefault(item["test"][:500], item)
    return found


def failure(test: str, said: dict[str, Any]) -> Failure:
    """What a session said of a failed test, strictly read."""
    notes = "\n".join(note for note in _texts(said.get("notes")))
    match = FALSIFYING.search(notes)
    example = _example(match.group(1)) if match else ""
    arguments = None if said.get("fixtures") is True or match is None else _arguments(match.group(2))
    return Failure(test, said["seed"], str(said.get("error", ""))[:100], short(said.get("message", "")), example,
                   arguments, str(said.get("module", ""))[:300], str(said.get("name", ""))[:300],
                   tuple(_texts(said.get("reached"))))  # fmt: skip


def _example(text: str) -> str:
    try:
        return short(ast.unparse(read_python(text, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return short(" ".join(text.split()))


def _texts(value: Any) -> list[str]:
    return [one for one in value[:60] if isinstance(one, str)] if isinstance(value, list) else []


def _arguments(text: str) -> tuple[tuple[str, str], ...] | None:
    """The example's named arguments as sources, None where they are no plain literals."""
    try:
        call = read_python(f"f({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(call, ast.Call) or call.args:
        return None
    found = []
    for keyword in call.keywords:
        try:
            ast.literal_eval(keyword.value)
            found.append((str(keyword.arg), expression(ast.unparse(keyword.value))))
        except (ValueError, TypeError, SyntaxError, UnwritableTestError, RecursionError):
            return None
    return tuple(found) or None


def draft_of(failed: Failure, found: Survey, source: str) -> Draft:
    """The finding: a property that the repository states and that head breaks.

    ``source`` is the text of the test's file.
    """
    path, line, end_line, symbol = _place(failed, found, source)
    plan = _plan(failed)
    return Draft(
        rule="stated-property",
        category="property",
        severity="high",
        title=f"{failed.test.rpartition('::')[2]} fails for an example that its usual run did not try",
        message=f"The repository's own property test {failed.test} passes on base for {len(SEEDS)} × {EXAMPLES} "
        f"examples; on head it fails with {failed.error} for {plan.input}.",
        location=Location(path, line, end_line, symbol),
        key=failed.test,
        difference=Difference(symbol or failed.test, "holds", "breaks", "stated"),
        proof=plan,
        drop_unconfirmed=True,
        suggestion="Keep the property, or change its test together with the code.",
    )


def _plan(failed: Failure) -> ProofPlan:
    shown = failed.example or f"{failed.test} with the seed {failed.seed}"
    said = f"fails with {failed.error}" + (f": {failed.message}" if failed.message else "")
    how = (
        f"python -m pytest {failed.test} --hypothesis-seed={failed.seed}\n\n"
        f"passes on base and fails on head, given {EXAMPLES} examples:\n{shown}\n"
    )
    if failed.arguments is not None and _importable(failed):
        test = _test(failed)
        probe = Probe(
            entry="prove.py", request={"test": test, "seconds": PROOF_SECONDS}, label="stated property"
        )
        return ProofPlan(probe, shown, "passes", said, files={"test_@id@_base.py": test.encode()})
    request = {"files": [failed.test.partition("::")[0]], "tests": [failed.test], "seeds": [failed.seed],
               "examples": EXAMPLES, "seconds": SECONDS}  # fmt: skip
    probe = Probe(entry="own/prove.py", request=request, label="stated property")
    return ProofPlan(probe, shown, "passes", said, files={"how_@id@.txt": how.encode()})


def _importable(failed: Failure) -> bool:
    parts = [*failed.module.split("."), failed.name]
    return all(part.isidentifier() for part in parts)


def _test(failed: Failure) -> str:
    """A test that makes the one example of the repository's own test."""
    folder = failed.test.partition("::")[0].rpartition("/")[0]
    given = ", ".join(f"{name}={text}" for name, text in failed.arguments or ())
    path = [f"    sys.path.insert(0, {folder or '.'!r})  # from the root of the project"]
    return "\n".join(
        ['"""One example of a property test of the repository: passes on base, fails on head."""', "",
         "import importlib", *([] if "." in failed.module else ["import sys"]), "", "",
         "def test_base():", *([] if "." in failed.module else path),
         f"    stated = importlib.import_module({failed.module!r})",
         f"    stated.{failed.name}.hypothesis.inner_test({given})", ""]
    )  # fmt: skip


def _place(failed: Failure, found: Survey, source: str) -> tuple[str, int, int | None, str | None]:
    """The function that the failure led through, else a changed one, those that the test names first."""
    for symbol in failed.reached:
        for path, module, _, after in found.pairs:
            function = after.functions.get(symbol.removeprefix(module + "."))
            if function is not None and symbol.startswith(module + "."):
                return path, function.line, function.end_line, symbol
    words = set(re.findall(r"\w+", source))
    for target in sorted(found.targets, key=lambda one: one.name.rpartition(".")[2] not in words):
        after = found.heads[target.path]
        name = f"{target.name}.{target.focus[0]}" if target.focus else target.name
        function = after.functions.get(name)
        if function is not None:
            return target.path, function.line, function.end_line, f"{target.module}.{name}"
    return failed.test.partition("::")[0], 1, None, None
