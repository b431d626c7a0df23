"""Values of expressions as far as the files alone tell them: variables, locals, literals.

Whatever depends on a provider, on state or on a function stays :class:`Unknown`, which is equal
only to an unknown of the same text: what cannot be computed is never called changed
unless its source changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .configuration import Configuration, Folder
from .hcl import Attribute, Expression

MAX_DEPTH = 30


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
        head, _, rest = text.partition(".")
        name, *path = rest.split(".")
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
        for step in path:
            if not isinstance(value, dict) or step not in value:
                return Unknown(text)
            value = value[step]
        return value

    def _template(self, expression: Expression, depth: int) -> Any:
        parts = [self.value(item, depth + 1) for item in expression.items]
        if all(isinstance(part, str | int | float) and not isinstance(part, bool) for part in parts):
            return "".join(str(part) for part in parts)
        return Unknown("".join(f"${{{p.text}}}" if isinstance(p, Unknown) else str(p) for p in parts))

    def _call(self, expression: Expression, depth: int) -> Any:
        values = [self.value(item, depth + 1) for item in expression.items]
        if expression.text in ("jsonencode", "tolist", "toset", "tomap", "sensitive", "nonsensitive"):
            return values[0] if len(values) == 1 else Unknown(expression.text)
        chosen = _operator(expression.text, values)
        if chosen is not None:
            return chosen[0]
        if expression.text == "concat" and all(isinstance(value, list) for value in values):
            return [item for value in values for item in value]
        if expression.text == "merge" and all(isinstance(value, dict) for value in values):
            return {key: item for value in values for key, item in value.items()}
        return Unknown(f"{expression.text}({values!r})")

    def call(self, attributes: Mapping[str, Attribute]) -> dict[str, Any]:
        """What a module call hands to the module's variables."""
        return {name: self.value(attribute.value) for name, attribute in attributes.items()}


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
