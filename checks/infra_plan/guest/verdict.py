"""Entry of proofs: does this side's plan destroy the resource?"""

from typing import Any, Dict, List

from .binary import TerraformError
from .replaying import Replay
from .summary import changes

WORDS = {
    ("delete",): "would be destroyed",
    ("delete", "create"): "would be replaced (destroyed, then created empty)",
    ("create", "delete"): "would be replaced (a new one created, then this one destroyed)",
}


def main(request: Dict[str, Any], channel: Any) -> None:
    """Plan base on its own state, or head on base's state, and send the verdict on one address."""
    replay = Replay(request)
    blocked = set()
    try:
        replay.start_providers()
        plan = replay.replay_base()
        if request["side"] == "head":
            head = replay.replay_head()
            plan, blocked = head.plan, head.blocked
    except TerraformError as error:
        channel.send({"type": "error", "error": str(error)[:2000]})
        return
    finally:
        replay.close()
    destroyed = [
        c for c in changes(replay, plan, blocked) if request["address"] in (c["address"], c["previous"])
    ]
    destroyed = [c for c in destroyed if "delete" in c["actions"]]
    channel.send({
        "type": "verdict",
        "passed": not destroyed,
        "observed": _observed(request["address"], destroyed),
    })  # fmt: skip


def _observed(address: str, destroyed: List[Dict[str, Any]]) -> str:
    if not destroyed:
        return "the plan leaves %s in place" % address
    change = destroyed[0]
    text = "%s %s" % (address, WORDS.get(tuple(change["actions"]), "/".join(change["actions"])))
    for forced in change["forced"][:3]:
        text += "; %s: %s -> %s" % (forced["path"], forced["before"], forced["after"])
    return text
