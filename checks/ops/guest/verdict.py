"""Entry of proofs: does this side's script issue the call in this scenario?"""

from typing import Any, Dict

from .replay import prepared
from .runner import run


def main(request: Dict[str, Any], channel: Any) -> None:
    """Passed when the script ran and nothing that it called has the effect."""
    stage, judge = prepared(request)
    calls, ended = run(stage, request["scenario"])
    found = [effect for call in calls for effect in judge.of_call(call) if effect["key"] == request["effect"]]
    observed = "%d calls, %s; none of them does it" % (len(calls), ended)
    if found:
        observed = "called: %s" % found[0]["call"]
    channel.send({"type": "verdict", "passed": not found, "observed": observed})
