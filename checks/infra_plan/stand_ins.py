"""Values for what the repository does not tell: variables without value, remote states.

They are equal on both sides, so that no difference can come from them.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from .configuration import Configuration
from .evaluate import Unknown, root_scope
from .hcl import Block, Expression
from .roots import Root, unset, value_files

PLURAL = re.compile(r"(ids|arns|subnets|zones|names|cidrs|hosts|endpoints|list)$")


def placeholders(base: Configuration, head: Configuration, root: Root) -> dict[str, Any]:
    """By variable: a value that fits its type, its validation and, where it has one, its default."""
    missing = unset(base, root.base, root.files) | unset(head, root.head, root.files)
    return {name: _value(base, head, root, name) for name in sorted(missing)}


def _value(base: Configuration, head: Configuration, root: Root, name: str) -> Any:
    for configuration, path in ((base, root.base), (head, root.head)):
        scope = root_scope(configuration, path, value_files(configuration, path, root.files))
        folder = configuration.folders.get(path)
        if folder and name in folder.variables and "default" in folder.variables[name][1].attributes:
            default = scope.value(folder.variables[name][1].attributes["default"].value)
            if not _has_unknown(default):
                return default
    for configuration, path in ((head, root.head), (base, root.base)):
        folder = configuration.folders.get(path)
        if folder and name in folder.variables:
            return _of_block(name, folder.variables[name][1])
    return None


def _has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_unknown(item) for item in value)
    return isinstance(value, Unknown)


def _of_block(name: str, block: Block) -> Any:
    for rule in block.of("validation"):
        condition = rule.attributes.get("condition")
        if condition and condition.value.kind == "call" and condition.value.text == "contains":
            allowed = condition.value.items[0].items if condition.value.items else ()
            values = [item.value for item in allowed if item.kind == "literal"]
            if values:
                return next((v for v in values if "prod" in str(v).lower()), values[0])
    kind = block.attributes.get("type")
    return of_type(name, kind.value if kind else Expression("reference", text="string"))


def of_type(name: str, kind: Expression) -> Any:
    """A value of a variable's type expression."""
    word = kind.text or (kind.value if isinstance(kind.value, str) else "")
    inner = kind.items[0] if kind.items else Expression("reference", text="string")
    if word == "number":
        return 1
    if word == "bool":
        return False
    if word in ("list", "set"):
        return [of_type(f"{name}_{index}", inner) for index in (1, 2)]
    if word == "map":
        return {"harness": of_type(name, inner)}
    if word == "object":
        return {key: of_type(key, item) for key, item in inner.pairs}
    if word == "tuple":
        return [of_type(f"{name}_{index}", item) for index, item in enumerate(inner.items)]
    if word == "optional":
        return of_type(name, inner)
    return text_for(name)


def text_for(name: str) -> str:
    """A text that validations of such a name are likely to accept."""
    short = hashlib.sha256(name.encode()).hexdigest()[:8]
    lower = name.lower()
    if "cidr" in lower:
        return f"10.{int(short[:2], 16)}.0.0/16"
    if lower.endswith("region") or lower == "location":
        return "us-east-1"
    if lower.endswith("account_id"):
        return "000000000000"
    if lower.endswith("arn"):
        return f"arn:aws:iam::000000000000:role/harness-{short}"
    if lower in ("env", "environment", "stage"):
        return "production"
    return f"harness-{short}"


def remote_states(configuration: Configuration, root: str) -> list[Mapping[str, Any]]:
    """What each ``terraform_remote_state`` has to answer: every output that the code names."""
    stubs: list[Mapping[str, Any]] = []
    for path in configuration.reachable(root):
        folder = configuration.folders.get(path)
        for resource in folder.resources.values() if folder else ():
            if not resource.data or resource.type != "terraform_remote_state":
                continue
            pattern = rf"terraform_remote_state\.{re.escape(resource.name)}\.outputs\.([A-Za-z_][\w-]*)"
            texts = (
                t for file, t in configuration.texts.items() if file.rpartition("/")[0] == path.strip(".")
            )
            names = sorted({name for text in texts for name in re.findall(pattern, text)})
            stubs.append({"folder": path, "name": resource.name, "outputs": {n: _output(n) for n in names}})
    return stubs


def _output(name: str) -> dict[str, Any]:
    if PLURAL.search(name):
        return {"value": [text_for(f"{name}_{i}") for i in (1, 2)], "type": ["list", "string"]}
    return {"value": text_for(name), "type": "string"}
