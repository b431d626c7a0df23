"""The collector: a pytest plugin that watches each test at three levels.

1. the test function itself, wrapped, so that its exception is seen before anybody can drop it;
2. the call record of pytest (``CallInfo``);
3. the report that the other plugins see and may rewrite.

The first is the truth; where a later level contradicts it, somebody rewrote a result.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import re
import time
from typing import Any, Callable, Generator

import pytest

from .failure import describe

Send = Callable[[str, "dict[str, Any]"], None]

MAX_ID = 400
MAX_UNAWAITED = 5
UNAWAITED = re.compile(r"coroutine '([\w.<>]{1,200})' was never awaited")
_clock = time.perf_counter


def short_id(nodeid: str) -> str:
    """A node id of bounded length; the same on both sides for the same test."""
    if len(nodeid) <= MAX_ID:
        return nodeid
    digest = hashlib.blake2b(nodeid.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return nodeid[: MAX_ID - 20] + "..." + digest


class Collector:
    """Sends what happens to each test, as it happens, with ``send(kind, fields)``."""

    def __init__(self, send: Send, options: dict[str, Any]) -> None:
        self._send = send
        self._tree: str = options["tree"]
        self._only = set(options["only"]) if options.get("only") is not None else None
        self._canaries = set(options.get("canaries", ()))
        self._done = set(options.get("done", ()))
        self._explain = bool(options.get("explain"))
        self._recorder: Any = options.get("recorder")
        self._going_on: Any = options.get("going_on")
        self._seen: list[str] = []
        self._collecting = ""
        self._truth: dict[str, Any] = {}
        self.config: Any = None

    # -- collection ------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: Any) -> None:
        self.config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectstart(self, collector: Any) -> None:
        if isinstance(collector, (pytest.File, pytest.Module)):
            self._collecting = short_id(collector.nodeid)
            self._send("collecting", {"id": self._collecting})

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: Any) -> None:
        if short_id(report.nodeid) == self._collecting:
            self._collecting = ""
            self._send("collecting", {"id": ""})
        if report.failed:
            text = str(getattr(report, "longrepr", ""))[-2000:]
            self._send("collect_error", {"id": short_id(report.nodeid), "text": text})
        elif report.skipped:
            self._send("collect_skip", {"id": short_id(report.nodeid), "text": str(report.longrepr)[-300:]})

    @pytest.hookimpl(tryfirst=True)
    def pytest_itemcollected(self, item: Any) -> None:
        self._seen.append(short_id(item.nodeid))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: Any) -> None:
        kept = [short_id(item.nodeid) for item in session.items]
        session.items[:] = [item for item in session.items if self._wanted(short_id(item.nodeid))]
        step = 500
        for start in range(0, max(len(kept), len(self._seen)), step):
            part = {"kept": kept[start : start + step], "seen": self._seen[start : start + step]}
            self._send("collected", part)
        self._send("collection_end", {"count": len(session.items)})

    def _wanted(self, nodeid: str) -> bool:
        if nodeid in self._done:
            return False
        if self._only is None or nodeid in self._only:
            return True
        return nodeid.partition("::")[0] in self._canaries

    # -- one test ----------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True, hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Generator[None, Any, None]:
        nodeid = short_id(item.nodeid)
        self._truth = {"id": nodeid, "calls": 0, "raw": None, "reports": {}, "infos": {}, "unawaited": []}
        self._send("start", {"id": nodeid})
        self._watch(item)
        if self._recorder is not None:
            self._recorder.begin(nodeid)
        started = _clock()
        yield
        seconds = _clock() - started
        calls = self._recorder.end() if self._recorder is not None else []
        truth = self._truth
        self._send(
            "test",
            {
                "id": nodeid,
                "seconds": round(seconds, 4),
                "calls": truth["calls"],
                "raw": truth["raw"],
                "infos": truth["infos"],
                "reports": truth["reports"],
                "recorded": calls,
                "unawaited": truth["unawaited"],
            },
        )

    def _watch(self, item: Any) -> None:
        """Wrap the test function, or what runs the item where there is no plain function."""
        function = getattr(item, "obj", None)
        plain = inspect.isfunction(function) or inspect.ismethod(function)
        if plain and not inspect.iscoroutinefunction(function) and not inspect.isasyncgenfunction(function):
            item.obj = self._wrap(self._going_on(function) if self._going_on else function, item)
        else:
            item.runtest = self._wrap(item.runtest, item)

    def _wrap(self, function: Any, item: Any) -> Any:
        truth = self._truth

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            truth["calls"] += 1
            truth["raw"] = {"outcome": "passed"}
            try:
                return function(*args, **kwargs)
            except BaseException as problem:
                truth["raw"] = describe(problem, self._tree, self._explain)
                raise

        return call

    @pytest.hookimpl(tryfirst=True, hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Generator[None, Any, None]:
        excinfo = call.excinfo
        if excinfo is not None:
            self._truth.setdefault("infos", {})[str(call.when)] = describe(excinfo.value, self._tree, False)
        yield

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        if short_id(report.nodeid) != self._truth.get("id") or report.when not in (
            "setup",
            "call",
            "teardown",
        ):
            return
        outcome = str(report.outcome)
        if hasattr(report, "wasxfail"):
            outcome = "xfailed" if outcome == "skipped" else "xpassed"
        text = str(report.longrepr)[-300:] if outcome == "skipped" else ""
        reports = self._truth["reports"]
        before = reports.get(report.when)
        # Sub-tests report several times for one phase: a failure among them stays.
        if before is None or before["outcome"] != "failed":
            reports[report.when] = {"outcome": outcome, "text": text}

    def pytest_warning_recorded(self, warning_message: Any, nodeid: str) -> None:
        """Keep what is said of coroutines that nobody awaits: name, file and line."""
        found = UNAWAITED.search(str(warning_message.message))
        kept = self._truth.get("unawaited")
        if (
            found is None
            or kept is None
            or len(kept) >= MAX_UNAWAITED
            or short_id(nodeid) != self._truth["id"]
        ):
            return
        path = str(warning_message.filename)
        inside = path.startswith(self._tree + "/")
        place = [path[len(self._tree) + 1 :], int(warning_message.lineno)] if inside else ["", 0]
        kept.append([found[1], *place])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: Any) -> None:
        self._send("session_end", {"run": session.testscollected})
