"""Entry: runs a side's code under the hook and sends what it does, or one verdict about one event.

Request: ``modules`` (dotted names to import), ``tests`` (null: none, []: all, else ids), ``seconds``,
``overlay`` (folder of the other tree whose tests take the place of this one's), ``verdict`` (kind and
what of an event that must not happen), ``tree``.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import Any, Dict, List

from .hook import is_test
from .watching import import_modules, run_tests

TREE = "/tree"
MAX_FILES = 5_000
CHUNK = 50
SKIPPED = {".git", "node_modules", ".venv", "venv", "__pycache__"}


def main(request: Dict[str, Any], channel: Any) -> None:
    """Import, run tests, send ``events`` and ``facts``; with ``verdict`` only the verdict."""
    tree = str(request.get("tree", TREE))
    if request.get("overlay") and request["side"] == "base":
        overlay(str(request["overlay"]), tree)
    deadline = time.monotonic() + float(request["seconds"])
    lines: List[Dict[str, Any]] = []
    if request["modules"]:
        lines += import_modules(tree, request["modules"], min(30.0, float(request["seconds"])))
    if request["tests"] is not None:
        lines += run_tests(tree, request["tests"], deadline - time.monotonic())
    events = [line for line in lines if line.get("kind") not in ("ran", "finished", "imported")]
    if request.get("verdict"):
        _verdict(request, lines, events, channel)
        return
    for start in range(0, len(events), CHUNK):
        channel.send({"type": "events", "events": events[start : start + CHUNK]})
    channel.send({"type": "facts", **_facts(lines)})


def _facts(lines: List[Dict[str, Any]]) -> Dict[str, Any]:
    return {
        "passed": [line["test"] for line in lines if line.get("kind") == "ran" and line.get("ok") is True][
            :5000
        ],
        "imported": [
            line["module"] for line in lines if line.get("kind") == "imported" and line.get("ok") is True
        ],
        "finished": any(line.get("kind") == "finished" for line in lines),
    }


def _verdict(
    request: Dict[str, Any], lines: List[Dict[str, Any]], events: List[Dict[str, Any]], channel: Any
) -> None:
    """One verdict; none at all when the run did not come to its end, so that nothing is concluded."""
    wanted = request["verdict"]
    happened = [
        one for one in events if (one.get("kind"), one.get("what")) == (wanted["kind"], wanted["what"])
    ]
    ended = any(line.get("kind") in ("finished", "imported") for line in lines)
    if not happened and not ended:
        return
    observed = str(happened[0].get("text")) if happened else "nothing of the kind"
    channel.send({"type": "verdict", "passed": not happened, "observed": observed[:300]})


def overlay(source: str, tree: str) -> None:
    """Copy the other tree's tests over this one's."""
    count = 0
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), source)
            if count >= MAX_FILES or not is_test(path.replace(os.sep, "/")):
                continue
            origin, target = os.path.join(source, path), os.path.join(tree, path)
            if os.path.islink(origin) or os.path.islink(os.path.dirname(target)):
                continue
            count += 1
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if os.path.lexists(target):
                os.unlink(target)
            shutil.copyfile(origin, target)
