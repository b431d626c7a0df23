"""Which information does not survive head's new migrations?

The method is interference: change one column's values (or take one row away) before the
migrations and look whether anything at all is different after them. If nothing is, that
information is gone. Renamed columns, rebuilt tables, values moved to another table or packed
into another form all leave a difference behind, so they are no losses.
"""

import sqlite3
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from .database import Content, MigrationError, apply, connect, content, copy, quoted, steps
from .rows import FREE, SPARING, STRICT, Hints, fill, perturbed, refined
from .schema import Column, Table, compared, listed, read

MAX_COLUMNS = 400
MAX_SHOWN = 200
Step = Tuple[str, int, str]
Scripts = Sequence[Tuple[str, str]]


class Trial:
    """Base's migrations applied and filled with rows once; copies of it meet head's migrations."""

    def __init__(self, base: Scripts, head: Scripts, hints: Hints, mode: str = FREE) -> None:
        self.template = connect()
        apply(self.template, steps(base))
        self.steps = steps(head)
        self.tables = read(self.template)
        self.hints = _with_head(hints, self.tables, " ".join(text for _, text in head))
        self.template.execute("PRAGMA foreign_keys = OFF")
        self.mode = mode
        self.counts = fill(self.template, self.tables, self.hints, mode)
        self.unstable: Set[Tuple[str, str]] = set()
        self.before = content(self.template)
        self.after = self._migrated(lambda _connection: True)
        self._find_unstable()

    def _migrated(
        self, prepare: Callable[[sqlite3.Connection], bool], until: Optional[int] = None
    ) -> Optional[Content]:
        """What a copy holds after the migrations; None when ``prepare`` could change nothing."""
        connection = copy(self.template)
        try:
            if not prepare(connection):
                return None
            apply(connection, self.steps[:until])
            return self._masked(content(connection))
        finally:
            connection.close()

    def _find_unstable(self) -> None:
        """Columns that differ between two runs on the same rows say nothing: mask them."""
        again = self._migrated(lambda _connection: True)
        for table, (columns, found) in (self.after or {}).items():
            others = (again or {}).get(table, ((), []))[1]
            for index, name in enumerate(columns):
                if [row[index] for row in found] != [row[index] for row in others]:
                    self.unstable.add((table, name))
        self.after = self._masked(self.after or {})

    def _masked(self, found: Content) -> Content:
        if not self.unstable:
            return found
        masked: Content = {}
        for table, (columns, lines) in found.items():
            keep = [i for i, name in enumerate(columns) if (table, name) not in self.unstable]
            masked[table] = (columns, sorted((tuple(line[i] for i in keep) for line in lines), key=repr))
        return masked

    def losses(self) -> Iterator[Dict[str, Any]]:
        """One object a lost table, column, precision or set of rows."""
        budget = MAX_COLUMNS
        for table in self.tables:
            if not self.counts.get(table.name) or not table.rowid:
                continue
            lost_rows = self._lost_rows(table)
            if lost_rows and len(lost_rows) == self._rows(table):
                yield self._loss(
                    "table" if table.name not in (self.after or {}) else "rows", table, None, lost_rows
                )
                continue
            for column in table.columns[: max(budget, 0)]:
                yield from self._lost_column(table, column)
            budget -= len(table.columns)
            if lost_rows:
                yield self._loss("some-rows", table, None, lost_rows)

    def _rows(self, table: Table) -> int:
        return len(self.before.get(table.name, ((), []))[1])

    def _lost_rows(self, table: Table) -> List[int]:
        rowids = [r[0] for r in self.template.execute("SELECT rowid FROM %s" % quoted(table.name)).fetchall()]
        return [rowid for rowid in rowids if self._unchanged(_without(table, rowid))]

    def _lost_column(self, table: Table, column: Column) -> Iterator[Dict[str, Any]]:
        if column.key and not column.reference and column.kind == "integer":
            return
        if self._unchanged(lambda c: perturbed(c, table, column, self.hints)):
            yield self._loss("column", table, column, [])
        elif self._unchanged(lambda c: refined(c, table, column)):
            yield self._loss("precision", table, column, [])

    def _unchanged(self, prepare: Callable[[sqlite3.Connection], bool], until: Optional[int] = None) -> bool:
        """Whether the preparation leaves no trace after the migrations (a failing run leaves one)."""
        try:
            found = self._migrated(prepare, until)
            expected = self.after if until is None else self._migrated(lambda _connection: True, until)
        except MigrationError:
            return False
        return found is not None and found == expected

    def _loss(self, what: str, table: Table, column: Optional[Column], rowids: List[int]) -> Dict[str, Any]:
        prepare = self._preparation(what, table, column, rowids)
        script, line, statement = self._blamed(prepare)
        return {
            "type": "loss", "what": what, "table": table.name, "column": column.name if column else "",
            "rows": len(rowids), "of": self._rows(table), "script": script, "line": line,
            "statement": statement[:MAX_SHOWN], "example": self._example(table, column, rowids, what),
        }  # fmt: skip

    def _preparation(
        self, what: str, table: Table, column: Optional[Column], rowids: List[int]
    ) -> Callable[[sqlite3.Connection], bool]:
        if column is None:
            return _without(table, rowids[0])
        wanted: Column = column
        if what == "precision":
            return lambda c: refined(c, table, wanted)
        return lambda c: perturbed(c, table, wanted, self.hints)

    def _blamed(self, prepare: Callable[[sqlite3.Connection], bool]) -> Step:
        """The first statement after which the information is gone."""
        for index in range(len(self.steps)):
            if self._unchanged(prepare, index + 1):
                return self.steps[index]
        return self.steps[-1] if self.steps else ("", 1, "")

    def _example(self, table: Table, column: Optional[Column], rowids: List[int], what: str) -> str:
        if column is None:
            row = self.template.execute(
                "SELECT * FROM %s WHERE rowid = ?" % quoted(table.name), (rowids[0],)
            ).fetchone()
            return "(%s)" % ", ".join(shown(value) for value in row)
        order = "length(%s) DESC" if what == "precision" else "%s IS NULL"
        value = self.template.execute(
            "SELECT %s FROM %s ORDER BY %s"
            % (quoted(column.name), quoted(table.name), order % quoted(column.name))
        ).fetchone()[0]
        return shown(value)


def attempt(base: Scripts, head: Scripts, hints: Hints) -> Tuple[Trial, List[MigrationError]]:
    """A trial with the freest rows that head's migrations accept, and what refused freer ones.

    Base's schema lets in values that its code never writes; a migration that refuses those is
    not at fault. Raises MigrationError when even the most careful rows are refused.
    """
    refused: List[MigrationError] = []
    for mode in (FREE, STRICT):
        try:
            return Trial(base, head, hints, mode), refused
        except MigrationError as error:
            if not error.integrity:
                raise
            refused.append(error)
    return Trial(base, head, hints, SPARING), refused


def _with_head(hints: Hints, found: Sequence[Table], text: str) -> Hints:
    """The hints with what head's migrations themselves name for a column: its new checks."""
    merged = dict(hints)
    for column in (column for table in found for column in table.columns):
        name = column.name.lower()
        known = [*listed(text, column.name), *_around(compared(text, column.name))]
        fresh = known if name not in hints else []
        allowed = listed(text, column.name)
        if allowed:
            merged[name] = allowed
        elif fresh:
            merged.setdefault(name, fresh)
    return merged


def _around(values: List[Any]) -> List[Any]:
    """The values, and for numbers the ones on either side: what a comparison tells apart."""
    numbers = [value + step for value in values if isinstance(value, (int, float)) for step in (1, -1)]
    return [*values, *numbers]


def _without(table: Table, rowid: int) -> Callable[[sqlite3.Connection], bool]:
    def prepare(connection: sqlite3.Connection) -> bool:
        connection.execute("DELETE FROM %s WHERE rowid = ?" % quoted(table.name), (rowid,))
        return True

    return prepare


def shown(value: Any) -> str:
    """A value as SQL, shortened."""
    if value is None:
        return "NULL"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, bytes):
        return "X'%s'" % value[:40].hex()
    text = str(value)
    return "'%s'" % (text if len(text) <= 60 else text[:57] + "…").replace("'", "''")
