"""Entry: the state of the infrastructure that base describes, from base's code alone."""

import os
from typing import Any, Dict

from .binary import TerraformError
from .redaction import redacted, redacted_plan
from .replaying import Replay
from .values import write


def main(request: Dict[str, Any], channel: Any) -> None:
    """Send ``seed``, empty for a state that must not be kept; or ``failed`` with the side and the stage."""
    replay = Replay(request)
    try:
        replay.start_providers()
        last = replay.replay_base()
    except TerraformError as error:
        channel.send(
            {"type": "failed", "side": "base", "stage": error.stage, "error": replay.explained(error)}
        )
        return
    finally:
        replay.close()
    channel.send({"type": "seed", "seed": replay.seed()})
    folder = (request.get("paths") or {}).get("out", "/out")
    write(os.path.join(folder, "state.json"), redacted(replay.state))
    write(os.path.join(folder, "base-on-base.json"), redacted_plan(last))
