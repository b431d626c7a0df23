"""Entry: what head's plan does to base's infrastructure, one message a resource."""

import json
import os
from typing import Any, Dict

from .binary import TerraformError
from .replaying import Replay
from .summary import changes, redacted


def main(request: Dict[str, Any], channel: Any) -> None:
    """Send ``change`` messages, then ``planned``; or ``failed`` with the side and the stage."""
    side = "base"
    replay = Replay(request)
    try:
        replay.start_providers()
        last = replay.replay_base()
        side = "head"
        head = replay.replay_head()
    except TerraformError as error:
        channel.send({"type": "failed", "side": side, "stage": error.stage, "error": str(error)[:4000]})
        return
    finally:
        replay.close()
    found = changes(replay, head.plan, head.blocked)
    for change in found:
        channel.send(change)
    folder = (request.get("paths") or {}).get("out", "/out")
    _write(os.path.join(folder, "state.json"), redacted(replay.state))
    _write(os.path.join(folder, "base-on-base.json"), changes(replay, last, set()))
    _write(os.path.join(folder, "head-on-base.json"), found)
    channel.send({
        "type": "planned",
        "rounds": replay.rounds,
        "resources": sum(len(r["instances"]) for r in replay.state["resources"]),
        "residual": sorted(replay.residual),
        "notes": replay.notes,
        "terraform": str(head.plan.get("terraform_version", "")),
    })  # fmt: skip


def _write(path: str, value: Any) -> None:
    with open(path, "w") as stream:
        json.dump(value, stream, indent=1, sort_keys=True)
