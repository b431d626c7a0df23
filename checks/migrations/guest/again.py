"""Which of head's migrations cannot be applied a second time where base's can, by SQLite itself.

A runner that stopped half-way, or one that keeps no books, applies a script again; projects that
guard against it write ``IF NOT EXISTS``, ``OR IGNORE`` and the like. Scripts with ``ALTER`` are left out on
both sides: SQLite has no guard for them.
"""

import re
import sqlite3
from typing import Any, Dict, Iterator, Optional, Sequence, Set, Tuple

from .database import Content, MigrationError, Script, apply, connect, content, copy, steps
from .split import COMMENT, kind

GUARD = re.compile(r"\bIF\s+(?:NOT\s+)?EXISTS\b|\bOR\s+(?:IGNORE|REPLACE)\b|\bON\s+CONFLICT\b", re.I)
VOLATILE = re.compile(r"\bCURRENT_|\bNOW\b|\brandom|\bstrftime\b|\b(?:date)?time\s*\(|\bdate\s*\(", re.I)
ENOUGH, SHARE = 3, 0.8
Step = Tuple[str, int, str]


def unrepeatable(
    base: Sequence[Script], head: Sequence[Script], filled: sqlite3.Connection, unstable: Set[Tuple[str, str]]
) -> Iterator[Dict[str, Any]]:
    """One ``again`` message a new script that fails or changes rows the second time; none without the convention.

    ``filled`` is base's database with rows; ``unstable`` its columns that differ from run to run.
    """
    if not _conventional(base):
        return
    connection = copy(filled)
    for script in head:
        parts = steps([script])
        apply(connection, parts)
        if not _alters(parts):
            found = _second(connection, parts, unstable)
            if found:
                how, (name, line, statement) = found
                yield {
                    "type": "again",
                    "how": how,
                    "script": name,
                    "line": line,
                    "statement": statement[:300],
                }
    connection.close()


def _conventional(base: Sequence[Script]) -> bool:
    """Whether most of base's scripts, and at least three, are guarded and can be applied twice."""
    connection = connect()
    judged = guarded = 0
    for script in base:
        parts = steps([script])
        apply(connection, parts)
        if _alters(parts):
            continue
        judged += 1
        guarded += bool(GUARD.search(COMMENT.sub(" ", script[1]))) and not _second(connection, parts, set())
    connection.close()
    return guarded >= ENOUGH and guarded >= judged * SHARE


def _alters(parts: Sequence[Step]) -> bool:
    return any(kind(statement).startswith("ALTER") for _, _, statement in parts)


def _second(
    connection: sqlite3.Connection, parts: Sequence[Step], unstable: Set[Tuple[str, str]]
) -> Optional[Tuple[str, Step]]:
    """What the second application does, as a clause, and the statement at fault; None when nothing."""
    trial = copy(connection)
    before = content(trial)
    try:
        for step in parts:
            try:
                apply(trial, [step])
            except MigrationError as error:
                guardable = kind(step[2]).split(" ")[0] in ("CREATE", "DROP", "INSERT")
                return ("fails: %s" % str(error)[:200], step) if guardable else None
        return _changed(before, content(trial), parts, unstable)
    finally:
        trial.close()


def _changed(
    before: Content, after: Content, parts: Sequence[Step], unstable: Set[Tuple[str, str]]
) -> Optional[Tuple[str, Step]]:
    """Rows added again, or numbers counted on. Times of day and the like differ without harm."""
    for table, (columns, rows) in after.items():
        old = before.get(table, ((), []))[1]
        if len(rows) > len(old):
            step = _naming(parts, ("INSERT", "WITH", "REPLACE"), table)
            if step:
                return "adds %d row(s) to %s again" % (len(rows) - len(old), table), step
        step = _naming(parts, ("UPDATE",), table)
        if step is None or VOLATILE.search(step[2]) or len(rows) != len(old):
            continue
        for index, name in enumerate(columns):
            values = [sorted((row[index] for row in side), key=repr) for side in (old, rows)]
            if (table, name) not in unstable and any(_counted(*pair) for pair in zip(*values)):
                return "changes %s.%s again" % (table, name), step
    return None


def _naming(parts: Sequence[Step], words: Tuple[str, ...], table: str) -> Optional[Step]:
    """The first statement that begins with one of the words and names the table."""
    pattern = re.compile(r"\b%s\b" % re.escape(table), re.I)
    return next((p for p in parts if kind(p[2]).split(" ")[0] in words and pattern.search(p[2])), None)


def _counted(one: Any, other: Any) -> bool:
    numbers = (int, float)
    return isinstance(one, numbers) and isinstance(other, numbers) and one != other
