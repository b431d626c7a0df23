"""YAML as plain nodes with line numbers. Nothing is constructed from tags, scalars stay text."""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

MAX_NODES = 50_000


class UnreadableError(Exception):
    """The text is no YAML that can be judged; says why."""


@dataclass(frozen=True)
class Node:
    """A scalar (``text``), a list (``items``) or a table (``table``). ``line`` counts from 1.

    Access never fails: what is not there is an empty node.
    """

    line: int = 1
    text: str | None = None
    items: tuple["Node", ...] = ()
    table: dict[str, "Node"] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)

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


class _Converter:
    def __init__(self) -> None:
        self.count = 0

    def convert(self, node: object) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            raise UnreadableError(f"it has more than {MAX_NODES:,} nodes")
        if isinstance(node, ScalarNode):
            value = node.value if isinstance(node.value, str) else ""
            return Node(_line(node), None if str(node.tag).endswith(":null") else value)
        if isinstance(node, SequenceNode):
            return Node(_line(node), items=tuple(self.convert(item) for item in node.value))
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
        return Node(_line(node), table=table, key_lines=lines)


def _line(node: object) -> int:
    mark = getattr(node, "start_mark", None)
    return int(mark.line) + 1 if mark is not None else 1
