"""Entry: which tests run the changed lines, and which defects put into them they notice.

Request: ``overlay``, ``addopts`` (as the other run.py has them), ``files`` (path to changed lines),
``mutants`` (see swap.py; ``covered_by`` lines), ``seconds`` for all of it. Two processes run
code of the change: one measures coverage, one takes the mutants, each in a fork of its own.
"""

from __future__ import annotations

import random
import time
from typing import Any

from .. import assemble
from .process import Tested

TREE = "/tree"
SHARE = 0.55
MAX_TESTS = 400
CHUNK = 200


def main(request: dict[str, Any], channel: Any) -> None:
    """Measure, then mutate; everything that is known by the deadline is sent."""
    begun = time.monotonic()
    seconds = float(request["seconds"])
    options: dict[str, Any] = {key: request.get(key) for key in ("files", "addopts")}
    tree = options["tree"] = request.get("tree", TREE)
    inputs = request.get("inputs", assemble.INPUTS)
    assemble.assemble(tree, inputs, request["side"], request.get("overlay", {}))
    measured = Tested({**options, "mode": "coverage"}, begun + seconds * SHARE)
    measured.run()
    tests = measured.first("tests", {"tests": []})["tests"]
    for start in range(0, len(tests), CHUNK):
        channel.send({"type": "tests", "tests": [test["id"] for test in tests[start : start + CHUNK]]})
    files = {message["path"]: message for message in measured.of("file")}
    for message in files.values():
        channel.send({"type": "file", **{k: v for k, v in message.items() if k != "kind"}})
    complete = bool(measured.of("finish")) and not measured.timed_out
    channel.send({"type": "measured", "complete": complete, "tail": measured.tail})
    if not complete:
        return
    jobs = plan(request["mutants"], files, tests)
    results = Tested({**options, "mode": "mutants", "jobs": jobs, "seconds": seconds}, begun + seconds)
    results.run()
    report(results, jobs, channel)


def plan(
    mutants: list[dict[str, Any]], files: dict[str, Any], tests: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Jobs, the cheapest first, so that most of them fit. Tests that fail anyway notice nothing.

    One job in between changes nothing: when it is noticed, the results mean nothing.
    """
    jobs = []
    for number, mutant in enumerate(mutants):
        contexts = files.get(mutant["path"], {}).get("contexts", {})
        covering = {n for line in mutant["covered_by"] for n in contexts.get(str(line), ())}
        chosen = sorted((n for n in covering if tests[n]["passed"]), key=lambda n: tests[n]["seconds"])
        if chosen and len(chosen) <= MAX_TESTS:
            cost = sum(tests[n]["seconds"] for n in chosen)
            ids = [tests[n]["id"] for n in chosen]
            jobs.append({**mutant, "number": number, "tests": ids, "cost": cost})
    jobs.sort(key=lambda job: (round(job["cost"], 1), not job["strong"]))
    if jobs:
        blank = {**random.choice(jobs[: max(1, len(jobs) // 2)]), "number": -1, "blank": True}
        jobs.insert(random.randrange(min(len(jobs), 10) + 1), blank)
    return jobs


def report(results: Tested, jobs: list[dict[str, Any]], channel: Any) -> None:
    """Send each result with the tests that ran, and whether the process came to its end."""
    by_number = {job["number"]: job for job in jobs}
    honest = True
    for message in results.of("mutant"):
        number = message["number"]
        if number < 0:
            honest = message["result"] == "survived"
            continue
        unnoticed = by_number[number]["tests"] if message["result"] == "survived" else []
        channel.send({"type": "mutant", "number": number, "result": message["result"], "tests": unnoticed[:50],
                      "count": len(unnoticed)})  # fmt: skip
    done = bool(results.of("finish"))
    channel.send({"type": "mutated", "honest": honest, "jobs": len(jobs) - 1 if jobs else 0, "complete": done,
                  "timed_out": results.timed_out, "tail": results.tail})  # fmt: skip
