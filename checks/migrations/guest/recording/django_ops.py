"""``django.db.migrations`` and ``models`` as writers of SQL."""

import types
from typing import Any, Callable, Dict, List, Tuple

from .anything import Anything, Module, literal, quoted

Emit = Callable[[str], None]
TYPES = {
    "AutoField": "INTEGER",
    "BigAutoField": "BIGINT",
    "SmallAutoField": "SMALLINT",
    "IntegerField": "INTEGER",
    "BigIntegerField": "BIGINT",
    "SmallIntegerField": "SMALLINT",
    "PositiveIntegerField": "INTEGER",
    "TextField": "TEXT",
    "PositiveBigIntegerField": "BIGINT",
    "PositiveSmallIntegerField": "SMALLINT",
    "BooleanField": "BOOLEAN",
    "NullBooleanField": "BOOLEAN",
    "DateField": "DATE",
    "DateTimeField": "TIMESTAMP",
    "TimeField": "TIME",
    "JSONField": "JSON",
    "FloatField": "DOUBLE PRECISION",
    "UUIDField": "UUID",
    "BinaryField": "BYTEA",
    "DurationField": "BIGINT",
    "GenericIPAddressField": "VARCHAR(39)",
}
SIZES = {
    "CharField": 255,
    "SlugField": 50,
    "EmailField": 254,
    "URLField": 200,
    "FileField": 100,
    "ImageField": 100,
    "FilePathField": 100,
}


class Field:
    """A field of a model: how its column is written."""

    def __init__(self, kind: str, args: Tuple[Any, ...], named: Dict[str, Any]) -> None:
        self.kind, self.args, self.named = kind, args, named

    def column(self, name: str) -> str:
        related = self.kind in ("ForeignKey", "OneToOneField")
        return str(self.named.get("db_column") or (name + "_id" if related else name))

    def type(self) -> str:
        if self.kind in ("ForeignKey", "OneToOneField"):
            return "BIGINT"
        if self.kind == "DecimalField":
            return "NUMERIC(%s, %s)" % (self.named.get("max_digits", 20), self.named.get("decimal_places", 6))
        if self.kind in SIZES:
            return "VARCHAR(%s)" % self.named.get("max_length", SIZES[self.kind])
        return TYPES.get(self.kind, "TEXT")

    def sql(self, name: str) -> str:
        parts = [quoted(self.column(name)), self.type()]
        if "default" in self.named and not self.named.get("primary_key"):
            parts.append("DEFAULT %s" % _default(self.named["default"], self.type()))
        if self.named.get("auto_now") or self.named.get("auto_now_add"):
            parts.append("DEFAULT CURRENT_TIMESTAMP")
        if not self.named.get("null"):
            parts.append("NOT NULL")
        if self.named.get("primary_key"):
            parts.append("PRIMARY KEY")
        if self.named.get("unique") or self.kind == "OneToOneField":
            parts.append("UNIQUE")
        return " ".join(parts)


def _default(value: Any, kind: str) -> str:
    if callable(value):
        return "'{}'" if kind == "JSON" else "CURRENT_TIMESTAMP" if kind in ("TIMESTAMP", "DATE") else "''"
    return literal(value)


class Writer:
    """Knows the tables and fields as the migrations before left them."""

    def __init__(self, emit: Emit) -> None:
        self.emit = emit
        self.app = ""
        self.tables: Dict[Tuple[str, str], str] = {}
        self.fields: Dict[Tuple[str, str], Dict[str, Field]] = {}

    def table(self, model: str) -> str:
        return quoted(self.tables.get((self.app, model.lower()), "%s_%s" % (self.app, model.lower())))

    def field(self, model: str, name: str) -> Field:
        return self.fields.get((self.app, model.lower()), {}).get(name, Field("TextField", (), {}))

    def apply(self, operation: Any) -> None:
        """Write one operation; those that only change Django's idea of the model write nothing."""
        handler = getattr(self, "_" + operation.kind, None)
        if handler:
            handler(*operation.args, **operation.named)

    def _CreateModel(self, name: str, fields: Any, options: Any = None, **ignored: Any) -> None:  # noqa: N802
        table = (options or {}).get("db_table") or "%s_%s" % (self.app, name.lower())
        self.tables[self.app, name.lower()] = table
        known = {
            key: field
            for key, field in fields
            if isinstance(field, Field) and field.kind != "ManyToManyField"
        }
        self.fields[self.app, name.lower()] = known
        sql = [field.sql(key) for key, field in known.items()]
        if not any(field.named.get("primary_key") for field in known.values()):
            sql.insert(0, '"id" BIGINT NOT NULL PRIMARY KEY')
        if (options or {}).get("managed", True) and not (options or {}).get("proxy"):
            self.emit("CREATE TABLE %s (%s)" % (quoted(table), ", ".join(sql)))

    def _DeleteModel(self, name: str) -> None:  # noqa: N802
        self.emit("DROP TABLE %s" % self.table(name))

    def _RenameModel(self, old_name: str, new_name: str) -> None:  # noqa: N802
        key, new = (self.app, old_name.lower()), "%s_%s" % (self.app, new_name.lower())
        if self.tables.get(key, "").lower() == "%s_%s" % key:
            self.emit("ALTER TABLE %s RENAME TO %s" % (self.table(old_name), quoted(new)))
            self.tables[self.app, new_name.lower()] = new
        else:
            self.tables[self.app, new_name.lower()] = self.tables.get(key, new)
        self.fields[self.app, new_name.lower()] = self.fields.get(key, {})

    def _AlterModelTable(self, name: str, table: str) -> None:  # noqa: N802
        self.emit("ALTER TABLE %s RENAME TO %s" % (self.table(name), quoted(table)))
        self.tables[self.app, name.lower()] = table

    def _AddField(self, model_name: str, name: str, field: Any, **ignored: Any) -> None:  # noqa: N802
        if isinstance(field, Field) and field.kind != "ManyToManyField":
            self.fields.setdefault((self.app, model_name.lower()), {})[name] = field
            self.emit("ALTER TABLE %s ADD COLUMN %s" % (self.table(model_name), field.sql(name)))

    def _RemoveField(self, model_name: str, name: str, **ignored: Any) -> None:  # noqa: N802
        column = self.field(model_name, name).column(name)
        self.emit("ALTER TABLE %s DROP COLUMN %s" % (self.table(model_name), quoted(column)))

    def _RenameField(self, model_name: str, old_name: str, new_name: str) -> None:  # noqa: N802
        field = self.field(model_name, old_name)
        self.fields.setdefault((self.app, model_name.lower()), {})[new_name] = field
        old, new = field.column(old_name), field.column(new_name)
        if old != new:
            self.emit(
                "ALTER TABLE %s RENAME COLUMN %s TO %s" % (self.table(model_name), quoted(old), quoted(new))
            )

    def _AlterField(self, model_name: str, name: str, field: Any, **ignored: Any) -> None:  # noqa: N802
        before = self.field(model_name, name)
        if not isinstance(field, Field):
            return
        self.fields.setdefault((self.app, model_name.lower()), {})[name] = field
        table, old, column = self.table(model_name), before.column(name), field.column(name)
        if old != column:
            self.emit("ALTER TABLE %s RENAME COLUMN %s TO %s" % (table, quoted(old), quoted(column)))
        start = "ALTER TABLE %s ALTER COLUMN %s " % (table, quoted(column))
        if before.type() != field.type():
            self.emit(start + "TYPE %s USING %s::%s" % (field.type(), quoted(column), field.type()))
        if bool(before.named.get("null")) != bool(field.named.get("null")):
            if not field.named.get("null") and "default" in field.named:
                value = _default(field.named["default"], field.type())
                self.emit(
                    "UPDATE %s SET %s = %s WHERE %s IS NULL" % (table, quoted(column), value, quoted(column))
                )
            self.emit(start + ("DROP NOT NULL" if field.named.get("null") else "SET NOT NULL"))

    def _RunSQL(self, sql: Any, *ignored: Any, **named: Any) -> None:  # noqa: N802
        for statement in sql if isinstance(sql, (list, tuple)) else [sql]:
            text = statement[0] if isinstance(statement, (list, tuple)) else statement
            if isinstance(text, str) and text.strip():
                self.emit(text.strip().rstrip(";"))

    def _SeparateDatabaseAndState(self, database_operations: Any = (), *ignored: Any, **named: Any) -> None:  # noqa: N802
        for operation in database_operations or ():
            self.apply(operation)


class Operation:
    """One operation of a migration, and the line that made it."""

    def __init__(self, kind: str, args: Tuple[Any, ...], named: Dict[str, Any], line: int) -> None:
        self.kind, self.args, self.named, self.line = kind, args, named, line


def django(line_of: Callable[[], int]) -> List[types.ModuleType]:
    """The modules ``django``, ``django.db``, ``django.db.migrations`` and ``django.db.models``."""

    class Makers(Module):
        def __getattr__(self, name: str) -> Any:
            if name.startswith("__") and name.endswith("__"):
                raise AttributeError(name)
            if self.__name__.endswith("migrations"):
                return lambda *args, **named: Operation(name, args, named, line_of())
            if name.endswith(("Field", "Key")):
                return lambda *args, **named: Field(name, args, named)
            return Anything()

    root, database = Module("django"), Module("django.db")
    migrations, models = Makers("django.db.migrations"), Makers("django.db.models")
    setattr(migrations, "Migration", type("Migration", (), {}))  # noqa: B010
    python: Dict[str, Any] = {"noop": None, "kind": "RunPython", "args": (), "named": {}}

    def noted(self: Any, code: Any = None, *args: Any, **named: Any) -> None:
        self.line, self.code = line_of(), code

    python["__init__"] = noted
    setattr(migrations, "RunPython", type("RunPython", (), python))  # noqa: B010
    vars(database).update(migrations=migrations, models=models)
    for one in (root, database, migrations, models):
        one.__path__ = []
    return [root, database, migrations, models]
