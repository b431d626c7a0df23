"""Writes the two tests of a proof from the parts that a guest sent, checking each part.

The guest runs hostile code, so every part must be one expression or one import, short and
printable; what is not makes the whole proof unwritable.
"""

import ast
import re
from dataclasses import dataclass
from typing import Any

from harness.check.python_source import read_python

from .calls import (
    UnwritableTestError,
    assigned,
    atomic,
    call_of,
    entered,
    expression,
    hoisted,
    managed,
    renamed,
)
from .compare import Observed, Split
from .helpers import APPLYING, COUNTING, GATHERED, JUMPING, MANAGING, RECOVERING, TICK, TICKING, TOGETHER
from .leading import SETTING, is_taken, leading, prelude, shown, statement, surrounding

MAX_FILE = 40_000
FIXTURES = "tmp_path, monkeypatch"
SET = "monkeypatch"
STANDARD = ("asyncio", "contextlib", "io", "itertools", "faulthandler", "pytest", "random")


@dataclass(frozen=True)
class Shown:
    """One side of a difference: its outcome at the step where they part, and the test's parts."""

    outcome: Observed
    parts: Any
    full: list[Observed]


def needed(line: str, used: str) -> str:
    """The import without the names that are not used; empty when none is."""
    try:
        node = read_python(line).body[0]
    except (SyntaxError, IndexError, ValueError):
        raise UnwritableTestError("an import is not readable") from None
    if isinstance(node, ast.Import):
        return line if re.search(rf"\b{re.escape(node.names[0].name.partition('.')[0])}\b", used) else ""
    if not isinstance(node, ast.ImportFrom):
        raise UnwritableTestError("an import is no import")
    kept = [one for one in node.names if re.search(rf"\b{re.escape(one.asname or one.name)}\b", used)]
    names = ", ".join(one.name if one.asname is None else f"{one.name} as {one.asname}" for one in kept)
    return f"from {node.module} import {names}" if kept else ""


class TestWriter:
    """Writes a test that pins what one side does at a step."""

    def __init__(self, mine: Shown, split: Split, has_receiver: bool, other: Shown | None = None) -> None:
        parts = mine.parts
        self.other = other
        if not isinstance(parts, dict) or not isinstance(parts.get("steps"), list):
            raise UnwritableTestError("the input cannot be written as Python")
        self.parts = parts
        self.split = split
        self.has_receiver = has_receiver
        self.imports = [statement(line) for line in parts.get("imports", [])]
        self.setup = [statement(line) for line in parts.get("setup", [])]
        self.placed = parts.get("placed") is True
        self.full = mine.full

    @property
    def step(self) -> dict[str, Any] | None:
        """The step at which the runs part, None for the construction of the receiver."""
        at = self.split.step - self.has_receiver
        found = self.parts["steps"][at] if 0 <= at < len(self.parts["steps"]) else None
        return found if isinstance(found, dict) else None

    def call(self) -> str:
        """The input as a reader sees it: the calls, one after another, the object under a name of its class."""
        if not self.has_receiver:
            made = [
                line for line in prelude(self.step) if not line.startswith((" ", "class ", "with ", TICK))
            ]
            steps = [*self._kept(), self.step]
            return "; ".join([*made, *shown([entered(call_of(step)) for step in steps], steps)])
        built = self.setup[-1].removeprefix("receiver = ") if self.setup else ""
        surroundings = [surrounding(line) for line in self.setup if line.startswith(SETTING)]
        return "; ".join([*surroundings, self._calls(built)])

    def _calls(self, built: str) -> str:
        """The calls of an object that an expression makes."""
        steps = self.parts["steps"][: self.split.step]
        if any(map(is_taken, steps)):
            name = self._name(built)
            lines = leading([renamed(step, name) for step in steps], (), [], [f"{name} = {built}"])
            return "; ".join([*lines, name] if is_taken(steps[-1]) else lines)
        name = self._name(built) if len(steps) > 1 else built
        steps = [renamed(step, name) for step in steps]
        named = shown([entered(call_of(step)) for step in steps], steps)
        if len(steps) <= 1:
            return named[0] if named else built
        return "; ".join([f"{name} = {built}", *named])

    def _name(self, made: str) -> str:
        """A name for the object that an expression makes: ``line_item`` for ``LineItem(…)``."""
        kind = re.search(r"(\w+)\(", made)
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind[1]).lower() if kind else ""
        return name if name.isidentifier() and f"{name}(" not in made else "it"

    def test(self, name: str, comment: str, shown: Shown) -> bytes:
        """The file whose only test passes on the side that ``shown`` is from."""
        body = ["monkeypatch.chdir(tmp_path)"] if self.placed else []
        body += [*self._before(), *self._earlier()]
        imports: list[str] = []
        body += self._pinned(shown, imports)
        if any("together(" in line for line in body):
            imports += ["random"]
            body = ["for seed in range(6):", *("    " + line for line in body)]
        imports += ["asyncio"] if any("asyncio.run(" in line or "jumping(" in line for line in body) else []
        imports += ["itertools"] if any("itertools.islice(" in line for line in body) else []
        plain = sorted({"import " + line for line in imports if line in STANDARD})
        used = "\n".join(body)
        others = sorted(
            filter(
                None,
                (
                    needed(line, used)
                    for line in {*self.imports, *(one for one in imports if one not in STANDARD)}
                ),
            )
        )
        third = ["import pytest", ""] if "pytest" in imports else []
        plain = [line for line in plain if line != "import pytest"]
        text = "\n".join(
            [f'"""{comment}"""', "", *plain, *([""] if plain else []), *third, *others, "", "",
             *(GATHERED if "gathered(" in used else []), *(JUMPING if "jumping(" in used else []),
             *(TOGETHER if "together(" in used else []), *(MANAGING if "failing(" in used else []),
             *(APPLYING if "applied(" in used else []), *(COUNTING if "counting()" in used else []),
             *(TICKING if "ticking()" in used else []),
             *(RECOVERING if "recovering()" in used else []),
             f"def test_{name}({FIXTURES if self.placed else SET if SET in used else ''}):",
             *("    " + line for line in body), ""]
        )  # fmt: skip
        try:
            read_python(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise UnwritableTestError("the test is no Python") from None
        if len(text) > MAX_FILE:
            raise UnwritableTestError("the test is too long")
        return text.encode("utf-8", "replace")

    def _before(self) -> list[str]:
        """All of it once before, with another object."""
        if self.parts.get("times") != 2:
            return []
        if not self.has_receiver:
            return [
                line for step in self.parts["steps"] for line in (*prelude(step), assigned(call_of(step)))
            ]
        lines = [re.sub(r"^receiver = ", "earlier = ", line) for line in self.setup]
        for step in self.parts["steps"]:
            lines += [*prelude(step), assigned(call_of(renamed(step, "earlier")))]
        return lines

    def _earlier(self) -> list[str]:
        """The receiver and the steps before the one that is pinned."""
        if not self.has_receiver:
            return [*leading(self._kept(), self.full, self.imports), *prelude(self.step)]
        if self.step is None:
            return list(self.setup[:-1])
        steps = self.parts["steps"][: self.split.step - 1 + is_taken(self.step)]
        return leading(steps, self.full[1:], self.imports, self.setup) + prelude(self.step)

    def _kept(self) -> list[Any]:
        """Earlier calls of a function."""
        steps: list[Any] = self.parts["steps"][: self.split.step]
        return steps

    def _pinned(self, shown: Shown, imports: list[str]) -> list[str]:
        called = call_of(self.step) if self.step is not None else self.setup[-1].removeprefix("receiver = ")
        if self.step is not None and self.step.get("manages") is True:
            named, step = hoisted(self.step)
            return [*named, *self._seen(call_of(step), shown, imports)]
        return self._seen(called, shown, imports)

    def _seen(self, called: str, shown: Shown, imports: list[str]) -> list[str]:
        """The call and what is seen of what it does."""
        if "mutates" in (self.split.before, self.split.after):
            return self._arguments(shown)
        if "prints" in (self.split.before, self.split.after):
            imports += ["contextlib", "io"]
            printed = repr(shown.outcome.get("printed", ""))
            return ["printed = io.StringIO()", "with contextlib.redirect_stdout(printed):", f"    {called}",
                    f"assert printed.getvalue() == {printed}"]  # fmt: skip
        if "writes" in (self.split.before, self.split.after):
            return self._written(called, shown)
        if shown.outcome["kind"].startswith("raises "):
            return self._raises(called, shown.outcome, imports)
        lines = []
        if self.split.after in ("hangs", "crashes"):
            imports.append("faulthandler")
            lines = ["faulthandler.dump_traceback_later(20, exit=True)  # ends a call that never returns"]
        return (
            lines
            + self._returns(called, shown)
            + self._nodes(shown)
            + (["faulthandler.cancel_dump_traceback_later()"] if lines else [])
        )

    def _raises(self, called: str, outcome: Observed, imports: list[str]) -> list[str]:
        where = outcome.get("where")
        if where is None or not all(part.isidentifier() for part in ".".join(where).split(".")):
            raise UnwritableTestError("the exception's class cannot be imported")
        module, name = where
        if module != "builtins":
            imports.append(f"from {module} import {name.partition('.')[0]}")
        imports.append("pytest")
        return [f"with pytest.raises({name}):", f"    {called}"]

    def _value(self, shown: Shown) -> Any:
        at = self.split.step - self.has_receiver
        parts = shown.parts if isinstance(shown.parts, dict) else {}
        steps = parts.get("steps")
        step = steps[at] if isinstance(steps, list) and 0 <= at < len(steps) else None
        step = parts.get("built") if at < 0 else step
        return step if isinstance(step, dict) else {}

    def _returns(self, called: str, shown: Shown) -> list[str]:
        step = self._value(shown)
        if self.split.after == "races":
            return _either(called, step, shown)
        answered = self.split.after == "value" == self.split.before
        if not answered and step.get("value") is None:
            return [called]
        called = called if atomic(called) else f"({called})"
        first = step.get("first")
        if type(first) is int:
            items = f"list(itertools.islice({called}, {first}))"
        else:
            items = f"list({called})" if step.get("iterates") is True else called
        value = step.get("value")
        if isinstance(value, str):
            value = expression(value)
            if value in ("None", "True", "False"):
                return [f"assert {items} is {value}"]
            if self._needs_repr(shown):
                return [
                    f"result = {items}",
                    f"assert result == {value}",
                    f"assert repr(result) == repr({value})",
                ]
            return [f"assert {items} == {value}"]
        if isinstance(step.get("shown"), str):
            return [f"assert repr({items}) == {step['shown']!r}"]
        texts = step.get("texts")
        if isinstance(texts, list) and all(isinstance(one, str) for one in texts):
            return [f"assert [str(item) for item in {called}] == {texts!r}"]
        fields = step.get("fields")
        if isinstance(fields, list) and fields:
            others = self._value(self.other).get("fields") if self.other else None
            apart = [pair for pair in fields if isinstance(others, list) and pair not in others]
            pairs = [(str(name), expression(text)) for name, text in apart or fields if isinstance(name, str)]
            if all(name.isidentifier() for name, _ in pairs):
                return [f"result = {items}", *(f"assert result.{name} == {text}" for name, text in pairs)]
        raise UnwritableTestError("the result cannot be written as Python")

    def _nodes(self, shown: Shown) -> list[str]:
        """Fields of a graph's objects that the two sides leave differently."""
        if self.other is None or not {self.split.before, self.split.after} <= {"value", "mutates"}:
            return []
        others = self._value(self.other).get("nodes")
        other = [pair for pair in others if isinstance(pair, list)] if isinstance(others, list) else []
        mine = self._value(shown).get("nodes")
        return [
            f"assert {expression(pair[0])} == {expression(pair[1])}"
            for pair in (mine if isinstance(mine, list) else [])
            if isinstance(pair, list) and len(pair) == 2 and pair not in other
        ]

    def _written(self, called: str, shown: Shown) -> list[str]:
        """Call, and look at the files that the two sides leave differently."""
        mine, others = _files(self._value(shown)), _files(self._value(self.other)) if self.other else {}
        checks = [f"assert not {path}.exists()" for path in others if path not in mine]
        for path, content in mine.items():
            if path not in others or others[path] != content:
                read = "read_bytes" if content and content.startswith("b") else "read_text"
                checks.append(
                    f"assert {path}.{read}() == {content}" if content else f"assert {path}.is_dir()"
                )
        if not checks:
            raise UnwritableTestError("what was written cannot be written as Python")
        if shown.outcome["kind"].startswith("raises "):
            self.imports.append("from contextlib import suppress")
            return ["with suppress(Exception):", "    " + called, *checks]
        return [called, *checks]

    def _needs_repr(self, shown: Shown) -> bool:
        """Whether the two sides' values may be equal without being the same: 1 and 1.0, or a plain value
        and one of a class of head, which decides itself what it is equal to."""
        if self.split.before != "value" or self.split.after != "value" or self.other is None:
            return False
        mine, others = self._value(shown).get("value"), self._value(self.other).get("value")
        if not isinstance(mine, str):
            return False
        if not isinstance(others, str):
            return _is_literal(mine)
        try:
            return bool(ast.literal_eval(mine) == ast.literal_eval(others))
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            if _is_literal(mine) and not _is_literal(others):
                return True
            return re.sub(r"\w+\(|[()'., ]", "", mine) == re.sub(r"\w+\(|[()'., ]", "", others)

    def _arguments(self, shown: Shown) -> list[str]:
        """Call with named arguments and look at them afterwards."""
        step = self.step
        if step is None:
            raise UnwritableTestError("an object's construction has no arguments to look at")
        after = self._value(shown)
        lines, names, checks = [], [], []
        for number, text in enumerate(step.get("args", []), start=1):
            names.append(f"argument_{number}")
            lines.append(f"{names[-1]} = {expression(text)}")
            kept = after.get("after")
            if isinstance(kept, list) and number <= len(kept) and isinstance(kept[number - 1], str):
                checks.append(f"assert {names[-1]} == {expression(kept[number - 1])}")
        for name, text in step.get("kwargs", []):
            if not str(name).isidentifier():
                raise UnwritableTestError("an argument has no name")
            lines.append(f"{name} = {expression(text)}")
            kept = dict(item for item in after.get("named_after", []) if len(item) == 2).get(name)
            names.append(f"{name}={name}")
            if isinstance(kept, str):
                checks.append(f"assert {name} == {expression(kept)}")
        for name, text in after.get("state", []) if isinstance(after.get("state"), list) else []:
            if str(name).isidentifier():
                checks.append(f"assert receiver.{name} == {expression(text)}")
        checks += self._nodes(shown)
        if not checks:
            raise UnwritableTestError("the changed argument cannot be written as Python")
        called = expression(step.get("call"))
        call = called if step.get("attribute") is True else managed(step, f"{called}({', '.join(names)})")
        if shown.outcome["kind"].startswith("raises "):
            self.imports.append("from contextlib import suppress")
            return [*lines, "with suppress(Exception):", "    " + call, *checks]
        return [*lines, call, *checks]


def _files(step: Any) -> dict[str, str | None]:
    """Content by path after a step, as expressions; None for a folder."""
    listed = step.get("files")
    pairs = (
        [one for one in listed if isinstance(one, list) and len(one) == 2] if isinstance(listed, list) else []
    )
    return {expression(path): None if content is None else expression(content) for path, content in pairs}


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _either(called: str, step: Any, shown: Shown) -> list[str]:
    """The result is one of those that the calls give one after the other, in either order."""
    either = step.get("either")
    if shown.outcome["kind"] == "races" or not isinstance(either, list):
        raise UnwritableTestError("no order of the calls gives what it gives")
    values = list(dict.fromkeys(expression(one) for one in either))
    return [f"assert {called} in ({', '.join(values)},)"]
