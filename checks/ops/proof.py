"""The executed proof of one call, and how a person sees both transcripts in a sandbox."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from harness.check.interface import Probe, ProofPlan, Side

from .drafts import transcripts
from .judging import Verdict
from .runs import Runs
from .scenarios import Scenario
from .scripts import Script

SCRIPT = """\
#!/bin/sh
# Shows which commands the script calls: sh show.sh TREE, with a checkout of base or of head.
# The script runs in a sandbox, under stand-ins that record calls and do nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R "${1:?usage: sh show.sh TREE}/." "$copy"
mkdir "$copy/.command-replay"
cp -R "$here/replay" "$here/request.json" "$here/show.py" "$copy/.command-replay/"
harness sandbox run --tree "$copy" -- python3 .command-replay/show.py
"""
SHOW = '''\
"""Runs the scenario of request.json inside the sandbox and prints the calls."""

import json
import pathlib
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here))
request = json.loads((here / "request.json").read_text())
from replay.replay import prepared
from replay.effects import shown
from replay.runner import run

stage, judge = prepared(request)
calls, ended = run(stage, request["scenario"])
for call in calls:
    print("! " if judge.of_call(call) else "  ", shown(call), sep="")
print("the script ended with", ended)
'''


def plan_for(
    verdict: Verdict, script: Script, scenario: Scenario, probe: Probe, runs: Mapping[Side, Runs], pack: Path
) -> ProofPlan:
    """The proof of a verdict. ``probe`` is one of the search, with the request of head's path."""
    side_paths = {"base": script.base or script.path, "head": script.path}
    same = side_paths["base"] == side_paths["head"]
    request: dict[str, Any] = {
        **{k: v for k, v in probe.request.items() if k not in ("scenarios", "seconds")},
        "scenario": {
            **scenario,
            "argv": [word.replace("@SCRIPT@", script.path) for word in scenario["argv"]],
        },
        "effect": verdict.effect.key,
    }
    files = {
        "show.sh": SCRIPT.encode(),
        "show.py": SHOW.encode(),
        "request.json": msgspec.json.encode(request),
    }
    files["transcripts.txt"] = transcripts(verdict, runs[Side.BASE], runs[Side.HEAD]).encode(
        "utf-8", "replace"
    )
    for path in sorted((pack / "guest").rglob("*.py")):
        files[f"replay/{path.relative_to(pack / 'guest')}"] = path.read_bytes()
    ran = runs[Side.BASE].by_name.get(verdict.scenario)
    alone = script.base is None or not same
    return ProofPlan(
        probe=replace(probe, entry="verdict.py", request=request, label=f"proof {verdict.effect.tool}"),
        input=f"{script.path} with {verdict.scenario}",
        base=None
        if alone
        else f"{len(ran.calls) if ran else 0} calls, {ran.ended if ran else ''}; none of them does it",
        head=f"called: {verdict.effect.call}",
        sides=(Side.HEAD,) if alone else (Side.BASE, Side.HEAD),
        files=files,
    )
