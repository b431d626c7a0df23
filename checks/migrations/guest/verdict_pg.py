"""Entry of proofs on PostgreSQL: does the information survive, does the migration pass on rows?"""

from typing import Any, Dict

from .pg_losses import attempt
from .pg_server import Server, binaries
from .pg_split import steps


def main(request: Dict[str, Any], channel: Any) -> None:
    """Base has only its own migrations, head the new ones too; the verdict is about one loss."""
    folder = binaries()
    if folder is None:
        channel.send({"type": "error", "error": "there is no PostgreSQL server in this sandbox"})
        return
    new = steps(request["head"]) if request["side"] == "head" else []
    wanted = request["loss"]
    with Server(folder).start() as server:
        trial, _refused, fatal = attempt(server, steps(request["base"]), new, request["hints"])
        if fatal is not None:
            passed = wanted["what"] != "fails"
            channel.send({"type": "verdict", "passed": passed, "observed": "refused: %s" % str(fatal)[:300]})
            return
        names = ("what", "table", "column")
        found = [loss for loss in trial.losses() if all(loss[name] == wanted[name] for name in names)]
    observed = "%s keeps every value" % ".".join(filter(None, (wanted["table"], wanted["column"])))
    if wanted["what"] == "fails":
        observed = "every migration passes on %d row(s)" % sum(trial.counts.values())
    if found:
        observed = "%s lost after %s line %d, for instance %s" % (
            found[0]["what"],
            found[0]["script"],
            found[0]["line"],
            found[0]["example"],
        )
    channel.send({"type": "verdict", "passed": not found, "observed": observed})
