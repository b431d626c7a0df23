"""Replays a call in place whose outcome has no plain form, and sends a verdict."""

from __future__ import annotations

import json
import os
import tempfile
import typing

from guestlib.channel import Channel

from ..process import python

TREE = "/tree"
COMPARED = ("kind", "mutated", "printed")


def main(request: dict[str, typing.Any], channel: Channel) -> None:
    """``request``: ``plan`` (one planned call), ``step`` and ``pinned`` (base's outcome at that step)."""
    folder = tempfile.mkdtemp()
    plan, out = os.path.join(folder, "plan.json"), os.path.join(folder, "out.json")
    seconds = float(request["seconds"])
    job = {"mode": "act", "plan": [request["plan"]], "seconds": seconds, "known": request.get("known")}
    with open(plan, "w", encoding="ascii") as stream:
        json.dump(job, stream)
    process = python(["pack.inplace.runner", request.get("tree") or TREE, plan, out], hash_seed=0)
    process.wait(seconds * 3)
    try:
        with open(out, "rb") as stream_back:
            outcomes = json.load(stream_back)["answers"][0]["outcomes"]
        outcome = outcomes[request["step"]]
        observed = str(outcome["kind"])
    except (OSError, ValueError, LookupError, TypeError):
        return  # the call was not met: no verdict
    if observed.startswith("unmade"):
        return
    passed = agrees(request["pinned"], outcome)
    channel.send({"type": "verdict", "passed": passed, "observed": observed[:300]})


def agrees(pinned: dict[str, typing.Any], outcome: dict[str, typing.Any]) -> bool:
    """Whether an outcome is the pinned one, as a caller sees it."""
    same = all(pinned.get(name) == outcome.get(name) for name in COMPARED)
    return same and pinned.get("loose", pinned.get("text")) == outcome.get("loose", outcome.get("text"))
