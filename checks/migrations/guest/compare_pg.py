"""Entry: the comparison of ``compare.py`` on a PostgreSQL server, where one is in the sandbox."""

from typing import Any, Dict, Sequence

from .pg_losses import Trial, attempt
from .pg_server import Server, SqlError, binaries
from .pg_split import Step, steps

MAX_ROWS = 400
INTEGRITY = ("23", "22")
NOT_NULL = "23502"


def main(request: Dict[str, Any], channel: Any) -> None:
    """Send ``missing``, ``failed`` or ``loss`` messages, ``row`` and ``compared``."""
    folder = binaries()
    if folder is None:
        channel.send({"type": "missing", "what": "it is not installed"})
        return
    base, head = steps(request["base"]), steps(request["head"])
    try:
        server = Server(folder).start()
    except SqlError as error:
        channel.send({"type": "missing", "what": "it does not start: %s" % str(error)[:200]})
        return
    with server:
        try:
            trial, refused, fatal = attempt(server, base, head, request["hints"])
        except SqlError as error:
            channel.send(failed("base", base, error))
            return
        if fatal is not None:
            on_rows = fatal.state == NOT_NULL and not trial.fails_without_rows()
            channel.send(dict(failed("head", head, fatal), certain=on_rows))
            _send_rows(trial, channel)
            return
        for refusal in refused:
            channel.send(dict(failed("head", head, refusal), type="refused"))
        for loss in trial.losses():
            channel.send(loss)
        _send_rows(trial, channel)
        counts = trial.counts
        channel.send(
            {
                "type": "compared",
                "filled": {name: count for name, count in counts.items() if count},
                "empty": sorted(name for name, count in counts.items() if not count),
                "rewritten": trial.rewritten(),
            }
        )


def failed(side: str, steps_: Sequence[Step], error: SqlError) -> Dict[str, Any]:
    """A refusal as the outside decodes it."""
    script, line, statement = steps_[min(max(error.index, 0), len(steps_) - 1)] if steps_ else ("", 1, "")
    return {
        "type": "failed",
        "side": side,
        "script": script,
        "line": line,
        "statement": " ".join(statement.split())[:300],
        "error": str(error)[:500],
        "integrity": error.state.startswith(INTEGRITY),
    }


def _send_rows(trial: Trial, channel: Any) -> None:
    for number, statement in enumerate(trial.insert_statements()):
        if number < MAX_ROWS:
            channel.send({"type": "row", "sql": statement[:20_000]})
