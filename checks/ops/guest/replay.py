"""Entry of the search: every scenario of one script on this side's tree, and what its calls would destroy."""

import os
import time
from typing import Any, Dict

from .effects import Judge, shown
from .parse import commands
from .runner import SECONDS, SECONDS_AFTER_HANGS, run
from .stage import Stage, words_of

MAX_SHOWN = 60
MAX_TEXT = 400_000


def main(request: Dict[str, Any], channel: Any) -> None:
    """Send ``ran`` a scenario, ``written`` for what the script's text names, then ``replayed``."""
    stage, judge = prepared(request)
    end = time.monotonic() + request["seconds"]
    left = hangs = 0
    for scenario in request["scenarios"]:
        if time.monotonic() > end:
            left += 1
            continue
        calls, ended = run(stage, scenario, SECONDS if hangs < 2 else SECONDS_AFTER_HANGS)
        hangs += ended.startswith("stopped")
        effects = {effect["key"]: effect for call in calls for effect in judge.of_call(call)}
        channel.send({
            "type": "ran", "scenario": scenario["name"], "ended": ended, "effects": list(effects.values())[:100],
            "calls": [shown(call) for call in calls][:MAX_SHOWN],
        })  # fmt: skip
    _send_written(request, judge, channel)
    channel.send({"type": "replayed", "left": left})


def prepared(request: Dict[str, Any]) -> Any:
    """(stage, judge) for a request. ``tree`` is /tree except where a person runs it by hand."""
    table = dict(request["table"])
    listed = [table[name] for name in ("recorded", "local", "interpreters", "wrappers", "instant", "sql")]
    named = [tool["names"] for tool in table["tool"].values()]
    table["tools"] = sorted({"mongosh", "mongo"}.union(*listed, *named))
    tree = request.get("tree", "/tree")
    stage = Stage(tree, table, request["answers"], request.get("place", "/tmp/replay"))
    text = ""
    for path in request["texts"]:
        full = os.path.join(tree, path)
        if os.path.isfile(full) and not os.path.islink(full):
            with open(full, encoding="utf-8", errors="replace") as stream:
                text += stream.read(MAX_TEXT)
    stage.prepare(words_of(text))
    return stage, Judge(table)


def _send_written(request: Dict[str, Any], judge: Judge, channel: Any) -> None:
    """Destructive commands that stand in the script, whether a run reached them or not."""
    path = os.path.join(request.get("tree", "/tree"), request["script"])
    if not request["shell"] or not os.path.isfile(path) or os.path.islink(path):
        return
    with open(path, encoding="utf-8", errors="replace") as stream:
        text = stream.read(MAX_TEXT)
    for line, argv in commands(text):
        call = {"tool": argv[0], "argv": argv[1:], "stdin": "", "files": {}, "cwd": "/tmp/replay/work"}
        for effect in judge.of_call(call):
            channel.send({"type": "written", "line": line, "effect": effect})
