"""``alembic.op`` and the part of sqlalchemy that migrations use, as writers of SQL."""

import re
import types
from typing import Any, Callable, Dict, List, Optional

from .anything import Anything, Module, OpaqueError, literal, quoted

Emit = Callable[[str], None]
PLAIN = {
    "Integer": "INTEGER",
    "SmallInteger": "SMALLINT",
    "BigInteger": "BIGINT",
    "Text": "TEXT",
    "UnicodeText": "TEXT",
    "Boolean": "BOOLEAN",
    "DateTime": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMP",
    "Date": "DATE",
    "Time": "TIME",
    "JSON": "JSON",
    "JSONB": "JSONB",
    "UUID": "UUID",
    "Uuid": "UUID",
    "LargeBinary": "BYTEA",
    "BYTEA": "BYTEA",
    "Interval": "INTERVAL",
    "INTEGER": "INTEGER",
    "TEXT": "TEXT",
    "BIGINT": "BIGINT",
    "Double": "DOUBLE PRECISION",
    "Float": "DOUBLE PRECISION",
    "INET": "INET",
    "CITEXT": "TEXT",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "SMALLINT": "SMALLINT",
}
SIZED = {
    "String": "VARCHAR",
    "Unicode": "VARCHAR",
    "VARCHAR": "VARCHAR",
    "CHAR": "CHAR",
    "Numeric": "NUMERIC",
    "DECIMAL": "NUMERIC",
}


class Type:
    """A column type as SQL."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def __call__(self, *ignored: Any, **named: Any) -> "Type":
        return self

    def with_variant(self, *ignored: Any, **named: Any) -> "Type":
        return self


def _sized(word: str) -> Callable[..., Type]:
    def make(*args: Any, **named: Any) -> Type:
        sizes = [
            a
            for a in (*args, named.get("length"), named.get("precision"), named.get("scale"))
            if isinstance(a, int)
        ]
        return Type(
            "%s(%s)" % (word, ", ".join(map(str, sizes))) if sizes else "TEXT" if word == "VARCHAR" else word
        )

    return make


class Text(str):
    """``sa.text``: SQL as it stands."""


class Rows:
    """The answer to a question: no rows are here, so what a migration does with them cannot be told."""

    def __getattr__(self, name: str) -> Any:
        raise OpaqueError("it reads rows and goes by them")

    def __iter__(self) -> Any:
        raise OpaqueError("it reads rows and goes by them")


class Constraint:
    """A constraint of a table, or a reference of a column."""

    def __init__(self, sql: str, name: Optional[str] = None) -> None:
        self.sql, self.name = sql, name


class Column:
    """``sa.Column``."""

    def __init__(self, name: str, *args: Any, **named: Any) -> None:
        self.name, self.named = name, named
        self.type = next(
            (sql_of(a) for a in args if isinstance(a, (Type, Anything)) or a in CALLABLE), "TEXT"
        )
        self.more = [a.sql for a in args if isinstance(a, Constraint)]

    def sql(self, keyed: bool) -> str:
        parts = [quoted(self.name), self.type]
        if self.named.get("server_default") is not None:
            parts.append("DEFAULT %s" % default(self.named["server_default"]))
        if self.named.get("nullable") is False:
            parts.append("NOT NULL")
        if keyed and self.named.get("primary_key"):
            parts.append("PRIMARY KEY")
        if self.named.get("unique"):
            parts.append("UNIQUE")
        return " ".join([*parts, *self.more])


CALLABLE: List[Any] = []


def sql_of(kind: Any) -> str:
    """SQL of a type given as an instance or as its maker."""
    if isinstance(kind, Type):
        return kind.sql
    return str(kind().sql) if kind in CALLABLE else "TEXT"


def default(value: Any) -> str:
    if isinstance(value, Text):
        return str(value)
    return "CURRENT_TIMESTAMP" if isinstance(value, Anything) else literal(value)


def sqlalchemy() -> List[types.ModuleType]:
    """The modules ``sqlalchemy`` and ``sqlalchemy.dialects.postgresql``."""
    module = Module("sqlalchemy")
    names: Dict[str, Any] = {name: (lambda *a, _sql=sql, **k: Type(_sql)) for name, sql in PLAIN.items()}
    names.update({name: _sized(word) for name, word in SIZED.items()})
    CALLABLE.extend(names.values())
    names.update(
        Column=Column,
        text=Text,
        Enum=lambda *a, **k: Type("VARCHAR(60)"),
        ARRAY=lambda kind, *a, **k: Type(sql_of(kind) + "[]"),
        ForeignKey=lambda target, **k: Constraint(
            "REFERENCES %s (%s)" % tuple(map(quoted, target.rsplit(".", 1)))
        ),
        PrimaryKeyConstraint=lambda *c, **k: Constraint("PRIMARY KEY (%s)" % _list(c), k.get("name")),
        UniqueConstraint=lambda *c, **k: Constraint("UNIQUE (%s)" % _list(c), k.get("name")),
        CheckConstraint=lambda sql, *a, **k: Constraint("CHECK (%s)" % sql, k.get("name")),
        ForeignKeyConstraint=lambda here, there, *a, **k: Constraint(_reference(here, there), k.get("name")),
    )
    for name, value in names.items():
        setattr(module, name, value)
    dialect = Module("sqlalchemy.dialects.postgresql")
    for name, value in {**names, "ENUM": names["Enum"]}.items():
        setattr(dialect, name, value)
    dialects = Module("sqlalchemy.dialects")
    dialects.postgresql = dialect  # type: ignore[attr-defined]
    for one in (module, dialects, dialect):
        one.__path__ = []
    return [module, dialects, dialect]


def _list(names: Any) -> str:
    return ", ".join(map(quoted, names))


def _reference(here: Any, there: Any) -> str:
    table = there[0].rsplit(".", 1)[0]
    return "FOREIGN KEY (%s) REFERENCES %s (%s)" % (
        _list(here),
        quoted(table),
        _list(t.rsplit(".", 1)[1] for t in there),
    )


class Operations:
    """``alembic.op``, and a batch over one table when ``table`` is given."""

    def __init__(self, emit: Emit, table: Optional[str] = None) -> None:
        self._emit, self._table = emit, table

    def __enter__(self) -> "Operations":
        return self

    def __exit__(self, *ignored: Any) -> None:
        pass

    def batch_alter_table(self, table: str, **ignored: Any) -> "Operations":
        return Operations(self._emit, table)

    def f(self, name: str) -> str:
        return name

    def _args(self, args: Any) -> Any:
        return args if self._table is None else (self._table, *args)

    def create_table(self, name: str, *parts: Any, **ignored: Any) -> None:
        columns = [p for p in parts if isinstance(p, Column)]
        keys = [c for c in columns if c.named.get("primary_key")]
        sql = [c.sql(len(keys) == 1) for c in columns] + [p.sql for p in parts if isinstance(p, Constraint)]
        if len(keys) > 1:
            sql.append("PRIMARY KEY (%s)" % _list(c.name for c in keys))
        self._emit("CREATE TABLE %s (%s)" % (quoted(name), ", ".join(sql)))

    def drop_table(self, name: str, **ignored: Any) -> None:
        self._emit("DROP TABLE %s" % quoted(name))

    def rename_table(self, old: str, new: str, **ignored: Any) -> None:
        self._emit("ALTER TABLE %s RENAME TO %s" % (quoted(old), quoted(new)))

    def add_column(self, *args: Any, **ignored: Any) -> None:
        table, column = self._args(args)[:2]
        self._emit("ALTER TABLE %s ADD COLUMN %s" % (quoted(table), column.sql(True)))

    def drop_column(self, *args: Any, **ignored: Any) -> None:
        table, column = self._args(args)[:2]
        self._emit("ALTER TABLE %s DROP COLUMN %s" % (quoted(table), quoted(column)))

    def alter_column(self, *args: Any, **named: Any) -> None:
        table, column = map(quoted, self._args(args)[:2])
        start = "ALTER TABLE %s ALTER COLUMN %s " % (table, column)
        if named.get("type_") is not None:
            sql = sql_of(named["type_"])
            using = named.get("postgresql_using") or "%s::%s" % (column, sql)
            self._emit(start + "TYPE %s USING %s" % (sql, using))
        if "server_default" in named:
            value = named["server_default"]
            self._emit(
                start + ("SET DEFAULT %s" % default(value) if value not in (None, False) else "DROP DEFAULT")
            )
        if named.get("nullable") is not None:
            self._emit(start + ("DROP NOT NULL" if named["nullable"] else "SET NOT NULL"))
        if named.get("new_column_name"):
            self._emit(
                "ALTER TABLE %s RENAME COLUMN %s TO %s" % (table, column, quoted(named["new_column_name"]))
            )

    def execute(self, statement: Any, values: Any = None, **named: Any) -> Any:
        if not isinstance(statement, str):
            raise OpaqueError("it executes an expression of SQLAlchemy")
        if re.match(r"\s*(?:select|with|values|show|pragma)\b", statement, re.I):
            return Rows()
        if values:
            raise OpaqueError("it executes a statement with values from elsewhere")
        self._emit(statement.rstrip().rstrip(";"))
        return Anything()

    def get_bind(self) -> "Operations":
        return self

    def bulk_insert(self, table: Any, rows: Any, **ignored: Any) -> None:
        name = table.args[0] if isinstance(table, Anything) and table.args else None
        for row in rows if name else ():
            values = ", ".join(literal(value) for value in row.values())
            self._emit("INSERT INTO %s (%s) VALUES (%s)" % (quoted(name), _list(row), values))

    def create_unique_constraint(self, name: str, *args: Any, **ignored: Any) -> None:
        table, columns = self._args(args)[:2]
        self._emit(
            "ALTER TABLE %s ADD CONSTRAINT %s UNIQUE (%s)" % (quoted(table), quoted(name), _list(columns))
        )

    def create_check_constraint(self, name: str, *args: Any, **ignored: Any) -> None:
        table, sql = self._args(args)[:2]
        self._emit("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s)" % (quoted(table), quoted(name), sql))

    def drop_constraint(self, name: str, *args: Any, **ignored: Any) -> None:
        self._emit("ALTER TABLE %s DROP CONSTRAINT %s" % (quoted(self._args(args)[0]), quoted(name)))

    def __getattr__(self, name: str) -> Any:
        """Indexes and the rest: nothing that rows depend on."""
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **named: Anything()
