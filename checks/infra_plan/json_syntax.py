"""Terraform's JSON syntax (`.tf.json`, `.tfvars.json`) as the same blocks that HCL gives.

Part of the parser's own process: it imports only the standard library. In JSON an argument and a nested
block look alike, so an object or a list of objects counts as both.
"""

import json
import re
from collections.abc import Callable
from typing import Any

LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "check": 1,
}
REFERENCES = {"from", "to", "provider", "depends_on", "ignore_changes", "replace_triggered_by", "providers"}
ONLY_BLOCKS = {"lifecycle", "provisioner", "connection", "backend", "cloud", "required_providers", "timeouts"}
WHOLE = re.compile(r"\$\{((?:[^{}\"]|\"[^\"]*\")*)\}")
PART = re.compile(r"(?<!\$)\$\{([^{}]*)\}")
Record = dict[str, Any]
Evaluate = Callable[[str], Record]


class JsonReader:
    """Blocks of one text. ``evaluate`` gives the expression of an HCL source."""

    def __init__(self, text: str, evaluate: Evaluate) -> None:
        self._text, self._evaluate = text, evaluate

    def blocks(self) -> list[Record]:
        """The blocks of a configuration, or of a values file. Raises TypeError when it is no JSON object."""
        content = json.loads(self._text)
        if not isinstance(content, dict):
            raise TypeError("no object")
        if not _is_configuration(content):
            return [self._block("", [], content, 0)]
        return [block for kind, body in content.items() if kind != "//" for block in self._top(kind, body)]

    def _top(self, kind: str, body: Any) -> list[Record]:
        found: list[tuple[list[str], Any]] = [([], body)]
        for _ in range(LABELS.get(kind, 0)):
            found = [
                ([*labels, name], inner)
                for labels, part in found
                for each in _listed(part)
                for name, inner in each.items()
                if name != "//"
            ]
        return [
            self._block(kind, labels, each, self._after(labels))
            for labels, part in found
            for each in _listed(part)
        ]

    def _after(self, labels: list[str]) -> int:
        """The offset behind the names of a block, each looked for behind the one before."""
        position = 0
        for label in labels:
            found = self._text.find(json.dumps(label) + ":", position)
            found = found if found >= 0 else self._text.find(json.dumps(label), position)
            position = max(found, position)
        return position

    def _line(self, position: int) -> int:
        return self._text.count("\n", 0, position) + 1

    def _block(self, kind: str, labels: list[str], body: Record, start: int) -> Record:
        attributes: Record = {}
        blocks: list[Record] = []
        for name, value in body.items():
            place = max(self._text.find(json.dumps(name), start), start)
            if _nested(name, value):
                blocks.extend(b for inner in _listed(value) for b in self._inside(name, inner, place))
            if name not in ONLY_BLOCKS and name not in ("dynamic", "//"):
                line = self._line(place)
                attributes[name] = {
                    "line": line,
                    "end": line,
                    "value": self._value(value, name in REFERENCES),
                }
        line = self._line(start)
        return {
            "type": kind, "labels": labels, "line": line, "end": line, "start_pos": start, "end_pos": start,
            "attributes": attributes, "blocks": blocks,
        }  # fmt: skip

    def _inside(self, name: str, body: Record, place: int) -> list[Record]:
        if name not in ("dynamic", "backend", "provisioner"):
            return [self._block(name, [], body, place)]
        return [
            self._block(name, [label], inner, place)
            for label, part in body.items()
            for inner in _listed(part)
        ]

    def _value(self, value: Any, reference: bool = False) -> Record:
        if isinstance(value, str):
            return (
                {"kind": "reference", "text": value}
                if reference and "${" not in value
                else self._string(value)
            )
        if isinstance(value, list):
            return {"kind": "list", "items": [self._value(item, reference) for item in value]}
        if isinstance(value, dict):
            return {
                "kind": "object",
                "pairs": [(key, self._value(item, reference)) for key, item in value.items()],
            }
        return {"kind": "literal", "value": value}

    def _string(self, text: str) -> Record:
        whole = WHOLE.fullmatch(text)
        if whole:
            return self._evaluate(whole[1])
        if not PART.search(text):
            return {"kind": "literal", "value": text.replace("$${", "${").replace("%%{", "%{")}
        items = [
            self._evaluate(part) if index % 2 else {"kind": "literal", "value": part}
            for index, part in enumerate(PART.split(text))
            if part
        ]
        return {"kind": "template", "items": items}


def _is_configuration(content: Record) -> bool:
    known = {*LABELS, "terraform", "locals", "moved", "removed", "import", "//"}
    return (
        bool(content)
        and set(content) <= known
        and all(isinstance(v, (dict, list)) or k == "//" for k, v in content.items())
    )


def _listed(value: Any) -> list[Record]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _nested(name: str, value: Any) -> bool:
    return (
        name in ONLY_BLOCKS or isinstance(value, dict) or (isinstance(value, list) and bool(_listed(value)))
    )
