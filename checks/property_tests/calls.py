"""Calls of a scenario as Python, from the parts that a guest sent."""

import ast
import re
from typing import Any

from harness.check.python_source import read_python

MAX_PART = 8000
SPECIAL = {"__len__": "len({0})", "__iter__": "iter({0})", "__bool__": "bool({0})", "__repr__": "repr({0})",
           "__str__": "str({0})", "__hash__": "len({{{0}}})",
           "__enter__": "(used({0}), failing({0}))", "__exit__": "(used({0}), failing({0}))"}  # fmt: skip
OPERATORS = {"__eq__": "{0} == {1}", "__ne__": "{0} != {1}", "__lt__": "{0} < {1}", "__le__": "{0} <= {1}",
             "__gt__": "{0} > {1}", "__ge__": "{0} >= {1}", "__contains__": "{1} in {0}",
             "__hash__": "len({{{0}, {1}}})", "__getitem__": "{0}[{1}]"}  # fmt: skip


class UnwritableTestError(Exception):
    """The difference cannot be written as a test; the text says why."""


def expression(text: Any) -> str:
    """The text, when it is one expression."""
    if not isinstance(text, str) or len(text) > MAX_PART or not text.isprintable():
        raise UnwritableTestError("a value is too long or not printable")
    try:
        read_python(text, "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UnwritableTestError("a value is no expression") from None
    return text


def call_of(step: Any) -> str:
    """``function(arguments)`` of a step; the bare expression for an attribute."""
    if not isinstance(step, dict):
        raise UnwritableTestError("there is no call")
    args, kwargs = step.get("args"), step.get("kwargs")
    if not isinstance(args, list) or not isinstance(kwargs, list):
        raise UnwritableTestError("there are no arguments")
    parts = [expression(item) for item in args]
    for pair in kwargs:
        if not (
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and pair[0].isidentifier()
        ):
            raise UnwritableTestError("an argument has no name")
        parts.append(f"{pair[0]}={expression(pair[1])}")
    called = expression(step.get("call"))
    call = called if step.get("attribute") is True else _spelled(called, parts)
    call = managed(step, _applied(step, call))
    if step.get("awaits") is not True and step.get("gathers") is not True:
        return call
    run = "jumping" if step.get("waits") is True else "asyncio.run"
    return f"{run}(gathered({call}))" if step.get("gathers") is True else f"{run}({call})"


def _applied(step: Any, call: str) -> str:
    """The call, and those of the function that it gives."""
    rest = step.get("applies")
    if not isinstance(rest, list) or len(rest) != 2 or not isinstance(rest[0], str):
        return call
    made = expression(call + rest[0])
    if not isinstance(rest[1], list):
        return made
    return f"applied({', '.join([made, *(str(one) for one in rest[1] if isinstance(one, int))])})"


def managed(step: Any, call: str) -> str:
    """The call, its context manager used as a with statement does and left by an error besides."""
    return f"(used({call}), failing({call}))" if step.get("manages") is True else call


def entered(call: str) -> str:
    """The call as a reader sees it: what is entered, once left as usual and once by an error."""
    found = re.fullmatch(r"\(used\((.*)\), failing\(\1\)\)", call)
    return f"with {found[1]}: …; with {found[1]}: raise LookupError" if found else call


def hoisted(step: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """(assignments, the step with their names): both uses of a context manager are given the same objects."""
    args = list(step.get("args") or ())
    names = [f"argument_{number}" for number in range(1, len(args) + 1)]
    changeable = [str(text).startswith(("[", "{")) or "(" in str(text) for text in args]
    lines = [
        f"{name} = {expression(text)}" for name, text, yes in zip(names, args, changeable, strict=True) if yes
    ]
    given = [name if yes else text for name, text, yes in zip(names, args, changeable, strict=True)]
    return lines, {**step, "args": given}


def emptying(step: Any) -> list[str]:
    """The statements by which a step empties ``earlier``; none for a step that calls something."""
    words = step.get("emptied") if isinstance(step, dict) else None
    found = []
    for word in words if isinstance(words, list) else ():
        if word == "all":
            found.append("earlier.clear()")
        elif isinstance(word, list) and len(word) == 1 and type(word[0]) in (int, str):
            found.append(f"{expression(f'earlier[{word[0]!r}]')}.clear()")
    return found


def hoisted_from(line: str, places: Any) -> tuple[list[str], str]:
    """(assignments, the line with their names): arguments of its call, by place or name, get names of their own.

    Raises UnwritableTestError for a line that is no such call.
    """
    tree = read_python(line).body[0]
    call = tree.value if isinstance(tree, ast.Expr | ast.Assign) else None
    if not isinstance(call, ast.Call) or not isinstance(places, list) or not places:
        raise UnwritableTestError("what a call was given cannot be named")
    known: dict[int | str, ast.expr] = dict(enumerate(call.args))
    known |= {word.arg: word.value for word in call.keywords if word.arg is not None}
    lines = []
    for number, place in enumerate(places):
        given = known.get(place) if type(place) in (int, str) else None
        if given is None:
            raise UnwritableTestError("what a call was given cannot be named")
        name = f"given_{number + 1}" if len(places) > 1 else "given"
        lines.append(f"{name} = {ast.unparse(given)}")
        call.args = [ast.Name(name) if one is given else one for one in call.args]
        for word in call.keywords:
            word.value = ast.Name(name) if word.value is given else word.value
    return lines, ast.unparse(tree)


HOLDER = r"^((?:\w+[.(])*)receiver\b"
"""The object at the beginning of a call, also inside of another: ``len(receiver)``."""


def renamed(step: Any, name: str) -> Any:
    """A step that calls the object by another expression than ``receiver``."""
    if not isinstance(step, dict) or not isinstance(step.get("call"), str):
        return step
    made = {**step, "call": re.sub(HOLDER, lambda found: found[1] + name, step["call"])}
    if step.get("other") is True and isinstance(step.get("prelude"), list):
        made["prelude"] = [re.sub(r"\breceiver\b", name, str(line)) for line in step["prelude"]]
    return made


def _spelled(called: str, parts: list[str]) -> str:
    """The call as a person writes it: ``len(receiver)`` or ``receiver == other`` for special methods."""
    owner, _, name = called.rpartition(".")
    if owner and name == "__setattr__":
        return f"setattr({', '.join([owner, *parts])})"
    form = {0: SPECIAL, 1: OPERATORS}.get(len(parts), {}).get(name)
    if not owner or form is None:
        return f"{called}({', '.join(parts)})"
    return form.format(owner, *(part if atomic(part) else f"({part})" for part in parts))


def assigned(call: str) -> str:
    """A statement as a person writes it: ``thing.width = 3`` for ``setattr(thing, 'width', 3)``."""
    if not call.startswith("setattr("):
        return call
    made = read_python(call, "eval").body
    if not (isinstance(made, ast.Call) and len(made.args) == 3 and isinstance(made.args[1], ast.Constant)):
        return call
    thing, value = (ast.get_source_segment(call, made.args[at]) for at in (0, 2))
    name = str(made.args[1].value)
    return f"{thing}.{name} = {value}" if name.isidentifier() else call


def atomic(text: str) -> bool:
    """Whether an expression needs no parentheses beside an operator."""
    loose = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.NamedExpr)
    return not isinstance(read_python(text, "eval").body, loose)
