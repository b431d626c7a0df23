"""Statements that lock a PostgreSQL table for long, told by squawk where it is installed (extra ``migrations``)."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from harness.check.interface import Context, Draft, Ended, Location, Probe, Severity, Side, Unverified

from .engines import dialect_of
from .sequences import Script
from .trial import Pair

RULES: dict[str, Severity] = {
    "changing-column-type": "medium",
    "adding-foreign-key-constraint": "low",
    "constraint-missing-not-valid": "low",
    "disallowed-unique-constraint": "low",
}
"""What rewrites or scans a table while nobody can use it. An index without CONCURRENTLY is left out: it blocks
writes, and on most tables for moments."""
MAX_SCRIPTS = 40


class Said(msgspec.Struct, frozen=True):
    """One sentence of squawk. Lines count from 0."""

    rule_name: str
    message: str
    line: int = 0
    help: str | None = None


def locks(
    context: Context, pair: Pair, rewritten: Sequence[str] | None, unverified: list[Unverified]
) -> Iterator[Draft]:
    """Findings about the new scripts of a sequence for PostgreSQL; tables that they make themselves are free.

    ``rewritten``: tables that the server was seen to write anew, None where no server ran.
    """
    if not pair.base or not pair.new or dialect_of((*pair.base, *pair.new), context.settings) != "postgresql":
        return
    tool = shutil.which("squawk") or shutil.which("squawk", path=str(Path(sys.executable).parent))
    if tool is None:
        why = "Locks were not looked at: squawk is missing (pip install 'change-harness[migrations]')."
        unverified.append(Unverified(f"{pair.key}: locks", why, "migrations"))
        return
    for script in pair.new[:MAX_SCRIPTS]:
        said = _lint(context, Path(tool), script)
        if said is None:
            unverified.append(Unverified(f"{script.path}: locks", "squawk could not read it.", "migrations"))
        lines: set[int] = set()
        for one in said or ():
            if one.rule_name not in RULES or one.line in lines or not _old_table(pair, script, one):
                continue
            if one.rule_name != "changing-column-type" or rewritten is None or _names(script, one, rewritten):
                lines.add(one.line)
                yield _draft(script, one)


def _lint(context: Context, tool: Path, script: Script) -> list[Said] | None:
    name = "script.sql"
    probe = Probe(
        command=[f"/opt/tools/{tool.name}", "--reporter", "json", f"/in/{name}"],
        files={name: script.text.encode("utf-8", "replace")}, tools=[tool], tree=False, limits=context.limits,
        label=f"locks {script.name}",
    )  # fmt: skip
    reply = context.run(Side.HEAD, probe)
    if not isinstance(reply.end, Ended) or reply.end.status not in (0, 1):
        return None
    try:
        return msgspec.json.decode(reply.stdout, type=list[Said])
    except (msgspec.DecodeError, RecursionError):
        return None


def _old_table(pair: Pair, script: Script, one: Said) -> bool:
    """Whether the statement is about a table that base has."""
    lines = script.text.splitlines()
    text = " ".join(lines[one.line : one.line + 4]).lower().replace('"', "").replace(";", " ").split()
    made = " ".join(other.text for other in pair.base).lower().replace('"', "")
    after = [text[i + 1] for i, word in enumerate(text[:-1]) if word in ("table", "only", "exists")]
    return any(f"table {name}" in " ".join(made.split()).replace("if not exists ", "") for name in after)


def _names(script: Script, one: Said, tables: Sequence[str]) -> bool:
    """Whether the statement is about one of the tables."""
    text = " ".join(script.text.splitlines()[one.line : one.line + 4]).lower()
    return any(table.rpartition(".")[2].lower() in text for table in tables)


def _draft(script: Script, one: Said) -> Draft:
    return Draft(
        rule=f"migration-lock-{one.rule_name}",
        category="data-loss",
        severity=RULES[one.rule_name],
        title=f"Migration locks a table: {one.message[:120]}",
        message=f"{one.message} Nobody can use the table while the statement runs, for as long as it is large.",
        location=Location(script.path, script.line + one.line),
        key=f"lock {one.rule_name} {' '.join(script.text.splitlines()[one.line : one.line + 1]).strip().lower()[:200]}",
        suggestion=one.help or "Do it in steps that do not hold the lock.",
        certainty="conditional",
    )
