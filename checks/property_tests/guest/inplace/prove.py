"""Replays a call in place whose outcome has no plain form, and sends a verdict."""

from __future__ import annotations

import typing

from guestlib.channel import Channel

from ..planned import run_planned

TREE = "/tree"
COMPARED = ("kind", "mutated", "printed")


def main(request: dict[str, typing.Any], channel: Channel) -> None:
    """``request``: ``plan`` (one planned call), ``step`` and ``pinned`` (base's outcome at that step)."""
    plan = {"mode": "act", "plan": [request["plan"]], "seconds": float(request["seconds"]),
            "known": request.get("known")}  # fmt: skip
    found = run_planned("pack.inplace.runner", request.get("tree") or TREE, plan)
    try:
        outcome = found["answers"][0]["outcomes"][request["step"]]
        observed = str(outcome["kind"])
    except (LookupError, TypeError):
        return  # the call was not met: no verdict
    if observed.startswith("unmade"):
        return
    passed = agrees(request["pinned"], outcome)
    channel.send({"type": "verdict", "passed": passed, "observed": observed[:300]})


def agrees(pinned: dict[str, typing.Any], outcome: dict[str, typing.Any]) -> bool:
    """Whether an outcome is the pinned one, as a caller sees it."""
    same = all(pinned.get(name) == outcome.get(name) for name in COMPARED)
    text = pinned.get("loose", pinned.get("text"))
    return same and (text == outcome.get("loose", outcome.get("text")) or
                     ("plain" not in pinned and outcome.get("plain") == text))  # fmt: skip
