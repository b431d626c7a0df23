"""What base's schema says about a table: columns, keys, references, values that checks allow."""

import re
import sqlite3
from typing import Any, Dict, List, Set

from .database import quoted, tables

LISTED = r"\bIN\s*\(((?:\s*(?:'(?:[^']|'')*'|-?[\d.]+)\s*,?)+)\)"
LITERAL = re.compile(r"'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)")


class Column:
    """One column. ``kind`` is its affinity's word; ``allowed`` holds literals that checks name."""

    def __init__(self, name: str, declared: str, required: bool, default: Any, key: int) -> None:
        self.name = name
        self.declared = declared.upper()
        self.required = required
        self.default = default
        self.key = key
        self.unique = False
        self.reference: List[str] = []
        self.allowed: List[Any] = []
        self.bounds: List[Any] = []

    @property
    def kind(self) -> str:
        """integer, text, real, blob or numeric, by SQLite's rules of affinity."""
        if "INT" in self.declared:
            return "integer"
        if any(word in self.declared for word in ("CHAR", "CLOB", "TEXT")):
            return "text"
        if "BLOB" in self.declared:
            return "blob"
        if any(word in self.declared for word in ("REAL", "FLOA", "DOUB")):
            return "real"
        if "BOOL" in self.declared:
            return "boolean"
        if any(word in self.declared for word in ("DATE", "TIME")):
            return "text"
        return "numeric" if self.declared else "text"


class Table:
    """One table: its columns in order, and whether rows have a hidden rowid."""

    def __init__(self, name: str, columns: List[Column], rowid: bool) -> None:
        self.name = name
        self.columns = columns
        self.rowid = rowid

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name.lower() == name.lower())


def read(connection: sqlite3.Connection) -> List[Table]:
    """All tables, referenced ones before those that refer to them."""
    found = [_table(connection, name) for name in tables(connection)]
    return _in_order(found)


def _table(connection: sqlite3.Connection, name: str) -> Table:
    rows = connection.execute("PRAGMA table_xinfo(%s)" % quoted(name)).fetchall()
    columns = [
        Column(row[1], row[2] or "", bool(row[3]), row[4], row[5]) for row in rows if row[6] == 0
    ]  # hidden columns are generated ones
    text = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] or ""
    table = Table(name, columns, "WITHOUT ROWID" not in text.upper())
    for row in connection.execute("PRAGMA foreign_key_list(%s)" % quoted(name)).fetchall():
        if row[3] and any(column.name == row[3] for column in columns):
            table.column(row[3]).reference = [row[2], row[4] or ""]
    for index in connection.execute("PRAGMA index_list(%s)" % quoted(name)).fetchall():
        parts = connection.execute("PRAGMA index_info(%s)" % quoted(index[1])).fetchall()
        for part in parts if index[2] else ():
            if part[2] and any(column.name == part[2] for column in columns):
                table.column(part[2]).unique = True
    for column in columns:
        column.allowed = listed(text, column.name)
        column.bounds = compared(text, column.name)
    return table


def listed(text: str, column: str) -> List[Any]:
    """Literals of ``column IN (…)`` in a statement."""
    name = r"[\"`\[]?\b%s\b[\"`\]]?" % re.escape(column)
    return [
        value
        for match in re.finditer(name + r"\s+" + LISTED, text, re.I)
        for value in literals(match.group(1))
    ]


def compared(text: str, column: str) -> List[Any]:
    """Literals that a statement compares a column with (``=``, ``<``, BETWEEN …)."""
    name = r"[\"`\[]?\b%s\b[\"`\]]?" % re.escape(column)
    pattern = (
        name
        + r"\s*(?:=|==|<>|!=|<=?|>=?|BETWEEN|LIKE|GLOB)\s*('(?:[^']|'')*'|-?[\d.]+)(?:\s+AND\s+(-?[\d.]+))?"
    )
    return [
        value
        for match in re.finditer(pattern, text, re.I)
        for value in literals(" ".join(filter(None, match.groups())))
    ]


def literals(text: str) -> List[Any]:
    """String and number literals of a piece of SQL."""
    found: List[Any] = []
    for word, number in LITERAL.findall(text):
        if number:
            found.append(float(number) if "." in number else int(number))
        else:
            found.append(word.replace("''", "'"))
    return found


def _in_order(found: List[Table]) -> List[Table]:
    by_name: Dict[str, Table] = {table.name.lower(): table for table in found}
    ordered: List[Table] = []
    seen: Set[str] = set()

    def visit(table: Table) -> None:
        if table.name in seen:
            return
        seen.add(table.name)
        for column in table.columns:
            target = by_name.get(column.reference[0].lower()) if column.reference else None
            if target is not None:
                visit(target)
        ordered.append(table)

    for table in found:
        visit(table)
    return ordered
