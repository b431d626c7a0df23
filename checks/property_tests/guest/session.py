"""The protected process of a session: owns the channel, starts workers, ends those that hang.

It never imports the tree. Each message of the outside is answered with exactly one message.
"""

from __future__ import annotations

import json
import os
import tempfile
import typing

from guestlib.channel import Channel

from .planned import run_planned
from .process import Ended, Process, python, run

TREE = "/tree"
MAX_RECORDS = 40 << 20
CPU_LIMIT = 2.0
WALL_LIMIT = 12.0
RESTARTS = 4

Message = typing.Dict[str, typing.Any]


class Session:
    """One tree, at most one live worker."""

    def __init__(self, request: Message) -> None:
        self.tree = request.get("tree") or TREE
        self.worker: Process | None = None
        self.opening: Message = {}
        self.hash_seed = 0
        self.shapes: dict[str, set[str]] = {}
        self.raised: set[str] = set()

    def answer(self, message: Message) -> Message:
        """The reply to one message of the outside."""
        handler = getattr(self, "on_" + str(message.get("op")), None)
        if handler is None:
            return {"type": "error", "why": "unknown operation"}
        reply: Message = handler(message)
        return reply

    def on_record(self, message: Message) -> Message:
        """Run the tree's tests with the recorder, in a process of their own."""
        path = os.path.join(tempfile.mkdtemp(), "records.json")
        run(["pack.recording", self.tree, path, json.dumps(message["symbols"])], message["seconds"])
        found: Message = {"records": [], "tests": 0}
        try:
            if os.path.getsize(path) < MAX_RECORDS:
                with open(path, "rb") as stream:
                    found = json.load(stream)
        except (OSError, ValueError):
            pass
        return {"type": "recorded", "records": found.get("records", []), "tests": found.get("tests", 0)}

    def on_open(self, message: Message) -> Message:
        """Open a target in a fresh worker (another hash seed on request)."""
        self.opening = {key: value for key, value in message.items() if key not in ("op", "hash_seed")}
        self.hash_seed = int(message.get("hash_seed", 0))
        self.shapes, self.raised = {}, set()
        return self._start()

    def _start(self, again: bool = True) -> Message:
        self._stop()
        self.worker = python(["pack.worker", self.tree], hash_seed=self.hash_seed)
        try:
            self.worker.send({"do": "open", **self.opening})
            reply = self.worker.receive(CPU_LIMIT * 5, WALL_LIMIT * 2)
        except Ended as ended:
            self._stop()
            if ended.struck and again:
                return self._start(again=False)
            return {"type": "opened", "error": "the import of the module " + ended.kind}
        return {"type": "opened", **reply}

    def _stop(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker = None

    def on_generate(self, message: Message) -> Message:
        """Scenarios with their outcomes; a scenario that ends the worker has one such outcome."""
        items: list[typing.Any] = []
        reply = self._collect(
            {"do": "generate", "count": message["count"], "seconds": message["seconds"]}, items
        )
        shapes = {name: sorted(names) for name, names in self.shapes.items()}
        return {"type": "batch", "items": items, "shapes": shapes, "error": reply.get("error"),
                "raised": sorted(self.raised)}  # fmt: skip

    def on_execute(self, message: Message) -> Message:
        """Outcomes of given scenarios, in order. ``known``: what base's classes are known to have by now."""
        if "known" in message:
            self.opening["known"] = message["known"]
        batch = list(message["batch"])
        items: list[typing.Any] = []
        for _ in range(RESTARTS):
            job = {"do": "execute", "batch": batch[len(items) :], "limit": message.get("limit", 0.4),
                   "times": message.get("times", 0), "depth": message.get("depth", 0),
                   "known": message.get("known")}  # fmt: skip
            reply = self._collect(job, items)
            if len(items) >= len(batch) or "ended" not in reply:
                break
        return {"type": "results", "items": [[item[1], item[2]] for item in items]}

    def on_ways(self, message: Message) -> Message:
        """A mark for the way that each scenario takes through the tree's code."""
        items: list[typing.Any] = []
        self._collect({"do": "ways", "batch": message["batch"]}, items)
        return {"type": "ways", "ways": [item[2] for item in items]}

    def on_explain(self, message: Message) -> Message:
        """Full outcomes and source of one scenario."""
        items: list[typing.Any] = []
        reply = self._collect(
            {"do": "explain", "scenario": message["scenario"], "times": message.get("times", 0)}, items
        )
        source = items[0][3] if items and len(items[0]) > 3 else None
        outcomes = items[0][1] if items else []
        return {"type": "explained", "outcomes": outcomes, "source": source, "error": reply.get("error")}

    def on_load(self, message: Message) -> Message:
        """Import modules, each in a process of its own (see ``loading/runner``)."""
        self._stop()
        found = run_planned("pack.loading.runner", self.tree, message["job"])
        return {**found, "type": "loaded"}

    def on_met(self, message: Message) -> Message:
        """Scout the tests' calls, vary them, or make varied ones in place (see ``inplace/runner``)."""
        self._stop()
        found = run_planned(
            "pack.inplace.runner", self.tree, message["job"], int(message.get("hash_seed", 0))
        )
        return {**found, "type": "met"}

    def on_own(self, message: Message) -> Message:
        """Run the tree's Hypothesis tests (see ``own/runner``)."""
        self._stop()
        found = run_planned("pack.own.runner", self.tree, message["job"], int(message.get("hash_seed", 0)))
        return {**found, "type": "own"}

    def on_cost(self, message: Message) -> Message:
        """How the work of growing inputs grows."""
        job = {"do": "cost", "growths": message["growths"], "counting": message["counting"]}
        reply = self._collect(job, [])
        return {"type": "costs", "costs": reply.get("costs", [])}

    def _collect(self, job: Message, items: list[typing.Any]) -> Message:
        """Run a job, append ``[scenario, outcomes, fits, …]``; ends early when the worker dies."""
        if self.worker is None and "error" in self._start():
            return {"error": "no worker"}
        worker = self.worker
        if worker is None:
            return {"error": "no worker"}
        scenario = None
        running = False
        try:
            worker.send(job)
            while True:
                line = worker.receive(CPU_LIMIT, WALL_LIMIT)
                if line.get("done"):
                    return line
                if "start" in line:
                    scenario, running = line["start"], True
                elif "ran" in line:
                    items.append(
                        [
                            scenario,
                            line["ran"],
                            line.get("fits"),
                            *([line["source"]] if "source" in line else []),
                        ]
                    )
                    running = False
                elif "met" in line:  # told at once: the next scenario may end the worker
                    self.raised.update(line["raised"])
                    for name, names in line["met"].items():
                        self.shapes.setdefault(name, set()).update(names)
        except Ended as ended:
            self._stop()
            if running:
                items.append([scenario, [{"kind": ended.kind}], None])
            self.opening["salt"] = self.opening.get("salt", 0) + 1
            return {"ended": ended.kind}


def main(request: Message, channel: Channel) -> None:
    """Serve the outside until its input ends."""
    session = Session(request)
    channel.send({"type": "ready"})
    while True:
        message = channel.receive()
        if message is None or message.get("op") == "stop":
            break
        if "op" in message:  # an envelope that was delivered twice asks nothing
            channel.send(session.answer(message))
    session._stop()
