"""Which hits of head are new, by a fingerprint that survives moves, renames and formatting."""

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from harness.check.python_source import read_python

_JOINING = frozenset(["format", "str", "join", "repr", "format_map"])
_PLACEHOLDER = re.compile(r"\{\w*(?:![rsa])?\}|%(?:\(\w+\))?[sdr]")
_CLOSERS = re.compile(r",([)\]}])")


@dataclass(frozen=True)
class Hit:
    """One place where a rule matched. ``path`` is the one on head, for hits of base too."""

    rule: str
    path: str
    line: int
    end_line: int
    symbol: str | None
    snippet: str
    """The matched text, normalised."""
    edited_is_new: bool = False
    values: frozenset[str] | None = None
    """Names and constant text that the matched code uses, None where that is not known."""


def normalised(text: str) -> str:
    """The text without white space, with one kind of quotes and no comma before a closer."""
    return _CLOSERS.sub(r"\1", "".join(text.split()).replace("'", '"'))


def values_in(text: str) -> frozenset[str] | None:
    """The names and the constant text that a piece of Python uses, however they are put together.

    None when it is no Python by itself.
    """
    try:
        tree = read_python(textwrap.dedent(text).strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    texts = (
        one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    )
    constant = "".join(_PLACEHOLDER.sub("", text) for text in texts)
    return frozenset((found - _JOINING) | {f"'{''.join(sorted(constant))}'"})


def new_hits(base: Sequence[Hit], head: Sequence[Hit]) -> list[Hit]:
    """The hits of head that base has no counterpart for; each of base counts once.

    Counterparts are sought from near to far: the same text in the same file; the same text
    anywhere (moved code); the same values in the same function (``"…%s" % x`` that became an
    f-string); and, unless an edit makes a hit of this rule new, another text in the same function
    or module.
    """
    keys: tuple[Callable[[Hit], Hashable], ...] = (
        lambda hit: (hit.rule, hit.path, hit.snippet),
        lambda hit: (hit.rule, hit.snippet),
        lambda hit: (hit.rule, hit.path, hit.symbol, hit.values) if hit.values else None,
        lambda hit: None if hit.edited_is_new else (hit.rule, hit.path, hit.symbol),
    )
    left_base, left_head = list(base), list(head)
    for key in keys:
        left_base, left_head = _unmatched(left_base, left_head, key)
    return left_head


def _unmatched(
    base: Iterable[Hit], head: Iterable[Hit], key: Callable[[Hit], Hashable]
) -> tuple[list[Hit], list[Hit]]:
    available = Counter(key(hit) for hit in base if key(hit) is not None)
    used: Counter[Hashable] = Counter()
    left_head = []
    for hit in head:
        if key(hit) is not None and used[key(hit)] < available[key(hit)]:
            used[key(hit)] += 1
        else:
            left_head.append(hit)
    left_base = []
    for hit in base:
        if used[key(hit)] > 0:
            used[key(hit)] -= 1
        else:
            left_base.append(hit)
    return left_base, left_head
