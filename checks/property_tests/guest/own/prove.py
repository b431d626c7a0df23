"""Replays a Hypothesis test of the tree with the seed that failed, and sends a verdict."""

from __future__ import annotations

import typing

from guestlib.channel import Channel

from ..planned import run_planned

TREE = "/tree"


def main(request: dict[str, typing.Any], channel: Channel) -> None:
    """``request``: the plan of :mod:`.runner` for one test."""
    plan = {name: request[name] for name in ("files", "tests", "seeds", "examples", "seconds")}
    found = run_planned("pack.own.runner", request.get("tree") or TREE, plan)
    results = found.get("results")
    if (
        not isinstance(results, list)
        or len(results) != 1
        or results[0].get("state") not in ("passed", "failed")
    ):
        return  # the test did not run to its end: no verdict
    said = results[0]
    text = "passed" if said["state"] == "passed" else "%s: %s" % (said.get("error"), said.get("message"))
    channel.send({"type": "verdict", "passed": said["state"] == "passed", "observed": text[:500]})
