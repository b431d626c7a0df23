"""The separate places in which files changed, and the text of a file with some of them taken back.

A region is one changed run of lines, or several that belong together: lines of one simple
statement (a table, say), and places where the same words were replaced by the same others.
"""

import ast
import difflib
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.check.python_source import read_python

WORD = re.compile(r"\w+|[^\w\s]")
SMALL = 3
"""Words that one edit may replace, and may put in their place."""
SEVERAL = frozenset({"and", "or", "not", "if", "else", "for", "lambda", ";"})
"""Words of which an edit is more than a value or a border moved: a condition that is widened, say."""


@dataclass(frozen=True)
class Hunk:
    """Lines of base's text replaced by lines of head's, from 0, ends left out."""

    path: str
    old: tuple[int, int]
    new: tuple[int, int]


Region = tuple[Hunk, ...]
Edit = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Words replaced and those in their place, by place."""


@dataclass(frozen=True)
class Texts:
    """Base's and head's lines of one file, ends of lines kept."""

    old: Sequence[str]
    new: Sequence[str]


def texts_of(old: str, new: str) -> Texts:
    """The two texts in lines, as Python counts them."""
    return Texts(io.StringIO(old, newline="").readlines(), io.StringIO(new, newline="").readlines())


def regions(files: Mapping[str, Texts]) -> list[Region]:
    """The regions of all files. A file that is not Python is one."""
    hunks = [hunk for path, texts in files.items() for hunk in _hunks(path, texts)]
    groups: list[tuple[set[object], list[Hunk]]] = []
    for hunk in hunks:
        marks, members = _marks(hunk, files[hunk.path]), [hunk]
        for group in [one for one in groups if one[0] & marks]:
            groups.remove(group)
            marks, members = group[0] | marks, [*group[1], *members]
        groups.append((marks, members))
    return [tuple(members) for _, members in groups]


def taken_back(files: Mapping[str, Texts], back: Collection[Region]) -> dict[str, str]:
    """Head's texts with base's lines in these regions, by path; files without one are left out."""
    made: dict[str, list[str]] = {}
    hunks = [hunk for region in back for hunk in region]
    for hunk in sorted(hunks, key=lambda one: one.new, reverse=True):
        lines = made.setdefault(hunk.path, list(files[hunk.path].new))
        lines[slice(*hunk.new)] = files[hunk.path].old[slice(*hunk.old)]
    return {path: "".join(lines) for path, lines in made.items()}


def is_small(region: Region, files: Mapping[str, Texts]) -> bool:
    """Whether a region is one edit of a few words of a statement (``>`` made ``>=``, another constant)."""
    edits = {_edit(hunk, files[hunk.path]) for hunk in region}
    one_line = all(hunk.old[1] - hunk.old[0] == hunk.new[1] - hunk.new[0] == 1 for hunk in region)
    parts = [part for edit in edits for pair in edit for part in pair]
    return (
        one_line
        and [len(edit) for edit in edits] == [1]
        and all(len(part) <= SMALL and not SEVERAL & set(part) for part in parts)
    )


def _hunks(path: str, texts: Texts) -> Iterator[Hunk]:
    if not path.endswith(".py"):
        yield Hunk(path, (0, len(texts.old)), (0, len(texts.new)))
        return
    starts = _starts(texts.old), _starts(texts.new)
    matcher = difflib.SequenceMatcher(None, texts.old, texts.new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal" or not _says_something([*texts.old[i1:i2], *texts.new[j1:j2]]):
            continue
        pairs = list(zip(range(i1, i2), range(j1, j2), strict=False))
        if i2 - i1 == j2 - j1 and all(i in starts[0] and j in starts[1] for i, j in pairs):
            for i, j in pairs:  # one statement each
                yield Hunk(path, (i, i + 1), (j, j + 1))
        else:
            yield Hunk(path, (i1, i2), (j1, j2))


def _says_something(lines: Sequence[str]) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in lines)


def _marks(hunk: Hunk, texts: Texts) -> set[object]:
    """What hunks of one region have in common."""
    marks: set[object] = {hunk, _edit(hunk, texts)}
    for side, lines, (start, end) in (("old", texts.old, hunk.old), ("new", texts.new, hunk.new)):
        for first, last in _long_statements(lines):
            if first < end and start < last:
                marks.add((hunk.path, side, first))
    return marks


def _edit(hunk: Hunk, texts: Texts) -> Edit:
    """The words replaced and those in their place."""
    old = WORD.findall("".join(texts.old[slice(*hunk.old)]))
    new = WORD.findall("".join(texts.new[slice(*hunk.new)]))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        (tuple(old[i1:i2]), tuple(new[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    )


def _starts(lines: Sequence[str]) -> set[int]:
    return {node.lineno - 1 for node in _statements(lines)}


def _long_statements(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Lines of the statements of several lines that hold no other statement."""
    return [
        (node.lineno - 1, node.end_lineno)
        for node in _statements(lines)
        if not hasattr(node, "body") and not hasattr(node, "cases")
        and node.end_lineno is not None and node.end_lineno > node.lineno
    ]  # fmt: skip


def _statements(lines: Sequence[str]) -> list[ast.stmt]:
    try:
        tree = read_python("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
