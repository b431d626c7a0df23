"""The process that imports modules of the tree, each in a fork of its own, and says how that went.

Started as ``boot([tree, plan, out, …])``. The plan: ``modules`` (dotted names), ``seconds``.
A fork each: what one import leaves behind must not help or harm the next, and a circle of imports
shows or hides by what is imported first.
"""

from __future__ import annotations

import json
import os
import sys
import time

from guestlib import roots
from guestlib.forked import answer_of

from .attempt import Attempt, attempt

CPU_SECONDS = 5
WALL_SECONDS = 20.0


def boot(arguments: list[str]) -> None:
    """Import all modules of the plan while there is time and write what came of each."""
    tree, plan_path, out = arguments[:3]
    with open(plan_path, encoding="ascii") as stream:
        plan = json.load(stream)
    roots.install(tree)
    os.chdir(tree)
    end = time.monotonic() + plan["seconds"]
    results = []
    for name in plan["modules"]:
        if time.monotonic() > end:
            break
        results.append(_imported(tree, name))
    with open(out, "w", encoding="utf-8") as stream_out:
        json.dump({"results": results, "version": list(sys.version_info[:2])}, stream_out)
    os._exit(0)


def _imported(tree: str, name: str) -> Attempt:
    said = _once(tree, name, "")
    if said["kind"] != "value" and said.get("variables"):
        said["with_variables"] = _once(tree, name, "1")["kind"] == "value"
    return said


def _once(tree: str, name: str, value: str) -> Attempt:
    """One import. ``value`` is given to environment variables that are not set, unless it is empty."""
    started = time.monotonic()
    said = answer_of(lambda _: attempt(tree, name, value), WALL_SECONDS, CPU_SECONDS)
    if said is None:  # killed at its limit of CPU time, or ended by itself
        said = {"kind": "hangs" if time.monotonic() - started >= CPU_SECONDS - 1 else "crashes"}
    elif said.get("late"):
        said = {"kind": "hangs"}
    return {**said, "module": name}
