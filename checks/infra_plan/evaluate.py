"""Values of expressions as far as the files alone tell them: variables, locals, literals.

Whatever depends on a provider, on state or on a function stays :class:`Unknown`, which is equal
only to an unknown of the same text: what cannot be computed is never called changed
unless its source changed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .configuration import Configuration, Folder
from .functions import apply
from .hcl import Attribute, Expression

MAX_DEPTH = 30
MISSING = object()
KEPT = ("jsonencode", "tolist", "toset", "tomap", "sensitive", "nonsensitive")
NAMED = re.compile(r"(var|local)\.([A-Za-z_][\w-]*)(?=[.\[]|$)")
STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\[\"([^\"\\]*)\"\]")


@dataclass(frozen=True)
class Unknown:
    """A value that only a plan or an apply could tell, by its normalised source."""

    text: str


class Scope:
    """The names that one folder's expressions may use, with what its caller passed in."""

    def __init__(self, folder: Folder, given: Mapping[str, Any]) -> None:
        self.folder = folder
        self.given = given

    def value(self, expression: Expression, depth: int = 0) -> Any:
        """A JSON-like value, with :class:`Unknown` wherever the files do not tell it."""
        if depth > MAX_DEPTH:
            return Unknown("too deep")
        if expression.kind == "literal":
            return expression.value
        if expression.kind == "list":
            return [self.value(item, depth + 1) for item in expression.items]
        if expression.kind == "object":
            return {key: self.value(item, depth + 1) for key, item in expression.pairs}
        if expression.kind == "reference":
            return self._reference(expression.text, depth)
        if expression.kind == "template":
            return self._template(expression, depth)
        if expression.kind == "call":
            return self._call(expression, depth)
        return Unknown(" ".join(expression.text.split()))

    def _reference(self, text: str, depth: int) -> Any:
        match = NAMED.match(text)
        if match is None:
            return Unknown(text)
        head, name = match[1], match[2]
        value: Any
        if head == "var" and name in self.given:
            value = self.given[name]
        elif head == "var" and name in self.folder.variables:
            default = self.folder.variables[name][1].attributes.get("default")
            value = self.value(default.value, depth + 1) if default else Unknown(f"var.{name}")
        elif head == "local" and name in self.folder.locals:
            value = self.value(self.folder.locals[name][1].value, depth + 1)
        else:
            return Unknown(text)
        found = step_into(value, text[match.end() :])
        return Unknown(text) if found is MISSING else found

    def _template(self, expression: Expression, depth: int) -> Any:
        parts = [self.value(item, depth + 1) for item in expression.items]
        if all(isinstance(part, str | int | float) for part in parts):
            return "".join(str(part).lower() if isinstance(part, bool) else str(part) for part in parts)
        return Unknown("".join(f"${{{p.text}}}" if isinstance(p, Unknown) else str(p) for p in parts))

    def _call(self, expression: Expression, depth: int) -> Any:
        values = [self.value(item, depth + 1) for item in expression.items]
        chosen = _operator(expression.text, values)
        if chosen is None and expression.text in ("try", "coalesce") and values:
            chosen = (values[0],) if not isinstance(values[0], Unknown) else None
        if chosen is None and not any(isinstance(value, Unknown) for value in values):
            chosen = apply(expression.text, values)
        if chosen is None and expression.text in KEPT and len(values) == 1:
            chosen = (values[0],)
        if chosen is not None:
            return chosen[0]
        return Unknown(f"{expression.text}({values!r})")

    def call(self, attributes: Mapping[str, Attribute]) -> dict[str, Any]:
        """What a module call hands to the module's variables."""
        return {name: self.value(attribute.value) for name, attribute in attributes.items()}


def step_into(value: Any, path: str) -> Any:
    """The value at a path such as ``.a["b"][0]``; MISSING where there is none or it is written otherwise."""
    position = 0
    while position < len(path):
        match = STEP.match(path, position)
        if match is None:
            return MISSING
        position = match.end()
        if match[2] is not None and isinstance(value, list) and int(match[2]) < len(value):
            value = value[int(match[2])]
        elif isinstance(value, dict) and (name := match[1] or match[3]) in value:
            value = value[name]
        else:
            return MISSING
    return value


def _operator(word: str, values: list[Any]) -> tuple[Any] | None:
    """The result of a condition or a comparison in a tuple; None where it is neither or not known."""
    if word == "?:" and len(values) == 3 and isinstance(values[0], bool):
        return (values[1] if values[0] else values[2],)
    scalars = len(values) == 2 and all(isinstance(value, str | int | float | bool | None) for value in values)
    if word in ("==", "!=") and scalars:
        return ((values[0] == values[1]) is (word == "=="),)
    return None


def root_scope(configuration: Configuration, root: str, value_files: tuple[str, ...]) -> Scope:
    """The scope of a root module: its variables as its values files set them, in order."""
    folder = configuration.folders.get(root, Folder(root))
    empty = Scope(Folder(root), {})
    given: dict[str, Any] = {}
    for path in value_files:
        for name, attribute in configuration.values.get(path, {}).items():
            given[name] = empty.value(attribute.value)
    return Scope(folder, given)
