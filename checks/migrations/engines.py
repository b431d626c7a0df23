"""On which database a sequence of migrations is tried: the one that it is written for, where it can be had."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.check.interface import CheckFailed

from .sequences import Script

Dialect = Literal["sqlite", "postgresql", "mysql", "any"]
POSTGRESQL = re.compile(
    r"\b(?:(?:BIG|SMALL)?SERIAL|TIMESTAMPTZ|JSONB|BYTEA|UUID|PLPGSQL|TSVECTOR|CITEXT|ILIKE|TIMESTAMP\s+WITH)\b|\bgen_random_uuid\b|"
    r"\bCREATE\s+(?:EXTENSION|TYPE|SEQUENCE|DOMAIN|MATERIALIZED)\b|\w::\w|\$\w*\$|\bGENERATED\s+(?:ALWAYS|BY\s+DEFAULT)\s+AS\s+IDENTITY|"
    r"\bALTER\s+(?:COLUMN\s+)?\"?\w+\"?\s+(?:TYPE|SET\s+(?:NOT\s+NULL|DATA|DEFAULT)|DROP\s+(?:NOT|DEFAULT))|\bCONCURRENTLY\b",
    re.I,
)
SQLITE = re.compile(r"\bAUTOINCREMENT\b|\bPRAGMA\b|\bWITHOUT\s+ROWID\b|\bstrftime\(|\bsqlite_", re.I)
MYSQL = re.compile(r"\bENGINE\s*=|\bAUTO_INCREMENT\b|\bUNSIGNED\b|\bTINYINT\(|\bMODIFY\s+COLUMN\b", re.I)


@dataclass(frozen=True)
class Engine:
    """A database that the sandbox may hold: its name and the entries of search and proof."""

    name: str
    dialect: Dialect
    compare: str
    verdict: str


SQLITE_ENGINE = Engine("SQLite", "sqlite", "compare.py", "verdict.py")
POSTGRESQL_ENGINE = Engine("PostgreSQL", "postgresql", "compare_pg.py", "verdict_pg.py")


def dialect_of(scripts: Sequence[Script], settings: Mapping[str, Any]) -> Dialect:
    """By ``[checks.migrations] dialect``, else by what the scripts say. Raises CheckFailed for another word."""
    chosen = settings.get("dialect", "")
    if chosen in ("sqlite", "postgresql", "mysql"):
        dialect: Dialect = chosen
        return dialect
    if chosen:
        raise CheckFailed("[checks.migrations] dialect is sqlite, postgresql or mysql.")
    text = "\n".join(script.text for script in scripts)
    for word, pattern in (("sqlite", SQLITE), ("mysql", MYSQL), ("postgresql", POSTGRESQL)):
        if pattern.search(text):
            return word  # type: ignore[return-value]
    return "any"


def engines(dialect: Dialect) -> list[Engine]:
    """In the order in which they are tried."""
    if dialect == "postgresql":
        return [POSTGRESQL_ENGINE, SQLITE_ENGINE]
    return [SQLITE_ENGINE] if dialect == "sqlite" else [SQLITE_ENGINE, POSTGRESQL_ENGINE]
