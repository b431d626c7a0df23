"""HCL as data: blocks, attributes and expressions with their lines.

The parser (python-hcl2) runs in a process of its own with limits on time and memory: its
input is hostile and its terminals hold regular expressions that backtrack.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

MAX_FILE = 512 * 1024
MAX_TOTAL = 8 << 20
MAX_NESTING = 120
SECONDS = 20
MAX_DEATHS = 3

Kind = Literal["literal", "template", "list", "object", "reference", "call", "other"]
Scalar = str | int | float | bool | None


class Expression(msgspec.Struct, frozen=True):
    """One HCL expression. ``text`` is the source of a reference, the name of a called function
    or the tokens of anything else; ``items`` are parts of a template, elements or arguments."""

    kind: Kind
    value: Scalar = None
    text: str = ""
    items: tuple["Expression", ...] = ()
    pairs: tuple[tuple[str, "Expression"], ...] = ()

    def references(self) -> Iterator[str]:
        """Texts of the references below this expression, in source order."""
        if self.kind == "reference":
            yield self.text
        for item in self.items:
            yield from item.references()
        for _, item in self.pairs:
            yield from item.references()


class Attribute(msgspec.Struct, frozen=True):
    """``name = expression`` with its lines (from 1)."""

    line: int
    end: int
    value: Expression


class Block(msgspec.Struct, frozen=True):
    """One block with its labels, lines (from 1) and character offsets in its file.

    The top-level attributes of a variables file come as one block whose type is empty.
    """

    type: str
    labels: tuple[str, ...]
    line: int
    end: int
    start_pos: int
    end_pos: int
    attributes: dict[str, Attribute]
    blocks: tuple["Block", ...]

    def of(self, kind: str) -> Iterator["Block"]:
        """Nested blocks of a type, the content of ``dynamic`` blocks of that type included."""
        for block in self.blocks:
            if block.type == kind:
                yield block
            elif block.type == "dynamic" and block.labels == (kind,):
                yield from (inner for inner in block.blocks if inner.type == "content")

    def literal(self, name: str) -> Scalar:
        """The literal value of an attribute, None where it has none."""
        attribute = self.attributes.get(name)
        return attribute.value.value if attribute and attribute.value.kind == "literal" else None


class _Answer(msgspec.Struct, frozen=True):
    file: str
    blocks: tuple[Block, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Parsed:
    """Blocks by file, and by file the reason why it could not be read (a clause)."""

    files: Mapping[str, tuple[Block, ...]]
    errors: Mapping[str, str]


def parse(texts: Mapping[str, str]) -> Parsed:
    """Parse files given by name. Never raises for what the files hold."""
    errors: dict[str, str] = {}
    waiting: dict[str, str] = {}
    total = 0
    for name, text in texts.items():
        total += len(text)
        fault = _refused(text, total)
        if fault:
            errors[name] = fault
        else:
            waiting[name] = text
    files: dict[str, tuple[Block, ...]] = {}
    deaths = 0
    while waiting:
        answers, why = _run(waiting)
        for answer in answers:
            waiting.pop(answer.file, None)
            if answer.error:
                errors[answer.file] = answer.error
            else:
                files[answer.file] = answer.blocks
        if waiting:  # the first without an answer is the one that the process died of
            deaths += 1
            for name in list(waiting)[: 1 if deaths < MAX_DEATHS else None]:
                errors[name] = why
                waiting.pop(name)
    return Parsed(files, errors)


def _refused(text: str, total: int) -> str:
    if len(text) > MAX_FILE:
        return f"it is larger than {MAX_FILE >> 10} KiB"
    if total > MAX_TOTAL:
        return f"the configuration is larger than {MAX_TOTAL >> 20} MiB"
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    return "it is nested too deeply" if deepest > MAX_NESTING else ""


def _run(texts: Mapping[str, str]) -> tuple[list[_Answer], str]:
    worker = Path(__file__).with_name("parse_worker.py")
    why = "the parser ended without an answer"
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(worker), str(SECONDS)],
            input=json.dumps(dict(texts)).encode(),
            capture_output=True,
            timeout=SECONDS * 2,
            check=False,
        )
        output: bytes = done.stdout
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
        why = f"the parser took longer than {SECONDS} s"
    answers = []
    for line in output.split(b"\n"):
        try:
            answers.append(msgspec.json.decode(line, type=_Answer))
        except (msgspec.DecodeError, RecursionError):
            continue
    return answers, why


def plain(expression: Expression) -> Any:
    """A JSON-like text of an expression, equal for equal meaning written differently."""
    if expression.kind == "literal":
        return expression.value
    if expression.kind == "list":
        return [plain(item) for item in expression.items]
    if expression.kind == "object":
        return {key: plain(value) for key, value in expression.pairs}
    if expression.kind in ("template", "call"):
        return {f"<{expression.kind} {expression.text}>": [plain(item) for item in expression.items]}
    return {"<expression>": expression.text}
