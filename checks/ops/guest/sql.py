"""Statements that destroy rows, tables and databases, in the texts given to a client."""

import re
from typing import Any, Dict, Iterator, Sequence

TOKENS = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.S)
NAME = r"[\"`\[]?([\w.$\"`-]+|\*)"
PATTERNS = (
    (r"\bDROP\s+(DATABASE|SCHEMA|KEYSPACE)\s+(?:IF\s+EXISTS\s+)?" + NAME, "critical", "drops a database"),
    (r"\bDROP\s+(TABLE|COLLECTION|MATERIALIZED\s+VIEW)\s+(?:IF\s+EXISTS\s+)?" + NAME, "critical", "drops a table"),
    (r"\b(TRUNCATE)\s+(?:TABLE\s+)?(?:ONLY\s+)?" + NAME, "critical", "empties a table"),
    (r"\bALTER\s+TABLE\s+" + NAME + r"[^;]*?\bDROP\s+COLUMN\s+(?:IF\s+EXISTS\s+)?" + NAME, "high", "drops a column"),
    (r"\b(DELETE)\s+FROM\s+(?:ONLY\s+)?" + NAME + r"\s*(?:;|\Z|\bWHERE\s+(?:1\s*=\s*1|true)\b)", "critical",
     "deletes every row of a table"),
    (r"\b(UPDATE)\s+" + NAME + r"\s+SET\s+(?:(?!\bWHERE\b)[^;])*(?:;|\Z)", "high", "overwrites every row of a table"),
    (r"\b(DROP)\s+OWNED\s+BY\s+" + NAME, "critical", "drops everything of an owner"),
)  # fmt: skip
MONGO = (
    (r"\b(dropDatabase)\s*\(()", "critical", "drops a database"),
    (r"\b([\w.]+(?:\[\w+\])?)\.(drop)\s*\(\s*\)", "critical", "drops a collection"),
    (r"\b([\w.]+)\.((?:deleteMany|remove))\s*\(\s*(?:\{\s*\})?\s*\)", "critical", "deletes every document"),
)


def sql_effects(client: str, texts: Sequence[str]) -> Iterator[Dict[str, Any]]:
    """One effect a destructive statement. A table that the same text made as temporary does not count."""
    patterns = MONGO if client.startswith("mongo") else PATTERNS
    for text in texts:
        clean = TOKENS.sub(" ", text)
        for pattern, severity, what in patterns:
            for match in re.finditer(pattern, clean, re.I):
                target = " ".join(part.strip('"`[]').lower() for part in match.groups() if part)
                name = target.split()[-1] if target else ""
                made = re.search(
                    r"\bCREATE\s+(?:TEMP\w*|UNLOGGED)\s+TABLE\s+[\"`]?%s\b" % re.escape(name), clean, re.I
                )
                if not made:
                    yield {
                        "rule": "sql: " + what, "severity": severity, "what": what, "tool": client,
                        "target": target, "scope": [],
                    }  # fmt: skip
