"""Statements of an SQL script with the line on which each begins."""

import re
import sqlite3
from typing import Iterator, List, Tuple

COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.S)


def statements(script: str) -> Iterator[Tuple[int, str]]:
    """(line from 1, text) of each statement; comments before a statement are not part of it.

    Where a semicolon ends a statement is decided by SQLite itself, so that triggers and
    strings are kept whole.
    """
    pending: List[str] = []
    begun = line = 1
    for piece in re.split(r"(;)", script):
        if not pending:
            begun = line
        pending.append(piece)
        line += piece.count("\n")
        text = "".join(pending)
        if piece == ";" and sqlite3.complete_statement(text):
            yield _trimmed(begun, text)
            pending = []
    rest = "".join(pending)
    if COMMENT.sub("", rest).strip():
        yield _trimmed(begun, rest)


def _trimmed(line: int, text: str) -> Tuple[int, str]:
    """Skip blanks and comments before the first word, counting their lines."""
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        comment = COMMENT.match(text, position)
        if not comment:
            break
        position = comment.end()
    return line + text[:position].count("\n"), text[position:]


def kind(statement: str) -> str:
    """The first words of a statement in capitals, such as ``DROP TABLE``."""
    return " ".join(COMMENT.sub(" ", statement).upper().split()[:2])
