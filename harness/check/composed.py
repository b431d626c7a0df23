"""YAML texts composed to plain nodes; what ``harness.check.documents`` reads YAML with."""

import contextlib
import io
import warnings
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from harness.check.documents import EMPTY, Counter, Node, UnreadableError


def first(text: str) -> Node:
    """The first document. Raises UnreadableError."""
    with _readable():
        return _Converter().convert(_parser().compose(io.StringIO(text)))


def every(text: str) -> list[Node]:
    """Every document that is not empty. Raises UnreadableError."""
    with _readable():
        converter = _Converter()
        roots = _parser().compose_all(io.StringIO(text))
        return [converter.convert(root) for root in roots if root is not None]


def _parser() -> YAML:
    return YAML(typ="safe", pure=True)


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            yield
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    except (YAMLError, ValueError) as problem:
        raise UnreadableError(" ".join(str(problem).split())[:200]) from None


class _Converter:
    def __init__(self) -> None:
        self._counter = Counter()

    def convert(self, node: object) -> Node:
        """A composed YAML node."""
        self._counter.one_more()
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
