"""What can be read from migrations that no database here can run: destructive statements."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.check.interface import Draft, Location, Severity

from .column_types import TYPE, declared, narrower, shape
from .sequences import Script

NAME = r'((?:[\w.]+|"[^"]+"|`[^`]+`|\[[^\]]+\])+)'
TOKENS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?(?:\*/|\Z)|\$(\w*)\$.*?(?:\$\1\$|\Z)", re.S)


@dataclass(frozen=True)
class _Pattern:
    rule: str
    pattern: re.Pattern[str]
    severity: Severity
    title: str
    suggestion: str


TABLE = rf"ALTER\s+TABLE\s+(?:ONLY\s+)?{NAME}[^;]*?"
DROPPED = (
    rf"\b{TABLE}\bDROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?"
    rf"(?!CONSTRAINT|DEFAULT|NOT\b|INDEX|KEY|PRIMARY|FOREIGN|EXPRESSION|IDENTITY){NAME}"
)
RETYPED = (
    rf"\b{TABLE}\b(?:ALTER\s+(?:COLUMN\s+)?{NAME}\s+(?:SET\s+DATA\s+)?TYPE|MODIFY\s+(?:COLUMN\s+)?{NAME}"
    rf"|CHANGE\s+(?:COLUMN\s+)?{NAME}\s+[\w\"`]+)\s+{TYPE}"
)
SET_ALL = rf"\bUPDATE\s+(?:ONLY\s+)?{NAME}\s+SET\s+{NAME}\s*=\s*([^;,]*)(?=;|\Z)"
ELSEWHERE = "Copy what it holds to where it belongs first, or keep it."
CHOOSE = "Delete only what must go, and say which rows that is."


def _pattern(rule: str, pattern: str, severity: Severity, title: str, suggestion: str) -> _Pattern:
    return _Pattern(rule, re.compile(pattern, re.I), severity, title, suggestion)


PATTERNS = (
    _pattern(
        "drop-table", rf"\bDROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{NAME}", "high", "Migration drops table {name}", ELSEWHERE
    ),
    _pattern("drop-column", DROPPED, "high", "Migration drops column {name}", ELSEWHERE),
    _pattern(
        "truncate", rf"\bTRUNCATE\s+(?:TABLE\s+)?(?:ONLY\s+)?{NAME}", "high", "Migration empties table {name}", CHOOSE
    ),
    _pattern(
        "delete-all", rf"\bDELETE\s+FROM\s+(?:ONLY\s+)?{NAME}\s*(?=;|\Z)", "high",
        "Migration deletes every row of {name}", CHOOSE,
    ),
    _pattern(
        "drop-schema", rf"\bDROP\s+(?:SCHEMA|DATABASE)\s+(?:IF\s+EXISTS\s+)?{NAME}", "high",
        "Migration drops {name} with all its tables", ELSEWHERE,
    ),
    _pattern(
        "update-all", SET_ALL, "medium", "Migration overwrites {name} in every row",
        "Say which rows are meant (WHERE), or copy the old values first.",
    ),
    _pattern(
        "narrower-type", RETYPED, "medium", "Migration narrows the type of {name}",
        "Check that no stored value is longer or finer than the new type.",
    ),
)  # fmt: skip


def static_losses(new: Sequence[Script], base: Sequence[Script]) -> list[Draft]:
    """Unconfirmed findings: statements of new migrations that destroy what base's migrations made."""
    made = [script.text for script in base]
    return [draft for script in new for draft in _of_script(script, made)]


def _harmless(rule: str, parts: Sequence[str], made: Sequence[str]) -> bool:
    """Whether a statement that looks like a loss is none, by what base's migrations made."""
    if rule == "update-all":  # a new column is filled, or the new value is made of the old one
        column, value = parts[1].strip('"`[]'), parts[2]
        known = any(re.search(rf"\b{re.escape(column)}\b", text, re.I) for text in made)
        kept = re.search(rf"\b{re.escape(column)}\b", value, re.I)
        return not known or bool(kept) or bool(re.search(r"\bwhere\b", value, re.I))
    if rule == "narrower-type":
        table = parts[0].split(".")[-1].strip('"`[]')
        old, new = declared(table, parts[1].strip('"`[]'), made), shape(parts[2])
        return old is None or new is None or not narrower(old, new)
    return False


def _of_script(script: Script, scripts: Sequence[str]) -> Iterator[Draft]:
    text = TOKENS.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), script.text)
    made = " ".join(scripts).lower()
    for one in PATTERNS:
        for match in one.pattern.finditer(text):
            parts = [part for part in match.groups() if part]
            if _harmless(one.rule, parts, scripts):
                continue
            names = [part.strip('"`[]') for part in parts[:2]]
            if names[0].split(".")[-1].lower() not in made:
                continue  # made by this very migration: a helper table
            name = ".".join(names)
            line = script.line + text.count("\n", 0, match.start())
            yield Draft(
                rule=f"migration-{one.rule}",
                category="data-loss",
                severity=one.severity,
                title=one.title.format(name=name),
                message=f"{one.title.format(name=name)}. Read from the script; it was not applied to rows here.",
                location=Location(script.path, line, symbol=name),
                key=f"{one.rule} {name}",
                certainty="conditional",
                suggestion=one.suggestion,
                detail=" ".join(script.text[match.start() : match.end()].split())[:300],
            )
