"""YAML and JSON as plain nodes with line numbers. Nothing is constructed from tags, scalars stay text.

For packs that read hostile documents: aliases are expanded within a bound, nesting is bounded.
"""

import io
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

MAX_NODES = 50_000


class UnreadableError(Exception):
    """The text is no YAML that can be judged; says why."""


@dataclass(frozen=True)
class Node:
    """A scalar (``text``), a list (``items``) or a table (``table``). ``line`` counts from 1.

    ``tag`` is a tag of the document's own, such as ``!Ref``, else empty.

    Access never fails: what is not there is an empty node.
    """

    line: int = 1
    text: str | None = None
    items: tuple["Node", ...] = ()
    table: dict[str, "Node"] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)
    tag: str = ""

    def __getitem__(self, key: str) -> "Node":
        return self.table.get(key, EMPTY)

    def __contains__(self, key: str) -> bool:
        return key in self.table

    @property
    def plain(self) -> str:
        """The scalar, empty when it is none."""
        return self.text or ""

    def line_of(self, key: str) -> int:
        """The line of a key of the table, else the line of the node."""
        return self.key_lines.get(key, self.line)

    def words(self) -> list[str]:
        """A scalar as one word, a list of scalars, or the keys of a table."""
        if self.table:
            return list(self.table)
        if self.items:
            return [item.plain for item in self.items if item.text is not None]
        return [self.text] if self.text else []

    def scalars(self) -> Iterator["Node"]:
        """All scalars below."""
        if self.text is not None:
            yield self
        for child in (*self.items, *self.table.values()):
            yield from child.scalars()


EMPTY = Node()


def read_yaml(text: str) -> Node:
    """The first document of a text. Raises UnreadableError for what is not YAML, or too large.

    Aliases share nodes in the parser's graph but not here, so their expansion is bounded.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            root = yaml.compose(io.StringIO(text))
        return _Converter().convert(root)
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    except (YAMLError, ValueError) as problem:
        raise UnreadableError(" ".join(str(problem).split())[:200]) from None


def read_documents(text: str) -> list[Node]:
    """Every document of a YAML text, or the one of a JSON text. Raises UnreadableError."""
    if text.lstrip().startswith("{"):
        try:
            return [_Converter().plain(json.loads(text))]
        except (ValueError, RecursionError):
            pass  # flow style is YAML too
    yaml = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            converter = _Converter()
            return [
                converter.convert(root) for root in yaml.compose_all(io.StringIO(text)) if root is not None
            ]
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    except (YAMLError, ValueError) as problem:
        raise UnreadableError(" ".join(str(problem).split())[:200]) from None


class _Converter:
    def __init__(self) -> None:
        self.count = 0

    def _counted(self) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise UnreadableError(f"it has more than {MAX_NODES:,} nodes")

    def plain(self, value: Any) -> Node:
        """A decoded JSON value; all lines are 1."""
        self._counted()
        if isinstance(value, dict):
            return Node(table={str(key): self.plain(child) for key, child in value.items()})
        if isinstance(value, list):
            return Node(items=tuple(self.plain(child) for child in value))
        return Node(text=None if value is None else value if isinstance(value, str) else json.dumps(value))

    def convert(self, node: object) -> Node:
        """A composed YAML node."""
        self._counted()
        if isinstance(node, ScalarNode):
            value = node.value if isinstance(node.value, str) else ""
            return Node(_line(node), None if str(node.tag).endswith(":null") else value, tag=_tag(node))
        if isinstance(node, SequenceNode):
            return Node(_line(node), items=tuple(self.convert(item) for item in node.value), tag=_tag(node))
        if isinstance(node, MappingNode):
            return self._table(node)
        return EMPTY

    def _table(self, node: MappingNode) -> Node:
        table: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                continue
            converted = self.convert(value)
            if key.value == "<<":
                for one in converted.items or (converted,):
                    table = {**one.table, **table}
                continue
            table[str(key.value)] = converted
            lines[str(key.value)] = _line(key)
        return Node(_line(node), table=table, key_lines=lines, tag=_tag(node))


def _line(node: object) -> int:
    mark = getattr(node, "start_mark", None)
    return int(mark.line) + 1 if mark is not None else 1


def _tag(node: object) -> str:
    tag = str(getattr(node, "tag", "") or "")
    return tag if tag.startswith("!") else ""
