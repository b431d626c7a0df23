"""YAML and JSON as plain nodes with line numbers. Nothing is constructed from tags, scalars stay text.

For packs that read hostile documents: aliases are expanded within a bound, nesting is bounded.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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


class Counter:
    """Bounds how many nodes a text may have."""

    def __init__(self) -> None:
        self._count = 0

    def one_more(self) -> None:
        """Raises UnreadableError when there are too many."""
        self._count += 1
        if self._count > MAX_NODES:
            raise UnreadableError(f"it has more than {MAX_NODES:,} nodes")


def read_yaml(text: str) -> Node:
    """The first document of a text. Raises UnreadableError for what is not YAML, or too large.

    Aliases share nodes in the parser's graph but not here, so their expansion is bounded.
    """
    from harness.check import composed  # the parser takes a while to load, and most runs read no YAML

    return composed.first(text)


def read_documents(text: str) -> list[Node]:
    """Every document of a YAML text, or the one of a JSON text. Raises UnreadableError."""
    if text.lstrip().startswith("{"):
        try:
            return [_plain(json.loads(text), Counter())]
        except (ValueError, RecursionError):
            pass  # flow style is YAML too
    from harness.check import composed

    return composed.every(text)


def _plain(value: Any, counter: Counter) -> Node:
    """A decoded JSON value; all lines are 1."""
    counter.one_more()
    if isinstance(value, dict):
        return Node(table={str(key): _plain(child, counter) for key, child in value.items()})
    if isinstance(value, list):
        return Node(items=tuple(_plain(child, counter) for child in value))
    return Node(text=None if value is None else value if isinstance(value, str) else json.dumps(value))
