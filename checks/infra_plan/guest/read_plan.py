"""Entry: what a plan that was made elsewhere does, in the same messages as a replay."""

import json
from typing import Any, Dict

from .summary import Known, changes
from .synthesis import managed
from .values import values


def main(request: Dict[str, Any], channel: Any) -> None:
    """Send ``change``, ``values`` and ``planned`` messages, or ``failed``."""
    with open(request["plan"], encoding="utf-8") as stream:
        plan = json.load(stream)
    if not isinstance(plan, dict) or not isinstance(plan.get("resource_changes", []), list):
        channel.send({"type": "failed", "side": "head", "stage": "plan", "error": "it is no plan"})
        return
    for change in changes(plan, Known()):
        channel.send(change)
    for item in values(plan):
        channel.send(item)
    channel.send({
        "type": "planned", "rounds": 0, "resources": len(managed(plan)), "residual": [],
        "notes": [], "terraform": str(plan.get("terraform_version", "")),
    })  # fmt: skip
