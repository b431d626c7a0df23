"""The process that imports the tree and runs it. Everything it says is what hostile code may say."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import os
import sys
import time
import typing
import warnings

from guestlib import roots
from guestlib.canon import Shapes
from guestlib.forked import answer_of
from guestlib.guard import cap_memory, hurry, silence_logging
from guestlib.outcome import Outcome

from . import environment
from .cost.job import measure
from .explain import explain
from .explore import Explorer
from .facts import Facts
from .laws import Law
from .reach import Reach
from .target import Scenario, Target

MEMORY = 900 << 20
QUICK = 0.4
MAX_HANGS = 8
HURRIED = 0.15
SHOWN = 1500


class Worker:
    """Serves jobs, one JSON line each; answers with lines, the last of which has ``done``."""

    def __init__(self, tree: str, reading: typing.Any, writing: int) -> None:
        self.tree = tree
        self.reading = reading
        self.writing = writing
        self.shapes = Shapes()
        self.target: Target | None = None
        self.explorer: Explorer | None = None
        self.reach: Reach | None = None
        self.told = 0

    def say(self, message: dict[str, typing.Any]) -> None:
        data = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        while data:
            data = data[os.write(self.writing, data) :]

    def serve(self) -> None:
        """Answer jobs until the supervisor closes the pipe."""
        for line in self.reading:
            job = json.loads(line)
            try:
                getattr(self, "do_" + job["do"])(job)
            except BaseException as error:
                self.say({"done": True, "error": "%s: %s" % (type(error).__name__, str(error)[:300])})

    def looked_up(self, name: str) -> None:
        """Code of the tree asked for a variable of the environment that is not set."""
        if self.explorer is not None and "environ" not in self.explorer.without:
            self.explorer.variables.note(name)

    def do_open(self, job: dict[str, typing.Any]) -> None:
        """Import the target; with ``records`` also get ready to generate."""
        self.shapes = Shapes(job.get("known"))
        if "law" in job:
            self.target = Law(job["module"], job["name"], job["law"], job["inverse"], self.tree)
        elif job.get("facts"):
            self.target = Facts(job["module"], job["name"], self.tree)
        else:
            self.target = Target(job["module"], job["name"], job["kind"], job["focus"], self.tree)
        methods = self.target.methods() if self.target.kind == "class" else []
        self.reach = Reach(self.tree, job.get("aims", ()), job.get("asks", ()), job.get("beside", ()))
        if "reach" in job.get("without", ()):
            self.reach.watch = lambda call: (call(), False)  # type: ignore[method-assign]
        if "records" in job:
            self.explorer = Explorer(
                self.target,
                job["records"],
                job["literals"],
                job["notes"],
                job.get("salt", 0),
                job.get("without", ()),
                job.get("sharp", ()),
                job.get("examples", ()),
                job.get("absent", False),
                job.get("kinds", ()),
            )
        self.say(
            {
                "done": True,
                "methods": methods,
                "seeds": len(self.explorer.seeds) if self.explorer else 0,
                "parameters": self.explorer.parameters() if self.explorer else {},
            }
        )

    def do_generate(self, job: dict[str, typing.Any]) -> None:
        """Propose and run scenarios until ``count`` or ``seconds`` are used up."""
        if self.explorer is None or self.target is None:
            raise RuntimeError("no target is open")
        end = time.monotonic() + job["seconds"]
        for _ in range(job["count"]):
            scenario = self.explorer.next()
            if scenario is None or time.monotonic() > end:
                break
            self.say({"start": scenario})
            outcomes, fresh = self._reached(scenario)
            self.explorer.feed(scenario, outcomes, fresh, self.reach.near if self.reach else None)
            self.explorer.grant(scenario, self.reach.operands.taken() if self.reach else [])
            fits = self.explorer.plausible(scenario, outcomes)
            self.say({"ran": list(map(compact, outcomes)), "fits": fits})
            self._tell(self.explorer.raised)
        self.say({"done": True})

    def _tell(self, raised: set[str]) -> None:
        """What was learned of the tree's classes and of what is raised on purpose, where there is more of it."""
        known = sum(map(len, self.shapes.seen.values())) + len(self.shapes.seen) + len(raised)
        if known != self.told:
            self.told = known
            met = {name: sorted(names) for name, names in self.shapes.seen.items()}
            self.say({"met": met, "raised": sorted(raised)})

    def _reached(self, scenario: Scenario) -> tuple[list[Outcome], bool]:
        """Outcomes of a scenario and whether it ran what no scenario before had run."""
        target, reach = self.target, self.reach
        if target is None or reach is None:
            raise RuntimeError("no target is open")
        return reach.watch(lambda: target.run(scenario, QUICK, self.shapes))

    def do_execute(self, job: dict[str, typing.Any]) -> None:
        """Run given scenarios. With an explorer, also judge them. Stops after some hangs: each costs time."""
        if self.target is None:
            raise RuntimeError("no target is open")
        if job.get("known") is not None:
            self.shapes.learn(job["known"])
        hangs = 0
        for scenario in job["batch"]:
            if hangs >= MAX_HANGS:
                break
            self.say({"start": None})
            limit = job.get("limit", QUICK)
            limit = limit if not hangs else min(limit, HURRIED)
            if job.get("times"):
                outcomes = self._afresh(scenario, limit, job["times"], job.get("depth", 0))
            else:
                outcomes = self.target.run(scenario, limit, self.shapes)
            hangs += any(outcome["kind"] == "hangs" for outcome in outcomes)
            fits = self.explorer.plausible(scenario, outcomes) if self.explorer else None
            self.say({"ran": list(map(compact, outcomes)), "fits": fits})
        self.say({"done": True})

    def _afresh(self, scenario: Scenario, limit: float, times: int, depth: int = 0) -> list[Outcome]:
        """Outcomes of a scenario's last run of so many in a process that ran nothing else."""

        def run(_: typing.Any) -> dict[str, typing.Any]:
            if depth:
                sys.setrecursionlimit(len(inspect.stack(0)) + depth)
            return {"ran": self._last(scenario, limit, times)}

        answer = answer_of(run, limit * times * 4 + 2, 2)
        return (answer or {}).get("ran") or [{"kind": "hangs" if answer else "crashes"}]

    def _last(self, scenario: Scenario, limit: float, times: int) -> list[Outcome]:
        if self.target is None:
            raise RuntimeError("no target is open")
        for _ in range(times):
            outcomes = self.target.run(scenario, limit, self.shapes)
        return [shortened(item) for item in outcomes]

    def do_ways(self, job: dict[str, typing.Any]) -> None:
        """Run given scenarios and mark the way that each takes: equal for the same steps from line to line."""
        target, reach = self.target, Reach(self.tree, always=True)
        if target is None:
            raise RuntimeError("no target is open")
        for scenario in job["batch"]:
            self.say({"start": None})
            reach.now = set()
            reach.watch(functools.partial(target.run, scenario, QUICK, self.shapes))
            steps = sorted((code.co_filename, code.co_name, last, line) for code, last, line in reach.now)
            self.say({"ran": [], "fits": hashlib.sha256(repr(steps).encode()).hexdigest()[:12]})
        self.say({"done": True})

    def do_cost(self, job: dict[str, typing.Any]) -> None:
        """Measure how the work of growing inputs grows."""
        if self.target is None:
            raise RuntimeError("no target is open")
        self.say({"done": True, "costs": measure(self.target, job, self.say)})

    def do_explain(self, job: dict[str, typing.Any]) -> None:
        """Full outcomes of one scenario and the source of a test for it."""
        if self.target is None:
            raise RuntimeError("no target is open")
        scenario: Scenario = job["scenario"]
        self.say({"start": None})
        times = job.get("times", 0)
        if times:
            told = answer_of(lambda _: self._later(scenario, times), 10, 4) or {}
            self.say({"ran": self._afresh(scenario, QUICK, times), "source": told.get("source")})
            self.say({"done": True})
            return
        outcomes = self.target.run(scenario, job.get("limit", QUICK), self.shapes)
        law = self.target if isinstance(self.target, (Law, Facts)) else None
        source = law.explain(scenario) if law else explain(self.target, scenario)
        self.say({"ran": [shortened(item) for item in outcomes], "source": source})
        self.say({"done": True})

    def _later(self, scenario: Scenario, times: int) -> dict[str, typing.Any]:
        """Source and values of a scenario's last run of so many."""
        if self.target is None:
            raise RuntimeError("no target is open")
        if times > 1:
            self._last(scenario, QUICK, times - 1)
        return {"source": {**explain(self.target, scenario), "times": times}}


def compact(outcome: Outcome) -> dict[str, typing.Any]:
    """The outcome with digests in place of texts."""
    small: Outcome = {
        key: outcome[key] for key in ("kind", "group", "origin", "site", "bases", "closure") if key in outcome
    }
    for key in ("text", "loose", "plain", "mutated", "printed", "written"):
        if key in outcome and len(outcome[key]) <= 12:
            small[key] = outcome[key]
        elif key in outcome:
            small[key] = hashlib.sha256(outcome[key].encode("utf-8", "surrogatepass")).hexdigest()[:20]
    if outcome.get("origin") == "purpose":
        said = str(outcome.get("message")).encode("utf-8", "surrogatepass")
        small["said"] = hashlib.sha256(said).hexdigest()[:12]
    return small


def shortened(outcome: Outcome) -> Outcome:
    """The outcome with long texts cut, each with a digest so that the cut loses no difference."""
    return {key: _cut(value) if isinstance(value, str) else value for key, value in outcome.items()}


def _cut(text: str) -> str:
    if len(text) <= SHOWN:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return "%s… (%d characters, %s)" % (text[:SHOWN], len(text), digest)


def boot(arguments: list[str]) -> None:
    """Become the worker. ``arguments``: tree, descriptor to read from, descriptor to write to."""
    tree, reading, writing = arguments[0], int(arguments[1]), int(arguments[2])
    os.set_inheritable(reading, False)
    os.set_inheritable(writing, False)
    roots.install(tree)
    warnings.simplefilter("ignore")
    cap_memory(MEMORY)
    silence_logging()
    hurry()
    os.chdir(tree)
    try:
        worker = Worker(tree, os.fdopen(reading, "rb"), writing)
        environment.watch(worker.looked_up, tree)
        worker.serve()
    finally:
        os._exit(0)
