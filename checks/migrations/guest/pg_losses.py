"""The interference of ``losses.py`` on PostgreSQL: what does head's migrations' result no longer depend on?

Every trial is a transaction that is rolled back, so that one filled database serves all of them.
"""

import json
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from .pg_rows import Column, Table, fill, finer_values, other_values, quoted, tables
from .pg_server import Server, SqlError
from .pg_split import Step

MAX_COLUMNS = 120
DUMP = """
SELECT t.table_schema || '.' || t.table_name || chr(9) || coalesce((xpath('/row/x/text()', query_to_xml(format(
  'SELECT encode(convert_to(coalesce(json_agg(to_json(t) ORDER BY to_json(t)::text)::text, ''[]''), ''UTF8''), ''hex'')
   AS x FROM %I.%I t', t.table_schema, t.table_name), false, true, '')))[1]::text, '')
FROM information_schema.tables t WHERE t.table_type = 'BASE TABLE'
  AND t.table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""
Content = Dict[str, List[Dict[str, Any]]]
OFF, ON = "SET LOCAL session_replication_role = replica", "SET LOCAL session_replication_role = origin"


class Trial:
    """Base's migrations applied and filled once. Raises SqlError with the index of base's step.

    ``full``: no row leaves a column out; else the last one of each table has nothing but what it must.
    """

    def __init__(
        self,
        server: Server,
        base: Sequence[Step],
        head: Sequence[Step],
        hints: Dict[str, List[Any]],
        full: bool = False,
    ) -> None:
        self.server = server
        self.head = list(head)
        server.run([statement for _, _, statement in base])
        self.tables = tables(server)
        self.counts = fill(server, self.tables, hints, full)
        self.unstable: Set[Tuple[str, str]] = set()

    def migrate(self) -> None:
        """Run head's migrations once on the rows. Raises SqlError with the index of head's step."""
        self.before = self._content(None, 0)
        self.after = self._content(None)
        again = self._content(None)
        for table, rows in self.after.items():
            for one, other in zip(rows, again.get(table, [])):
                self.unstable |= {(table, name) for name in one if one[name] != other.get(name)}
        self.after = self._masked(self.after)

    def rewritten(self) -> List[str]:
        """Tables whose every row head's migrations write anew, while nobody can use them."""
        names = [
            "SELECT '%s' || chr(9) || pg_relation_filenode('%s')" % (t.name, t.quoted) for t in self.tables
        ]
        if not names:
            return []
        before = set(self.server.run([" UNION ALL ".join(names)]))
        kept = [
            "SELECT c.relname || chr(9) || pg_relation_filenode(c.oid) FROM pg_class c WHERE c.relkind = 'r'"
        ]
        after = set(self.server.run([*(step[2] for step in self.head), *kept], together=True))
        files = {line.rpartition("\t")[2] for line in after}
        gone = {line.partition("\t")[0] for line in before if line.rpartition("\t")[2] not in files}
        there = {line.partition("\t")[0] for line in after}
        return sorted(name for name in gone if name.rpartition(".")[2] in there)

    def fails_without_rows(self) -> bool:
        """Whether head's migrations fail on empty tables too."""
        emptied = (
            ["TRUNCATE %s CASCADE" % ", ".join(table.quoted for table in self.tables)] if self.tables else []
        )
        try:
            self.server.run([*emptied, *(step[2] for step in self.head)], together=True)
        except SqlError:
            return True
        return False

    def _content(self, prepare: Optional[str], until: Optional[int] = None) -> Content:
        """What the tables hold after the migrations. Raises SqlError as an index of head's steps (-1: before)."""
        first = [OFF, prepare, ON] if prepare else []
        middle = [step[2] for step in self.head[:until]]
        try:
            lines = self.server.run([*first, *middle, "RESET search_path", DUMP], together=True)
        except SqlError as error:
            error.index -= len(first)
            raise
        found: Content = {}
        for line in lines:
            table, mark, text = line.partition("\t")
            if mark:
                found[table] = json.loads(bytes.fromhex(text))
        return found

    def _masked(self, found: Content) -> Content:
        def kept(table: str, row: Dict[str, Any]) -> Dict[str, Any]:
            return {name: value for name, value in row.items() if (table, name) not in self.unstable}

        return {table: sorted((kept(table, row) for row in rows), key=repr) for table, rows in found.items()}

    def unchanged(self, prepare: str, until: Optional[int] = None) -> bool:
        """Whether the preparation leaves no trace (a failing run leaves one)."""
        try:
            found = self._masked(self._content(prepare, until))
            expected = self.after if until is None else self._masked(self._content(None, until))
        except SqlError:
            return False
        return found == expected

    def losses(self) -> Iterator[Dict[str, Any]]:
        """One object a lost table, column, precision or set of rows."""
        budget = MAX_COLUMNS
        unmasked = self._content(None)
        for table in self.tables:
            key = _key(table)
            if not self.counts.get(table.name) or self.before.get(key) == unmasked.get(key):
                continue
            rows = self._lost_rows(table)
            if rows and len(rows) == self.counts[table.name]:
                yield self._loss("rows" if key in self.after else "table", table, None, rows, rows[0])
                continue
            for column in table.columns[: max(0, budget)]:
                yield from self._lost_column(table, column)
            budget -= len(table.columns)
            if rows:
                yield self._loss("some-rows", table, None, rows, rows[0])

    def _lost_rows(self, table: Table) -> List[str]:
        places = self.server.run(["SELECT ctid FROM %s ORDER BY ctid" % table.quoted])
        prepared = ["DELETE FROM %s WHERE ctid = '%s'" % (table.quoted, place) for place in places]
        return [prepare for prepare in prepared if self.unchanged(prepare)]

    def _lost_column(self, table: Table, column: Column) -> Iterator[Dict[str, Any]]:
        if column["fixed"] or (column["key"] and not column["refers"] and column["default"]):
            return
        for what, expressions in (("column", other_values(column)), ("precision", finer_values(column))):
            for expression in expressions:
                prepare = "UPDATE %s SET %s = %s" % (table.quoted, quoted(column["name"]), expression)
                if self._differs(prepare) and self.unchanged(prepare):
                    yield self._loss(what, table, column, [], prepare)
                    return

    def _differs(self, prepare: str) -> bool:
        """Whether the preparation is possible and changes something."""
        try:
            return self._content(prepare, 0) != self.before
        except SqlError:
            return False

    def _loss(
        self, what: str, table: Table, column: Optional[Column], rows: List[str], prepare: str
    ) -> Dict[str, Any]:
        script, line, statement = self._blamed(prepare)
        name = column["name"] if column else ""
        return {
            "type": "loss",
            "what": what,
            "table": table.name,
            "column": name,
            "rows": len(rows),
            "of": self.counts[table.name],
            "script": script,
            "line": line,
            "statement": " ".join(statement.split())[:200],
            "example": self._example(table, name, what),
        }

    def _blamed(self, prepare: str) -> Step:
        """The first statement after which the information is gone; once gone, it stays gone."""
        low, high = 0, len(self.head)
        while low + 1 < high:
            middle = (low + high) // 2
            if self.unchanged(prepare, middle):
                high = middle
            else:
                low = middle
        return self.head[high - 1] if self.head else ("", 1, "")

    def _example(self, table: Table, column: str, what: str) -> str:
        rows = self.before.get(_key(table), [])
        values = [row.get(column) for row in rows if row.get(column) is not None] if column else []
        chosen: Any = max(values, key=lambda value: len(str(value)), default=None)
        if what != "precision":
            chosen = values[0] if values else None
        shown = json.dumps(rows[0] if not column and rows else chosen, ensure_ascii=False)
        return shown if len(shown) < 120 else shown[:117] + "..."

    def insert_statements(self) -> Iterator[str]:
        """The generated rows as SQL."""
        for table in self.tables:
            for row in self.before.get(_key(table), []):
                text = json.dumps(row).replace("'", "''")
                record = "json_populate_record(NULL::%s, '%s')" % (table.quoted, text)
                yield "INSERT INTO %s OVERRIDING SYSTEM VALUE SELECT * FROM %s;" % (table.quoted, record)


def _key(table: Table) -> str:
    return table.quoted.replace('"', "")


def attempt(
    server: Server, base: Sequence[Step], head: Sequence[Step], hints: Dict[str, List[Any]]
) -> Tuple[Trial, List[SqlError], Optional[SqlError]]:
    """(trial, what refused its freer rows, what refuses every row). Raises SqlError for base's steps.

    Rows with nothing but what they must have first; where head's migrations refuse those, full rows.
    """
    trial = Trial(server, base, head, hints)
    try:
        trial.migrate()
    except SqlError as error:
        refused = error
    else:
        return trial, [], None
    server.reset()
    trial = Trial(server, base, head, hints, full=True)
    try:
        trial.migrate()
    except SqlError as error:
        return trial, [], error
    return trial, [refused], None
