"""Rows that fit base's schema, and other values for one of their columns."""

import random
import sqlite3
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .database import quoted
from .schema import Column, Table

ROWS = 6
TRIES = 60
STRICT = "only values that the code names where it names any"
SPARING = "no empty cells either"
FREE = "any value that base's schema accepts"
LONG = "A long text that was written by hand and must not be cut off anywhere. " * 20
Hints = Dict[str, List[Any]]


def fill(connection: sqlite3.Connection, found: Sequence[Table], hints: Hints, mode: str) -> Dict[str, int]:
    """Insert rows into every table; by table the number that the schema accepted."""
    chance = random.Random(20240229)
    counts = {}
    for table in found:
        before = _count(connection, table)
        for index in range(ROWS):
            named = hints if mode != FREE or index % 2 == 0 else {}
            _insert(connection, table, index, named, chance, mode)
        counts[table.name] = _count(connection, table) - before
    return counts


def _count(connection: sqlite3.Connection, table: Table) -> int:
    number: int = connection.execute("SELECT count(*) FROM %s" % quoted(table.name)).fetchone()[0]
    return number


def _insert(
    connection: sqlite3.Connection, table: Table, index: int, hints: Hints, chance: random.Random, mode: str
) -> bool:
    for attempt in range(TRIES):
        values: Dict[str, Any] = {}
        for column in table.columns:
            if _left_to_the_database(column, index, attempt, mode):
                continue
            choices = list(candidates(connection, column, index, hints))
            if mode == SPARING:
                choices = [value for value in choices if value is not None]
            if choices:
                values[column.name] = choices[0] if attempt == 0 else chance.choice(choices)
        names = ", ".join(quoted(name) for name in values)
        marks = ", ".join("?" * len(values))
        statement = "INSERT INTO %s (%s) VALUES (%s)" % (quoted(table.name), names, marks)
        if not values:
            statement = "INSERT INTO %s DEFAULT VALUES" % quoted(table.name)
        try:
            connection.execute(statement, list(values.values()))
        except (sqlite3.Error, OverflowError):
            continue
        return True
    return False


def _left_to_the_database(column: Column, index: int, attempt: int, mode: str) -> bool:
    """Whether the row takes the column's default: integer keys, one row of defaults, every second retry."""
    if column.key and column.kind == "integer" and not column.reference:
        return attempt % 2 == 0
    if column.default is not None:
        return index == ROWS - 1 or attempt % 4 == 3
    return not column.required and not column.key and index == ROWS - 2 and mode != SPARING


def candidates(connection: sqlite3.Connection, column: Column, index: int, hints: Hints) -> Iterator[Any]:
    """Values for a column of the index-th row, the best first: allowed, referenced, typical, then odd ones."""
    if column.reference:
        yield from _turned(_referenced(connection, column), index)
        if not column.required:
            yield None
        return
    if column.allowed:
        yield from _turned(column.allowed, index)
        return
    known = [value for value in hints.get(column.name.lower(), []) if _fits(column, value)]
    if known and not column.unique:
        yield from _turned(known, index)
    yield from typical(column, index)
    for bound in column.bounds:
        yield bound
        if isinstance(bound, (int, float)):
            yield from (bound + 1 + index, bound - 1 - index)
    if not column.required:
        yield None


def _fits(column: Column, value: Any) -> bool:
    if column.kind in ("integer", "real", "numeric", "boolean"):
        return isinstance(value, (int, float))
    return isinstance(value, str)


def _turned(values: Sequence[Any], index: int) -> List[Any]:
    every = list(values)
    start = index % len(every) if every else 0
    return every[start:] + every[:start]


def _referenced(connection: sqlite3.Connection, column: Column) -> List[Any]:
    table, name = column.reference
    if not name:
        keys = [row[1] for row in connection.execute("PRAGMA table_info(%s)" % quoted(table)) if row[5]]
        name = keys[0] if keys else "rowid"
    try:
        rows = connection.execute("SELECT %s FROM %s" % (quoted(name), quoted(table))).fetchall()
    except sqlite3.Error:
        return []
    return [row[0] for row in rows if row[0] is not None]


def typical(column: Column, index: int) -> Iterator[Any]:
    """Telling values of a column's type: distinct from row to row and from column to column."""
    name = column.name.lower()
    salt = sum(map(ord, name)) % 97
    if column.kind == "boolean" or name.startswith(("is_", "has_")):
        yield index % 2
    if column.kind == "integer":
        yield from (1000 + salt * 10 + index, index + 1, index % 2)
    elif column.kind == "real":
        yield from (salt + index + 0.25, float(index + 1))
    elif column.kind == "numeric":
        yield from (salt + index + 0.25, index + 1)
    elif column.kind == "blob":
        yield b"bytes %d of %s" % (index, name.encode())
    else:
        yield from _texts(name, index)


def _texts(name: str, index: int) -> Iterator[str]:
    if name.endswith(("_at", "_on", "date", "time", "timestamp", "day", "since", "until")):
        yield "2024-0%d-1%d 0%d:15:00" % (index % 9 + 1, index % 9, index % 9)
    if "email" in name:
        yield "person%d@example.org" % index
    if "json" in name or name in ("payload", "metadata", "tags"):
        yield '{"%s": %d}' % (name, index)
    if index == 3:
        yield LONG + name
    yield "%s %d written by hand" % (name.replace("_", " "), index)
    yield "%s%d" % (name[:3], index)
    yield str(index + 1)


def perturbed(connection: sqlite3.Connection, table: Table, column: Column, hints: Hints) -> bool:
    """Give a column other values in as many rows as the schema lets; whether any row changed."""
    changed = False
    for rowid, value in _cells(connection, table, column):
        for other in _others(connection, column, value, hints):
            if _set(connection, table, column, rowid, other):
                changed = True
                break
    return changed


def refined(connection: sqlite3.Connection, table: Table, column: Column) -> bool:
    """Change only the fine part of values: the end of long texts, the fraction of numbers."""
    changed = False
    for rowid, value in _cells(connection, table, column):
        other: Optional[Any] = None
        if isinstance(value, str) and len(value) > len(LONG) // 2:
            other = value[:-1] + ("#" if value[-1] != "#" else "%")
        elif isinstance(value, float) and value != int(value):
            other = value + 0.25
        if other is not None and _set(connection, table, column, rowid, other):
            changed = True
    return changed


def _cells(connection: sqlite3.Connection, table: Table, column: Column) -> List[Tuple[Any, Any]]:
    return connection.execute(
        "SELECT rowid, %s FROM %s ORDER BY rowid" % (quoted(column.name), quoted(table.name))
    ).fetchall()


def _others(connection: sqlite3.Connection, column: Column, value: Any, hints: Hints) -> Iterator[Any]:
    for shift in range(ROWS, ROWS + 4):
        for other in candidates(connection, column, shift, hints):
            if other is not None and other != value:
                yield other
    if isinstance(value, (int, float)) and not column.reference:
        yield from (value + 7, 1 - value)
    if isinstance(value, str) and not column.reference:
        yield value + "~"


def _set(connection: sqlite3.Connection, table: Table, column: Column, rowid: Any, value: Any) -> bool:
    try:
        connection.execute(
            "UPDATE %s SET %s = ? WHERE rowid = ?" % (quoted(table.name), quoted(column.name)), (value, rowid)
        )
    except (sqlite3.Error, OverflowError):
        return False
    return True
