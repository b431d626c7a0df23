"""A disposable SQLite database: applying migrations, copying, and reading everything it holds."""

import sqlite3
from typing import Any, Dict, List, Sequence, Tuple

from .split import kind, statements

MAX_STEPS = 200_000_000
IGNORED = (
    "schema_migrations",
    "schema_version",
    "migrations",
    "_migrations",
    "alembic_version",
    "schema_meta",
)
Script = Tuple[str, str]
Content = Dict[str, Tuple[Tuple[str, ...], List[Tuple[Any, ...]]]]


class MigrationError(Exception):
    """A statement failed: on which script, line, with which words of SQLite."""

    def __init__(self, script: str, line: int, statement: str, error: str, integrity: bool) -> None:
        super().__init__(error)
        self.script = script
        self.line = line
        self.statement = statement
        self.integrity = integrity


def connect() -> sqlite3.Connection:
    """An empty database in memory that commits only where a script says so."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    budget = [MAX_STEPS]

    def tick() -> int:
        budget[0] -= 10_000
        return 1 if budget[0] <= 0 else 0

    connection.set_progress_handler(tick, 10_000)
    return connection


def copy(source: sqlite3.Connection) -> sqlite3.Connection:
    """A private copy of a database, with its foreign key switch."""
    target = connect()
    source.backup(target)
    enforced = source.execute("PRAGMA foreign_keys").fetchone()[0]
    target.execute("PRAGMA foreign_keys = %d" % enforced)
    return target


def steps(scripts: Sequence[Script]) -> List[Tuple[str, int, str]]:
    """(script, line, statement) of all scripts in order."""
    return [(name, line, text) for name, script in scripts for line, text in statements(script)]


def apply(connection: sqlite3.Connection, parts: Sequence[Tuple[str, int, str]]) -> None:
    """Run statements in order. Raises MigrationError at the first that fails."""
    for name, line, statement in parts:
        word = kind(statement).split(" ")[0]
        if word in ("ATTACH", "DETACH", "VACUUM"):
            continue
        try:
            connection.execute(statement)
        except sqlite3.Error as error:
            if word in ("COMMIT", "END", "ROLLBACK", "BEGIN") and "transaction" in str(error):
                continue
            raise MigrationError(name, line, statement, str(error), isinstance(error, sqlite3.IntegrityError))
        except (ValueError, OverflowError, sqlite3.Warning) as error:
            raise MigrationError(name, line, statement, str(error), False)
    if connection.in_transaction:
        connection.execute("COMMIT")


def tables(connection: sqlite3.Connection) -> List[str]:
    """Names of the ordinary tables, without SQLite's own and the runners' bookkeeping."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rootpage"
    ).fetchall()
    return [name for (name,) in rows if name.lower() not in IGNORED]


def quoted(name: str) -> str:
    """An identifier for a statement."""
    return '"%s"' % name.replace('"', '""')


def content(connection: sqlite3.Connection) -> Content:
    """Every table's columns and rows, rows in an order that does not depend on their storage."""
    found: Content = {}
    for table in tables(connection):
        cursor = connection.execute("SELECT * FROM %s" % quoted(table))
        columns = tuple(item[0] for item in cursor.description)
        found[table] = (columns, sorted(cursor.fetchall(), key=repr))
    return found
