"""The statements of a test that lead up to the call that it pins."""

import ast
from collections.abc import Sequence
from typing import Any

from harness.check.python_source import read_python

from .calls import MAX_PART, UnwritableTestError, assigned, call_of, emptying, hoisted_from
from .compare import Observed
from .helpers import TICK

SETTING = "monkeypatch.setenv("


def statement(text: Any) -> str:
    """The text, when it is an import, an assignment, a call, or the head or body of a with block."""
    if not isinstance(text, str) or len(text) > MAX_PART or not text.isprintable():
        raise UnwritableTestError("a statement is too long or not printable")
    return text


def prelude(step: Any) -> list[str]:
    """The statements before a step."""
    found = step.get("prelude", []) if isinstance(step, dict) else []
    return [statement(line) for line in found] if isinstance(found, list) else []


def leading(
    steps: Sequence[Any], outcomes: Sequence[Observed], imports: list[str], setup: Sequence[str] = ()
) -> list[str]:
    """The set-up, then statements that do the steps. ``outcomes`` are those of the steps; what the statements
    need is added to ``imports``."""
    lines = list(setup)
    for number, step in enumerate(steps):
        done = emptying(step)
        if done:
            lines[-1:] = [f"earlier = {line}" for line in lines[-1:]]
            lines += done
            continue
        if is_other(step):
            lines += prelude(step)
            imports += ["from contextlib import suppress"] if "suppress(" in "".join(prelude(step)) else []
            continue
        if is_taken(step):
            lines = taken_back(lines, step)
            continue
        lines += prelude(step)
        if number < len(outcomes) and outcomes[number]["kind"].startswith("raises "):
            imports.append("from contextlib import suppress")
            lines += ["with suppress(Exception):", "    " + assigned(call_of(step))]
        else:
            lines.append(assigned(call_of(step)))
    return lines


def is_taken(step: Any) -> bool:
    """Whether a step empties what was given to the one before it."""
    return isinstance(step, dict) and "taken" in step


def is_other(step: Any) -> bool:
    """Whether a step only makes another object and uses it."""
    return isinstance(step, dict) and step.get("other") is True


def taken_back(lines: Sequence[str], step: dict[str, Any]) -> list[str]:
    """The lines, of which the last is a call; what it was given has names now, and is emptied behind it."""
    if not lines:
        raise UnwritableTestError("there is no call before what is taken back")
    named, call = hoisted_from(lines[-1], step["taken"])
    names = [line.partition(" = ")[0] for line in named]
    return [*lines[:-1], *named, call, *(f"{name}.clear()" for name in names)]


def _told(lines: Sequence[str]) -> list[str]:
    """Statements as a reader sees them: what they suppress is left out, a body stands behind its head."""
    found: list[str] = []
    for line in lines:
        head = line.removeprefix("with suppress(Exception), ")
        if head != line:
            found.append(f"with {head}")
        elif found and (found[-1].endswith(":") or found[-1].startswith("with ")) and line.startswith("    "):
            found[-1] += (" " if found[-1].endswith(":") else "; ") + line.strip()
        elif not line.startswith(("with ", TICK)):
            found.append(surrounding(line.strip()))
    return found


def surrounding(line: str) -> str:
    """A statement as a reader sees it, where it sets a variable of the environment."""
    call = read_python(line).body[0] if line.startswith(SETTING) else None
    if not (isinstance(call, ast.Expr) and isinstance(call.value, ast.Call) and len(call.value.args) == 2):
        return line
    name, value = call.value.args
    return f"os.environ[{ast.unparse(name)}] = {ast.unparse(value)}"


def shown(calls: Sequence[str], steps: Sequence[Any]) -> list[str]:
    """The calls as a reader sees them, with what is emptied between them."""
    found: list[str] = []
    for call, step in zip(calls, steps, strict=True):
        done = emptying(step)
        if done:
            found[-1:] = [f"earlier = {one}" for one in found[-1:]]
            found += done
        elif is_other(step):
            found += _told(prelude(step))
        else:
            found.append(assigned(call))
    return found
