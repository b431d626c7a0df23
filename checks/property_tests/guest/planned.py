"""Runs a module of the pack in a new interpreter with a plan, and reads what it left."""

from __future__ import annotations

import json
import os
import tempfile
import typing

from .process import run

MAX_OUTPUT = 20 << 20


def run_planned(
    module: str, tree: str, plan: dict[str, typing.Any], hash_seed: int = 0
) -> dict[str, typing.Any]:
    """The JSON object that ``module.boot([tree, plan, out])`` left in ``out``; empty without one.

    The process is killed at one and a half times the plan's ``seconds`` and some for its start.
    """
    folder = tempfile.mkdtemp()
    plan_path, out = os.path.join(folder, "plan.json"), os.path.join(folder, "out.json")
    with open(plan_path, "w", encoding="ascii") as stream:
        json.dump(plan, stream)
    run([module, tree, plan_path, out], plan["seconds"] * 1.5 + 20, hash_seed)
    try:
        if os.path.getsize(out) < MAX_OUTPUT:
            with open(out, "rb") as stream_back:
                found = json.load(stream_back)
            return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        pass
    return {}
