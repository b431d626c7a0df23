"""Entry: calls functions of the tree in a process that holds no test runner.

Request: ``calls`` (``symbol``, ``args``, ``kwargs``, ``receiver`` as recorded), ``seconds``;
for a proof ``expected`` (one outcome a call): the verdict passes when all are equal.
Code that looks whether it is under test finds nothing here.
"""

from __future__ import annotations

import importlib
import os
import secrets
import select
import signal
import sys
import time
from typing import Any

from . import pipe

TREE = "/tree"
CALL_SECONDS = 1.0
MAX_TEXT = 300


def main(request: dict[str, Any], channel: Any) -> None:
    """Run the calls in a forked process and send their outcomes in order."""
    outcomes = run(request, channel)
    if "expected" in request:
        channel.send({"type": "verdict", **_verdict(request, outcomes)})
        return
    channel.send({"type": "outcomes", "outcomes": [outcomes.get(n) for n in range(len(request["calls"]))]})


def _verdict(request: dict[str, Any], outcomes: dict[int, Any]) -> dict[str, Any]:
    texts = []
    same = True
    for number, expected in enumerate(request["expected"]):
        outcome = outcomes.get(number) or {"kind": "hangs", "text": None}
        same = same and (outcome["kind"], outcome["text"]) == (expected["kind"], expected["text"])
        texts.append(outcome["text"] if outcome["kind"] == "value" else outcome["kind"])
    return {"passed": same, "observed": "; ".join(str(text) for text in texts)}


def run(request: dict[str, Any], channel: Any) -> dict[int, Any]:
    """Outcomes by the number of the call. A call that ends the process is left out."""
    deadline = time.monotonic() + float(request.get("seconds", 20))
    outcomes: dict[int, Any] = {}
    start = 0
    while start < len(request["calls"]) and time.monotonic() < deadline:
        last = _process(request, channel, start, deadline, outcomes)
        start = max(last, start) + 1
    return outcomes


def _process(
    request: dict[str, Any], channel: Any, start: int, deadline: float, outcomes: dict[int, Any]
) -> int:
    """Fork, run the calls from ``start``; the number of the last call that was begun."""
    reading, writing = os.pipe()
    key = secrets.token_bytes(32)
    child = os.fork()
    if child == 0:
        os.close(reading)
        channel.close_in_child()
        os.setsid()
        _work(request, start, pipe.make_sender(writing, key))
    os.close(writing)
    decoder = pipe.Decoder(key)
    last = start
    try:
        since = time.monotonic()
        while True:
            left = min(deadline, since + 3 * CALL_SECONDS) - time.monotonic()
            if left <= 0 or not select.select([reading], [], [], left)[0]:
                return last
            data = os.read(reading, 1 << 16)
            if not data:
                return last
            for message in decoder.feed(data):
                since = time.monotonic()
                last = message["number"]
                if message["kind"] == "outcome":
                    outcomes[last] = message["outcome"]
    finally:
        os.close(reading)
        _kill(child)


def _kill(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.waitpid(child, 0)


def _work(request: dict[str, Any], start: int, send: Any) -> None:
    """The forked process: make the calls, then end without running handlers of the tree."""
    try:
        tree = request.get("tree", TREE)
        parts = {
            name: importlib.import_module("guestlib." + name) for name in ("roots", "recipes", "outcome")
        }
        parts["roots"].install(tree)
        os.chdir(tree)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.argv = ["service"]
        for name in [name for name in os.environ if "TEST" in name.upper()]:
            del os.environ[name]
        for number in range(start, len(request["calls"])):
            send("begin", {"number": number})
            send("outcome", {"number": number, "outcome": _call(request["calls"][number], parts, tree)})
    finally:
        os._exit(0)


def _call(call: dict[str, Any], parts: dict[str, Any], tree: str) -> dict[str, Any]:
    """The outcome of one call: ``kind`` and ``text``; kind ``unbuildable`` where it cannot be made."""
    try:
        function = _function(call, parts["recipes"])
        args, kwargs = parts["recipes"].build_call(call["args"], call["kwargs"])
    except Exception as error:
        return {"kind": "unbuildable", "text": type(error).__name__}
    seen = parts["outcome"].observe(lambda: function(*args, **kwargs), seconds=CALL_SECONDS, root=tree)
    text = seen.get("loose", seen.get("text"))
    return {"kind": seen["kind"], "text": None if text is None else text[:MAX_TEXT]}


def _function(call: dict[str, Any], recipes: Any) -> Any:
    """The function of a symbol ``module.qualname``, bound to its receiver if it has one."""
    parts = call["symbol"].split(".")
    if call.get("receiver") is not None:
        return getattr(recipes.build(call["receiver"]), parts[-1])
    for size in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:size]))
        except ModuleNotFoundError:
            continue
        for name in parts[size:]:
            found = getattr(found, name)
        return found
    raise LookupError(call["symbol"])
