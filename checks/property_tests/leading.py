"""The statements of a test that lead up to the call that it pins."""

from collections.abc import Sequence
from typing import Any

from .calls import MAX_PART, UnwritableTestError, call_of, emptying
from .compare import Observed


def statement(text: Any) -> str:
    """The text, when it is an import, an assignment, a call, or the head or body of a with block."""
    if not isinstance(text, str) or len(text) > MAX_PART or not text.isprintable():
        raise UnwritableTestError("a statement is too long or not printable")
    return text


def prelude(step: Any) -> list[str]:
    """The statements before a step."""
    found = step.get("prelude", []) if isinstance(step, dict) else []
    return [statement(line) for line in found] if isinstance(found, list) else []


def leading(steps: Sequence[Any], outcomes: Sequence[Observed], imports: list[str]) -> list[str]:
    """Statements that do the steps, each with its outcome. What they need is added to ``imports``."""
    lines: list[str] = []
    for number, step in enumerate(steps):
        done = emptying(step)
        if done:
            lines[-1:] = [f"earlier = {line}" for line in lines[-1:]]
            lines += done
            continue
        lines += prelude(step)
        if number < len(outcomes) and outcomes[number]["kind"].startswith("raises "):
            imports.append("from contextlib import suppress")
            lines += ["with suppress(Exception):", "    " + call_of(step)]
        else:
            lines.append(call_of(step))
    return lines


def shown(calls: Sequence[str], steps: Sequence[Any]) -> list[str]:
    """The calls as a reader sees them, with what is emptied between them."""
    found: list[str] = []
    for call, step in zip(calls, steps, strict=True):
        done = emptying(step)
        if done:
            found[-1:] = [f"earlier = {one}" for one in found[-1:]]
            found += done
        else:
            found.append(call)
    return found
