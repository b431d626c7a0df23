"""Drafts about lost information, edited migrations and migrations that fail on rows."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from harness.check.interface import Draft, Location, Message, ProofPlan, Severity

from .sequences import Script


class Loss(msgspec.Struct, frozen=True):
    """One loss as the guest tells it, strictly decoded. ``line`` counts within the script's text."""

    what: str
    table: str
    script: str
    line: int
    statement: str
    example: str
    column: str = ""
    rows: int = 0
    of: int = 0

    @property
    def deliberate(self) -> bool:
        """The statement says in so many words that this goes; a rebuild that forgets does not."""
        if self.what == "column":
            return bool(re.search(rf"\bdrop\b[^;]*\b{re.escape(self.column)}\b", self.statement, re.I))
        return self.what == "table"

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}" if self.column else self.table


class Refusal(msgspec.Struct, frozen=True):
    """A statement that a database refused."""

    side: str
    script: str
    line: int
    statement: str
    error: str
    integrity: bool = False
    mode: str = ""
    certain: bool = False
    """It fails on every table that has a row, and on no empty one."""


class Again(msgspec.Struct, frozen=True):
    """What a second application of a new script does, as the guest tells it."""

    how: str
    script: str
    line: int
    statement: str


def decode(message: Message, kind: Any) -> Any:
    """A message as a value of ``kind``, None when it is not one."""
    try:
        return msgspec.convert({key: value for key, value in message.items() if key != "type"}, kind)
    except msgspec.ValidationError:
        return None


TITLES = {
    "table": "Migration drops table {name} with its rows",
    "rows": "Migration loses every row of {name}",
    "some-rows": "Migration deletes rows of {name}",
    "column": "Migration loses the values of {name}",
    "precision": "Migration cuts off values of {name}",
}
SEVERITIES: dict[str, Severity] = {
    "table": "critical", "rows": "critical", "some-rows": "medium", "column": "high", "precision": "high",
}  # fmt: skip
SUGGESTIONS = {
    "table": "Keep the table, or copy its rows to where they belong first, in this migration.",
    "rows": "Copy the rows into the new table before the old one is dropped.",
    "some-rows": "Move the rows to an archive table instead of deleting them, or say in the change why they may go.",
    "column": "Carry the column over into the new table (list it in both column lists of INSERT … SELECT), or copy "
    "its values to where they belong before it is dropped.",
    "precision": "Keep the wider type, or refuse to migrate while longer or finer values exist.",
}
SENTENCES = {
    "table": "Table {name} is gone after this statement and no other table holds what its {of} rows said.",
    "rows": "After this statement nothing in the database depends on any of the {of} rows of {name} any more.",
    "some-rows": "{rows} of {of} rows of {name} leave no trace after this statement.",
    "column": "After this statement nothing in the database depends on the values of {name} any more: whatever stood "
    "there is gone.",
    "precision": "After this statement long texts or fractions of {name} are cut: values that differed become equal.",
}


def copied_by(loss: Loss, base: Sequence[Script]) -> bool:
    """Whether a migration that base has released copies what now goes: the first of two steps."""
    table, column = re.escape(loss.table), re.escape(loss.column or loss.table)
    copies = re.compile(
        rf"\bupdate\b[^;]*\bset\b[^;]*=[^;]*\b{column}\b|"
        rf"\b(?:insert\s+into|create\s+table)\b[^;]*\bselect\b(?=[^;]*(?:\b{column}\b|\*))[^;]*\bfrom\b[^;]*\b{table}\b",
        re.I,
    )
    return loss.deliberate and any(copies.search(script.text) for script in base)


def loss_draft(loss: Loss, script: Script, used: bool, plan: ProofPlan, *, copied: bool = False) -> Draft:
    """The finding about one loss. ``used``: something of base but its migrations names it; ``copied``: an
    earlier migration copies it."""
    severity = SEVERITIES[loss.what]
    message = SENTENCES[loss.what].format(name=loss.name, rows=loss.rows, of=loss.of)
    message += f" For instance {loss.example} is lost."
    if loss.deliberate and not used:
        severity = "medium"
        message += (
            " Nothing in base names it, so it may be a leftover; what is stored in it is lost all the same."
        )
    if loss.deliberate and copied:
        severity = "medium" if used else "low"
        message += " A migration that base has released copies it; what was written since then must have gone to both."
    return Draft(
        rule=f"migration-loses-{loss.what}",
        category="data-loss",
        severity=severity,
        title=TITLES[loss.what].format(name=loss.name),
        message=message,
        location=Location(script.path, script.line + loss.line - 1, symbol=loss.name),
        key=f"{loss.what} {loss.name}",
        proof=plan,
        suggestion=SUGGESTIONS[loss.what],
        detail=loss.statement,
        certainty="certain",
    )


def edited_draft(before: Script, after: Script) -> Draft:
    """A released migration that head changed: databases that have run it will never run the new text."""
    return Draft(
        rule="migration-edited",
        category="data-loss",
        severity="medium",
        title=f"A migration that is already released was edited: {after.name}",
        message="Databases that have applied it will not apply it again, so they keep base's version while new ones "
        "get head's: their schemas drift apart.",
        location=Location(after.path, _first_difference(before, after)),
        key=f"edited {after.name}",
        certainty="certain",
        suggestion="Leave it as base has it and put the difference into a new migration.",
    )


def _first_difference(before: Script, after: Script) -> int:
    old, new = before.text.splitlines(), after.text.splitlines()
    for index, (left, right) in enumerate(zip(old, new, strict=False)):
        if left != right:
            return after.line + index
    return after.line + max(min(len(old), len(new)) - 1, 0)


def refusal_draft(refusal: Refusal, script: Script, column: str) -> Draft:
    """A migration that fails on rows which base's own code writes."""
    return Draft(
        rule="migration-fails-on-rows",
        category="data-loss",
        severity="medium",
        title=f"Migration fails on rows without {column}",
        message=f"Base's code inserts rows without {column}; on such a row the statement fails with: {refusal.error}.",
        location=Location(script.path, script.line + refusal.line - 1, symbol=column),
        key=f"fails {refusal.error}",
        certainty="conditional",
        suggestion="Fill the column for existing rows first, in the same migration.",
        detail=refusal.statement,
    )


def fails(refusal: Refusal) -> Loss:
    """What a proof of a migration that fails on rows looks for."""
    return Loss("fails", "", refusal.script, refusal.line, refusal.statement, refusal.error[:120])


def fails_draft(refusal: Refusal, script: Script, plan: ProofPlan) -> Draft:
    """A migration that passes on an empty database only."""
    return Draft(
        rule="migration-fails-on-rows",
        category="data-loss",
        severity="high",
        title="Migration fails as soon as the table has a row",
        message=f"On empty tables it passes, on tables with any row the statement is refused: {refusal.error}.",
        location=Location(script.path, script.line + refusal.line - 1),
        key=f"fails on rows {' '.join(refusal.statement.lower().split())[:200]}",
        proof=plan,
        suggestion="Add the column with a DEFAULT, or nullable; fill it; then make it NOT NULL.",
        detail=refusal.statement,
        certainty="certain",
    )


def again_draft(again: Again, script: Script) -> Draft:
    """Advice: base's scripts can be applied a second time, this one cannot."""
    return Draft(
        rule="migration-not-repeatable",
        category="data-loss",
        severity="low",
        title=f"Migration cannot be applied a second time: {script.name}",
        message="Base's migrations can be applied twice without harm, as a runner does that stopped half-way. A second "
        f"application of this one {again.how}.",
        location=Location(script.path, script.line + again.line - 1),
        key=f"again {script.name}",
        certainty="certain",
        suggestion="Guard the statement as the others do: IF NOT EXISTS, IF EXISTS, INSERT OR IGNORE, or a WHERE that "
        "no longer matches once it has run.",
        detail=again.statement,
    )
