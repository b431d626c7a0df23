"""Entry: what head's plan does to base's infrastructure, one message a resource."""

import os
from typing import Any, Dict

from .binary import TerraformError
from .counterfactual import Counterfactual
from .redaction import redacted, redacted_plan
from .replaying import Replay
from .summary import changes
from .values import values, write


def main(request: Dict[str, Any], channel: Any) -> None:
    """Send ``change`` and ``values`` messages, then ``planned``; or ``failed`` with the side and the stage.

    Before them ``seed``, where the request has none.
    """
    side = "base"
    replay = Replay(request)
    try:
        replay.start_providers()
        last = None
        if not request.get("seed") or not replay.take_state():
            last = replay.replay_base()
            channel.send({"type": "seed", "seed": replay.seed()})  # before any code of head is read
        side = "head"
        with replay.entered("head") as terraform:
            head = replay.replay_head(terraform)
            found = changes(head.plan, replay.known(head.blocked))
            against = Counterfactual(head.plan, found)
            harmless = against.harmless(replay, terraform)
    except TerraformError as error:
        channel.send({"type": "failed", "side": side, "stage": error.stage, "error": replay.explained(error)})
        return
    finally:
        replay.close()
    for change in found:
        change["counterfactual"] = against.how[change["address"]] if change["address"] in harmless else ""
        channel.send(change)
    for item in values(head.plan):
        channel.send(item)
    folder = (request.get("paths") or {}).get("out", "/out")
    if last is not None and not request.get("state"):
        write(os.path.join(folder, "state.json"), redacted(replay.state))
    if last is not None:
        write(os.path.join(folder, "base-on-base.json"), redacted_plan(last))
    write(os.path.join(folder, "head-on-base.json"), redacted_plan(head.plan))
    if harmless:
        write(os.path.join(folder, "counterfactual.json"), {
            "what": "head with these files added; the plan then leaves these resources in place",
            "files": against.files(), "in_place": {a: against.how[a] for a in sorted(harmless)},
        })  # fmt: skip
    channel.send({
        "type": "planned",
        "rounds": replay.rounds,
        "resources": sum(len(r.get("instances", [])) for r in replay.state.get("resources", [])),
        "residual": sorted(replay.residual),
        "notes": replay.notes,
        "terraform": str(head.plan.get("terraform_version", "")),
        **replay.stand_ins(),
    })  # fmt: skip
