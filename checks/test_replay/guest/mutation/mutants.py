"""Takes mutants one by one: fork, swap the code, run the tests that cover it, until one fails.

The tests are collected once. A fork has everything imported already, so that a mutant costs
little more than its tests; the idea is that of fork servers in fuzzing (AFL).
"""

from __future__ import annotations

import os
import select
import signal
import time
from typing import Any

import pytest

from .swap import Swap

SLACK = 1.0
FACTOR = 6.0


class Mutating:
    """A pytest plugin that does its work in place of the loop over the tests."""

    def __init__(self, options: dict[str, Any], send: Any) -> None:
        self._options = options
        self._send = send
        self._deadline = time.monotonic() + float(options["left"])
        self._items: dict[str, Any] = {}
        self._swap: Any = None
        self._part_failed = False

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Nothing is logged here but the parts of a test, ``subTest``: pytest tells their failures so only."""
        if report.outcome == "failed":
            self._part_failed = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        self._items = {item.nodeid: item for item in session.items}
        self._swap = Swap(self._options["tree"])
        unnoticed: set[tuple[str, int]] = set()
        for job in self._options["jobs"]:
            if time.monotonic() > self._deadline:
                break
            place = (job["path"], job["line"])
            if place in unnoticed and not job.get("blank"):
                continue  # one survivor says it; more of the same line only add noise
            result = self._fork(job)
            if result == "survived" and not job.get("blank"):
                unnoticed.add(place)
            self._send("mutant", {"number": job["number"], "result": result})
        return True

    def finish(self) -> None:
        """Nothing is left to say."""

    def _fork(self, job: dict[str, Any]) -> str:
        """``survived``, ``noticed``, or ``none`` when nothing could be changed or run."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._work(job, writing)
        os.close(writing)
        limit = min(self._deadline - time.monotonic(), FACTOR * job["cost"] + SLACK)
        data = b""
        if select.select([reading], [], [], max(0.0, limit))[0]:
            data = os.read(reading, 200)
        os.close(reading)
        try:
            os.killpg(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if not data and time.monotonic() >= self._deadline:
            return "none"  # ended by our own deadline, not by the mutant
        result = data.decode("ascii", "replace").strip()
        # A process that died or hangs has noticed: the whole run would have failed.
        return result if result in ("survived", "none") else "noticed"

    def _work(self, job: dict[str, Any], writing: int) -> None:
        result = "noticed"
        try:
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            items = [self._items[nodeid] for nodeid in job["tests"] if nodeid in self._items]
            ready = len(items) == len(job["tests"]) and (job.get("blank") or self._swap.apply(job))
            result = self._run(items) if ready else "none"
        except BaseException:
            result = "noticed"
        finally:
            os.write(writing, result.encode())
            os._exit(0)

    def _run(self, items: list[Any]) -> str:
        from _pytest.runner import runtestprotocol

        for number, item in enumerate(items):
            following = items[number + 1] if number + 1 < len(items) else None
            for report in runtestprotocol(item, log=False, nextitem=following):
                if report.outcome != "passed" or self._part_failed:
                    return "noticed"
        return "survived"


def make_plugin(options: dict[str, Any], send: Any) -> Mutating:
    """The plugin; ``options["jobs"]`` are the mutants with their tests."""
    return Mutating(options, send)
