"""Entry: what head's new migrations lose of the rows that base's migrations can hold."""

import sqlite3
from typing import Any, Dict, List

from .again import unrepeatable
from .database import MigrationError, quoted
from .losses import Trial, attempt

MAX_ROWS = 400
NOT_NULL = "Cannot add a NOT NULL column"


def main(request: Dict[str, Any], channel: Any) -> None:
    """Send ``loss`` messages and ``rows``, then ``compared``; or ``failed`` with the side and place."""
    try:
        Trial(request["base"], [], request["hints"])
    except MigrationError as error:
        channel.send(_failed("base", error))
        return
    try:
        trial, refused = attempt(request["base"], request["head"], request["hints"])
    except MigrationError as error:
        channel.send(dict(_failed("head", error), certain=NOT_NULL in str(error)))
        return
    for refusal in refused:
        channel.send(dict(_failed("head", refusal), type="refused", mode=trial.mode))
    for loss in trial.losses():
        channel.send(loss)
    for message in unrepeatable(request["base"], request["head"], trial.template, trial.unstable):
        channel.send(message)
    _send_rows(trial, channel)
    channel.send({
        "type": "compared",
        "filled": {name: count for name, count in trial.counts.items() if count},
        "empty": sorted(name for name, count in trial.counts.items() if not count),
        "sqlite": sqlite3.sqlite_version,
    })  # fmt: skip


def _failed(side: str, error: MigrationError) -> Dict[str, Any]:
    return {
        "type": "failed", "side": side, "script": error.script, "line": error.line,
        "statement": error.statement[:300], "error": str(error)[:500], "integrity": error.integrity,
    }  # fmt: skip


def _send_rows(trial: Trial, channel: Any) -> None:
    """The generated rows as INSERT statements made by SQLite itself."""
    lines: List[str] = []
    for table in trial.tables:
        names = [column.name for column in table.columns]
        literal = " || ', ' || ".join("quote(%s)" % quoted(name) for name in names)
        for (values,) in trial.template.execute("SELECT %s FROM %s" % (literal, quoted(table.name))):
            columns = ", ".join(quoted(name) for name in names)
            lines.append("INSERT INTO %s (%s) VALUES (%s);" % (quoted(table.name), columns, values))
    for line in lines[:MAX_ROWS]:
        channel.send({"type": "row", "sql": line[:20_000]})
