"""Entry of proofs: does the information survive this side's migrations?"""

from typing import Any, Dict

from .database import MigrationError
from .losses import attempt


def main(request: Dict[str, Any], channel: Any) -> None:
    """Base has only its own migrations, head the new ones too; the verdict is about one loss."""
    new = request["head"] if request["side"] == "head" else []
    try:
        trial = attempt(request["base"], new, request["hints"])[0]
    except MigrationError as error:
        if request["loss"]["what"] == "fails":
            channel.send({"type": "verdict", "passed": False, "observed": "refused: %s" % str(error)[:300]})
        else:
            channel.send({"type": "error", "error": str(error)[:500]})
        return
    wanted = request["loss"]
    if wanted["what"] == "fails":
        rows = sum(trial.counts.values())
        channel.send(
            {"type": "verdict", "passed": True, "observed": "every migration passes on %d row(s)" % rows}
        )
        return
    found = [
        loss for loss in trial.losses()
        if (loss["what"], loss["table"], loss["column"]) == (wanted["what"], wanted["table"], wanted["column"])
    ]  # fmt: skip
    name = ".".join(filter(None, (wanted["table"], wanted["column"])))
    observed = "%s keeps every value" % name
    if found:
        loss = found[0]
        observed = "%s: %s lost after %s line %d, for instance %s" % (
            name, loss["what"], loss["script"], loss["line"], loss["example"],
        )  # fmt: skip
    channel.send({"type": "verdict", "passed": not found, "observed": observed})
