"""Hunks of a unified diff, and the one that surrounds a line. The text is hostile."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["same", "added", "removed"]
_HEADER = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_MAX_LINES = 20_000
_WIDTH = 400


@dataclass(frozen=True)
class Line:
    """One line: its text without the sign, its numbers from 1 on base and on head."""

    kind: Kind
    text: str
    base: int | None
    head: int | None


@dataclass(frozen=True)
class Hunk:
    """Neighbouring lines of one file."""

    lines: tuple[Line, ...]

    def distance(self, line: int) -> int:
        """How far head's ``line`` is from this hunk; 0 when inside."""
        numbers = [entry.head for entry in self.lines if entry.head is not None]
        numbers = numbers or [entry.base for entry in self.lines if entry.base is not None]
        if not numbers:
            return 1 << 30
        return max(numbers[0] - line, line - numbers[-1], 0)


def parse(text: str) -> tuple[Hunk, ...]:
    """The hunks of one file's diff. Lines that are no part of a hunk are passed over.

    A hunk ends after as many lines as its header says, so content that looks like a header
    is content. Lines are cut at 400 characters, and the diff after 20,000 lines.
    """
    hunks: list[Hunk] = []
    lines: list[Line] = []
    base = head = base_left = head_left = 0
    for raw in text.split("\n")[:_MAX_LINES]:
        if base_left <= 0 and head_left <= 0:
            found = _HEADER.match(raw)
            if found:
                _close(hunks, lines)
                base, head = int(found[1]), int(found[3])
                base_left, head_left = int(found[2] or 1), int(found[4] or 1)
            continue
        sign, content = raw[:1], raw[1 : 1 + _WIDTH]
        if sign == "-" and base_left:
            lines.append(Line("removed", content, base, None))
            base, base_left = base + 1, base_left - 1
        elif sign == "+" and head_left:
            lines.append(Line("added", content, None, head))
            head, head_left = head + 1, head_left - 1
        elif sign in (" ", "") and base_left and head_left:
            lines.append(Line("same", content, base, head))
            base, head, base_left, head_left = base + 1, head + 1, base_left - 1, head_left - 1
        elif sign != "\\":
            base_left = head_left = 0
    _close(hunks, lines)
    return tuple(hunks)


def _close(hunks: list[Hunk], lines: list[Line]) -> None:
    if lines:
        hunks.append(Hunk(tuple(lines)))
        lines.clear()


def around(hunks: tuple[Hunk, ...], line: int, end: int | None = None, context: int = 6) -> tuple[Line, ...]:
    """The lines near head's ``line`` (to ``end``), from the nearest hunk within 30 lines of it."""
    if not hunks:
        return ()
    nearest = min(hunks, key=lambda hunk: hunk.distance(line))
    if nearest.distance(line) > 30:
        return ()
    last = max(end or line, line)
    position = 0
    spots: list[int] = []
    for index, entry in enumerate(nearest.lines):
        position = entry.head if entry.head is not None else position
        if line <= position <= last:
            spots.append(index)
    first, final = (spots[0], spots[-1]) if spots else _closest(nearest, line)
    # A long symbol would show its whole body: the start of it tells enough.
    final = min(final, first + 24)
    return nearest.lines[max(0, first - context) : final + context + 1]


def _closest(hunk: Hunk, line: int) -> tuple[int, int]:
    numbers = [(entry.head or entry.base or 0) for entry in hunk.lines]
    index = min(range(len(numbers)), key=lambda place: abs(numbers[place] - line))
    return index, index
