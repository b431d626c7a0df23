"""The process that runs Hypothesis tests with more examples and given seeds.

Started as ``boot([tree, plan, out, …])``. The plan: ``files`` (paths below the tree), ``tests`` (ids,
or null for all of the files), ``seeds``, ``examples``, ``seconds``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import types
import typing

from guestlib import bare, roots
from guestlib.guard import captured
from guestlib.symbols import Symbols

TEST_SECONDS = 12.0
MAX_NOTE = 3000


class TooLong(BaseException):
    """Raised inside a test that uses up its time."""


class Own:
    """A pytest plugin that keeps the Hypothesis tests only and runs each with every seed."""

    def __init__(self, tree: str, plan: dict[str, typing.Any]) -> None:
        self.plan = plan
        self.symbols = Symbols(tree)
        self.end = time.monotonic() + plan["seconds"]
        self.results: list[dict[str, typing.Any]] = []

    def pytest_collection_modifyitems(self, items: list[typing.Any]) -> None:
        wanted = self.plan["tests"]
        items[:] = [
            item
            for item in items
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
            and (wanted is None or item.nodeid in wanted)
        ]

    def pytest_pyfunc_call(self, pyfuncitem: typing.Any) -> bool:
        """Run the test once a seed, until it fails or the time is over."""
        names = pyfuncitem._fixtureinfo.argnames
        arguments = {name: pyfuncitem.funcargs[name] for name in names}
        result: dict[str, typing.Any] = {
            "test": pyfuncitem.nodeid,
            "state": "passed",
            "fixtures": bool(arguments),
        }
        for seed in self.plan["seeds"]:
            if time.monotonic() > self.end:
                result["state"] = "late"
                break
            failure = self._once(pyfuncitem.obj, arguments, seed)
            if failure is not None:
                result["name"] = "" if pyfuncitem.cls is not None else pyfuncitem.obj.__name__
                result.update(failure, seed=seed)
                break
        self.results.append(result)
        return True

    def _once(
        self, test: typing.Any, arguments: dict[str, typing.Any], seed: int
    ) -> dict[str, typing.Any] | None:
        from hypothesis import reporting

        _prepare(test, seed, self.plan["examples"])
        said: list[str] = []
        reached: dict[str, None] = {}
        signal.signal(signal.SIGALRM, _expired)
        signal.setitimer(signal.ITIMER_REAL, TEST_SECONDS)
        try:
            with reporting.with_reporter(lambda text: said.append(str(text))), captured():
                test(**arguments)
        except TooLong:
            return {"state": "late"}
        except BaseException as error:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._walk(error, reached)
            notes = [*getattr(error, "__notes__", ()), *said]
            return {
                "state": "failed", "error": type(error).__name__, "message": str(error)[:500],
                "notes": [str(note)[:MAX_NOTE] for note in notes][:10], "reached": list(reached)[:40],
                "module": getattr(test, "__module__", ""),
            }  # fmt: skip
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return None

    def _walk(self, error: BaseException, reached: dict[str, None]) -> None:
        """Symbols of the tree on the error's way, innermost first."""
        frames: list[types.FrameType] = []
        trace = error.__traceback__
        while trace is not None:
            frames.append(trace.tb_frame)
            trace = trace.tb_next
        for frame in reversed(frames):
            symbol = self.symbols.of(frame.f_code)
            if symbol is not None:
                reached[symbol] = None


def _prepare(test: typing.Any, seed: int, examples: int) -> None:
    """Give a Hypothesis test another seed and more examples, whatever it was decorated with."""
    from hypothesis import HealthCheck, Phase, settings

    plain = getattr(test, "__func__", test)
    known = getattr(plain, "_hypothesis_internal_use_settings", None) or settings()
    plain._hypothesis_internal_use_settings = settings(
        known, max_examples=max(examples, known.max_examples), database=None, deadline=None, derandomize=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate, Phase.shrink),
        print_blob=False,
    )  # fmt: skip
    plain._hypothesis_internal_use_seed = seed


def _expired(number: int, frame: object) -> None:
    raise TooLong


def boot(arguments: list[str]) -> None:
    """Run the plan and leave the results in a file."""
    tree, plan_path, out_path = arguments[:3]
    with open(plan_path, encoding="utf-8") as stream:
        plan = json.load(stream)
    roots.install(tree)
    os.chdir(tree)
    own = Own(tree, plan)
    process = os.getpid()
    options = ["-q", "-o", "addopts=", "--tb=no", "--continue-on-collection-errors", "--rootdir", tree]
    for name in ("cacheprovider", "xdist", "randomly", "pytest_cov"):
        options += ["-p", "no:" + name]
    try:
        import pytest

        sys.argv = ["pytest"]
        pytest.main(
            [*options, *(os.path.join(tree, name) for name in plan["files"])], plugins=[own, *bare.plugins()]
        )
    except BaseException as error:
        print("the tests ended early:", type(error).__name__, error, file=sys.stderr)
    if os.getpid() == process:
        with open(out_path + ".part", "w", encoding="ascii") as stream:
            json.dump({"results": own.results}, stream)
        os.rename(out_path + ".part", out_path)
    os._exit(0)
