"""Entry of proofs: which of some resources does this side's plan destroy?"""

from typing import Any, Dict, List

from .binary import TerraformError
from .counterfactual import Counterfactual
from .replaying import Replay
from .summary import changes
from .synthesis import Object

WORDS = {
    ("delete",): "would be destroyed",
    ("delete", "create"): "would be replaced (destroyed, then created empty)",
    ("create", "delete"): "would be replaced (a new one created, then this one destroyed)",
}


def main(request: Dict[str, Any], channel: Any) -> None:
    """Plan base on its own state, or head on base's state, and send a verdict on each of ``addresses``."""
    replay = Replay(request)
    addresses = request["addresses"]
    against: Dict[str, str] = {}
    try:
        replay.start_providers()
        found: List[Object] = []
        if request["side"] == "base" or not replay.take_state():
            found = changes(replay.replay_base(), replay.known())
        if request["side"] == "head":
            with replay.entered("head") as terraform:
                head = replay.replay_head(terraform)
                found = changes(head.plan, replay.known(head.blocked))
                if request.get("counterfactual") and any(_about(one, found) for one in addresses):
                    other = Counterfactual(head.plan, found)
                    harmless = other.harmless(replay, terraform)
                    against = {one: how for one, how in other.how.items() if one in harmless}
    except TerraformError as error:
        channel.send({"type": "error", "error": str(error)[:2000]})
        return
    finally:
        replay.close()
    for address in addresses:
        destroyed = _about(address, found)
        channel.send({
            "type": "verdict",
            "about": address,
            "passed": not destroyed,
            "observed": _observed(address, destroyed, against),
        })  # fmt: skip


def _about(address: str, found: List[Object]) -> List[Object]:
    return [c for c in found if address in (c["address"], c["previous"]) and "delete" in c["actions"]]


def _observed(address: str, destroyed: List[Dict[str, Any]], against: Dict[str, str]) -> str:
    if not destroyed:
        return "the plan leaves %s in place" % address
    change = destroyed[0]
    text = "%s %s" % (address, WORDS.get(tuple(change["actions"]), "/".join(change["actions"])))
    for forced in change["forced"][:3]:
        text += "; %s: %s -> %s" % (forced["path"], forced["before"], forced["after"])
    how = against.get(change["address"], "")
    return text + ("; %s the plan leaves it in place" % how if how else "")
