"""Tables of a PostgreSQL database, rows for them, and other values for their columns."""

import json
import re
from typing import Any, Dict, List, Optional, Sequence

from .pg_server import Server

ROWS = 3
LONG = "A rather long text that somebody wrote by hand, with an umlaut ü and 'quotes', about "
COLUMNS = """
SELECT json_build_object('schema', n.nspname, 'table', c.relname, 'name', a.attname,
  'type', format_type(a.atttypid, NULL),
  'length', CASE WHEN a.atttypmod > 4 AND t.typname IN ('varchar', 'bpchar') THEN a.atttypmod - 4 END,
  'category', t.typcategory, 'required', a.attnotnull, 'default', d.oid IS NOT NULL OR a.attidentity <> '',
  'fixed', a.attgenerated <> '' OR a.attidentity = 'a',
  'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
  'key', coalesce((SELECT bool_or(i.indisprimary) FROM pg_index i
     WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey)), false),
  'refers', (SELECT json_build_array(fn.nspname, f.relname, fa.attname)
     FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
     JOIN pg_namespace fn ON fn.oid = f.relnamespace
     JOIN pg_attribute fa ON fa.attrelid = f.oid AND fa.attnum = k.confkey[array_position(k.conkey, a.attnum)]
     WHERE k.contype = 'f' AND k.conrelid = c.oid AND a.attnum = ANY (k.conkey) LIMIT 1),
  'checks', (SELECT json_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint k
     WHERE k.contype = 'c' AND k.conrelid = c.oid AND a.attnum = ANY (k.conkey)))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relname NOT IN
  ('schema_migrations', 'schema_version', 'flyway_schema_history', 'alembic_version', 'goose_db_version',
   'django_migrations')
ORDER BY c.oid, a.attnum
"""
Column = Dict[str, Any]


class Table:
    """One table: ``name`` as it is said, ``quoted`` as SQL, columns in order."""

    def __init__(self, schema: str, table: str, columns: List[Column]) -> None:
        self.name = table if schema == "public" else "%s.%s" % (schema, table)
        self.quoted = "%s.%s" % (quoted(schema), quoted(table))
        self.columns = columns


def quoted(name: str) -> str:
    return '"%s"' % name.replace('"', '""')


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, (int, float)) else "'%s'" % str(value).replace("'", "''")


def tables(server: Server) -> List[Table]:
    """All tables, referenced ones first."""
    grouped: Dict[str, List[Column]] = {}
    for line in server.run([COLUMNS]):
        column = json.loads(line)
        grouped.setdefault("%s\0%s" % (column["schema"], column["table"]), []).append(column)
    waiting = []
    for key, columns in grouped.items():
        schema, _, name = key.partition("\0")
        waiting.append(Table(schema, name, columns))
    ordered: List[Table] = []
    while waiting:
        made = {table.quoted for table in ordered}
        free = [table for table in waiting if _targets(table) <= made | {table.quoted}] or waiting[:1]
        ordered += free
        waiting = [table for table in waiting if table not in free]
    return ordered


def _targets(table: Table) -> set:  # type: ignore[type-arg]
    return {"%s.%s" % (quoted(c["refers"][0]), quoted(c["refers"][1])) for c in table.columns if c["refers"]}


def fill(server: Server, found: Sequence[Table], hints: Dict[str, List[Any]], full: bool) -> Dict[str, int]:
    """Put up to ``ROWS`` rows into each table, by trying; the number of rows by table."""
    attempts = []
    for table in found:
        for index in range(ROWS):
            for variant in range(4):
                attempts.append(_guarded(table, index, insert(table, index, variant, hints, full)))
    server.run(attempts)
    counts = server.run(["SELECT '%s' || count(*) FROM %s" % ("", table.quoted) for table in found])
    return {table.name: int(count) for table, count in zip(found, counts)}


def _guarded(table: Table, index: int, statement: str) -> str:
    return (
        "DO $harness$ BEGIN IF (SELECT count(*) FROM %s) <= %d THEN %s; END IF; "
        "EXCEPTION WHEN OTHERS THEN NULL; END $harness$" % (table.quoted, index, statement)
    )


def insert(table: Table, index: int, variant: int, hints: Dict[str, List[Any]], full: bool) -> str:
    """An INSERT of the index-th row. Later variants leave optional columns out, then use other values."""
    names, values = [], []
    for column in table.columns:
        optional = column["default"] or not column["required"]
        if column["fixed"] or (column["default"] and column["key"]) or (optional and variant == 3):
            continue
        if not full and variant == 0 and not column["required"] and index == ROWS - 1:
            continue
        names.append(quoted(column["name"]))
        values.append(value_for(column, index + (7 * variant if variant > 1 else 0), hints))
    if not names:
        return "INSERT INTO %s DEFAULT VALUES" % table.quoted
    return "INSERT INTO %s (%s) VALUES (%s)" % (table.quoted, ", ".join(names), ", ".join(values))


def value_for(column: Column, index: int, hints: Dict[str, List[Any]]) -> str:
    """An SQL expression that fits the column's type, distinct from row to row."""
    if column["refers"]:
        schema, table, name = column["refers"]
        return "(SELECT %s FROM %s.%s ORDER BY 1 LIMIT 1 OFFSET %d)" % (
            quoted(name),
            quoted(schema),
            quoted(table),
            index % ROWS,
        )
    allowed = column["labels"] or allowed_by(column["checks"])
    if allowed:
        return literal(allowed[index % len(allowed)])
    kind, name = column["type"], column["name"].lower()
    known = [value for value in hints.get(name, []) if isinstance(value, str)]
    salt = sum(map(ord, name)) % 97
    if kind in ("smallint", "integer", "bigint"):
        return str(salt + index + 1)
    if kind in ("numeric", "real", "double precision", "money"):
        return "%d.25" % (salt + index)
    if kind == "boolean":
        return "true" if index % 2 else "false"
    if kind.startswith(("timestamp", "date", "time")):
        return "'2024-0%d-1%d 0%d:15:30'::%s" % (index % 9 + 1, index % 9, index % 9, kind)
    if kind in ("json", "jsonb"):
        return literal('{"%s": %d}' % (name, index))
    if kind == "uuid":
        return "'00000000-0000-0000-%04d-%012d'" % (salt, index + 1)
    if kind == "bytea":
        return "'\\x0%d'::bytea" % (index % 9)
    if kind in ("inet", "cidr"):
        return "'10.0.%d.%d'" % (salt, index + 1)
    if kind == "interval":
        return "'%d hours'" % (index + 1)
    if kind.endswith("[]"):
        return "'{%d}'" % (index + 1)
    return literal(_text(name, index, known, column["length"]))


def _text(name: str, index: int, known: Sequence[str], length: Optional[int]) -> str:
    if known and index < 7:
        return known[index % len(known)][: length or 200]
    if "email" in name:
        text = "person%d@example.org" % index
    elif index == 1 and (length or 200) > 120:
        text = LONG + name
    else:
        text = "%s %d" % (name.replace("_", " "), index)
    return text if not length or len(text) <= length else ("%d" % index + "x" * length)[:length]


def allowed_by(checks: Optional[Sequence[str]]) -> List[str]:
    """Literals of ``IN (…)`` as the server writes it: ``= ANY (ARRAY['a'::text, …])``."""
    for check in checks or ():
        listed = re.search(r"ANY \(+ARRAY\[(.*?)\]", check)
        if listed:
            return [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", listed.group(1))]
    return []


def other_values(column: Column) -> List[str]:
    """Expressions that change a value of the column whatever it is, the best first."""
    name, kind = quoted(column["name"]), column["type"]
    allowed = column["labels"] or allowed_by(column["checks"])
    if column["refers"]:
        schema, table, target = column["refers"]
        place = "%s.%s" % (quoted(schema), quoted(table))
        return ["(SELECT max(%s) FROM %s WHERE %s <> %s)" % (quoted(target), place, quoted(target), name)]
    if allowed:
        turned = [
            "WHEN %s THEN %s" % (literal(a), literal(b)) for a, b in zip(allowed, allowed[1:] + allowed[:1])
        ]
        cast = "" if not column["labels"] else "::%s" % kind
        return ["(CASE %s::text %s END)%s" % (name, " ".join(turned), cast)]
    if kind in ("smallint", "integer", "bigint", "numeric", "real", "double precision"):
        return [name + " + 7", "1 - " + name]
    if kind == "boolean":
        return ["NOT " + name]
    if kind.startswith(("timestamp", "date")):
        return [name + " + interval '40 days'"]
    if kind in ("json", "jsonb"):
        return ["'{\"other\": true}'"]
    if kind == "uuid":
        return ["gen_random_uuid()"]
    if column["category"] == "S":
        return [name + " || '~'", "reverse(%s)" % name, "left(%s, -1) || '~'" % name]
    return []


def finer_values(column: Column) -> List[str]:
    """Expressions that change only the fine part: the end of a long text, a fraction, the time of a day."""
    name, kind = quoted(column["name"]), column["type"]
    if column["refers"] or column["labels"]:
        return []
    if kind in ("numeric", "real", "double precision"):
        return [name + " + 0.125"]
    if kind.startswith("timestamp"):
        return [name + " + interval '1 second'"]
    if column["category"] == "S":
        return ["CASE WHEN length({0}) > 60 THEN {0} || '~' ELSE {0} END".format(name)]
    return []
