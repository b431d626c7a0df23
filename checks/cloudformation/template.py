"""A CloudFormation template as plain values: short and long forms of functions are the same."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.check.documents import Node, UnreadableError, read_documents

SUFFIXES = (".yaml", ".yml", ".json", ".template")
MAX_BYTES = 2_000_000
MAX_YAML = 600_000
LOOKS = re.compile(r"[\"']?Resources[\"']?\s*:")
Value = Any
"""None, text, a list or a table of values; a function is a table with its one long name."""


@dataclass(frozen=True)
class Resource:
    """One resource. ``properties``, ``policies`` and other attributes are plain values."""

    id: str
    type: str
    node: Node
    line: int
    attributes: Mapping[str, Value]

    @property
    def properties(self) -> Mapping[str, Value]:
        found = self.attributes.get("Properties")
        return found if isinstance(found, dict) else {}

    def policy(self, name: str) -> str:
        """``DeletionPolicy`` or ``UpdateReplacePolicy``, empty where there is none."""
        found = self.attributes.get(name)
        return found if isinstance(found, str) else ""

    def line_of(self, path: Sequence[str]) -> int:
        """The line of a property, of the nearest one above it where it is not there."""
        node, line = self.node["Properties"], self.line
        for name in path:
            if name.isdecimal() and int(name) < len(node.items):
                node = node.items[int(name)]
                line = max(line, node.line)
            elif name in node:
                line, node = max(line, node.line_of(name)), node[name]
            else:
                break
        return line


@dataclass(frozen=True)
class Template:
    """One template: its resources by logical id, and the defaults of its parameters."""

    path: str
    resources: Mapping[str, Resource] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)


def read(path: str, text: str) -> Template | None:
    """The template in a text, None when it is none. Raises UnreadableError."""
    if not path.endswith(SUFFIXES) or not LOOKS.search(text):
        return None
    json_text = text.lstrip().startswith("{")
    if len(text) > (MAX_BYTES if json_text else MAX_YAML):
        raise UnreadableError("it is too large")
    documents = read_documents(text)
    root = documents[0] if len(documents) == 1 else Node()
    found = {
        name: _resource(name, node, _line(text, name) if json_text else root["Resources"].line_of(name))
        for name, node in root["Resources"].table.items()
        if "::" in node["Type"].plain
    }
    if not found and "AWSTemplateFormatVersion" not in root:
        return None
    defaults = {
        name: value(node["Default"]) for name, node in root["Parameters"].table.items() if "Default" in node
    }
    return Template(path, found, defaults)


def _line(text: str, name: str) -> int:
    match = re.search(rf'"{re.escape(name)}"\s*:\s*\{{', text)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def _resource(name: str, node: Node, line: int) -> Resource:
    attributes = {key: value(child) for key, child in node.table.items() if key != "Metadata"}
    return Resource(name, node["Type"].plain, node, line, attributes)


def value(node: Node) -> Value:
    """A node as a plain value; ``!Ref x`` is ``{"Ref": "x"}``, ``!GetAtt a.b`` ``{"Fn::GetAtt": ["a", "b"]}``."""
    plain: Value
    if node.table:
        plain = {key: value(child) for key, child in node.table.items()}
    elif node.items:
        plain = [value(item) for item in node.items]
    else:
        plain = node.text
    if node.tag:
        name = node.tag.removeprefix("!")
        plain = {name if name in ("Ref", "Condition") else f"Fn::{name}": plain}
    if isinstance(plain, dict) and isinstance(plain.get("Fn::GetAtt"), str):
        plain = {"Fn::GetAtt": plain["Fn::GetAtt"].split(".", 1)}
    if isinstance(plain, dict) and isinstance(plain.get("Fn::Sub"), list) and len(plain["Fn::Sub"]) == 1:
        plain = {"Fn::Sub": plain["Fn::Sub"][0]}
    return _text(plain)


def _text(plain: Value) -> Value:
    """Booleans in one spelling."""
    return plain.lower() if isinstance(plain, str) and plain.lower() in ("true", "false") else plain


def is_function(plain: Value) -> bool:
    """Whether a value is only known when the stack is deployed."""
    return isinstance(plain, dict) and any(key == "Ref" or key.startswith("Fn::") for key in plain)


def get(plain: Value, *path: str) -> Value:
    """The value at a path, None where there is none."""
    for name in path:
        plain = plain.get(name) if isinstance(plain, dict) else None
    return plain


def items(plain: Value) -> list[Value]:
    """A list, or one value as a list of one."""
    return plain if isinstance(plain, list) else [] if plain is None else [plain]


def leaves(plain: Value, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Value]]:
    """(path, value) of everything that is no table or list; functions are whole."""
    if isinstance(plain, dict) and not is_function(plain):
        for name, child in plain.items():
            yield from leaves(child, (*path, name))
    elif isinstance(plain, list):
        for index, child in enumerate(plain):
            yield from leaves(child, (*path, str(index)))
    else:
        yield path, plain
