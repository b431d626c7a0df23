"""Runs the tree's tests and the examples of its documents under the recorder; leaves what counts in a file."""

from __future__ import annotations

import collections
import json
import os
import re
import sys
import threading
import time
import typing

from guestlib import bare, roots
from guestlib.record import Recorder

from . import doctests
from .chosen import chosen, function_of, wanted

MIN_NAME = 2
TURN = 60
"""Tests of one file before those of the next one."""
ALL_OF = 64
"""Cases of one parametrised test that are all recorded; of later ones every second, fourth and so on."""
MAX_FILE = 500_000
SECONDS = 20.0
PATIENCE = 6.0
"""Seconds after the end that one test may still take before what there is is written."""


class Plugin:
    """A pytest plugin: tells the recorder which test runs. ``names`` are what the tests are wanted for."""

    def __init__(self, recorder: Recorder, names: set[str]) -> None:
        self.recorder = recorder
        self.names = names
        self.tests = 0
        self.cases: collections.Counter[str] = collections.Counter()
        self.end = time.monotonic() + SECONDS

    def pytest_collection_modifyitems(self, items: list[typing.Any]) -> None:
        """Test files that speak of the changed functions come first, in turns: there may be no time for all."""
        files: dict[str, list[typing.Any]] = {}
        for item in items:
            files.setdefault(str(item.path if hasattr(item, "path") else item.fspath), []).append(item)
        held = {place: self.names_in(place) for place in files}
        known = collections.Counter(name for names in held.values() for name in names)
        ranks = {place: -sum(1 / known[name] for name in names) for place, names in held.items()}
        order = sorted(files, key=lambda place: ranks[place])
        turns = {id(item): at // TURN for found in files.values() for at, item in enumerate(found)}
        items[:] = sorted(
            (item for place in order for item in files[place]), key=lambda item: turns[id(item)]
        )

    def names_in(self, place: str) -> set[str]:
        """Which of the names a test file holds; the name of the file itself says most."""
        try:
            with open(place, encoding="utf-8", errors="replace") as stream:
                words = set(re.findall(r"\w+", stream.read(MAX_FILE)))
        except OSError:
            return set()
        stem = os.path.splitext(os.path.basename(place))[0]
        about = {
            name for name in self.names if len(name) > MIN_NAME and name.strip("_") in stem.split("test_")[-1]
        }
        return (words & self.names) | {place + ":" + name for name in about}

    def pytest_runtest_logstart(self, nodeid: str, location: object) -> None:
        self.tests += 1
        function = function_of(nodeid)
        case = self.cases[function]
        self.cases[function] += 1
        if case % (1 << max(0, (case // ALL_OF).bit_length() - 1)) == 0:
            self.recorder.begin(nodeid)

    def pytest_runtest_logfinish(self, nodeid: str, location: object) -> None:
        self.recorder.stop()

    def pytest_runtest_teardown(self, item: typing.Any) -> None:
        if time.monotonic() > self.end:
            item.session.shouldstop = "enough was recorded"


def boot(arguments: list[str]) -> None:
    """``arguments``: tree, file to write, JSON list of symbols."""
    tree, path, symbols = arguments[0], arguments[1], json.loads(arguments[2])
    roots.install(tree)
    os.chdir(tree)
    recorder = Recorder(tree, lazy=True, files=True, wanted=lambda name: wanted(name, symbols))
    plugin = Plugin(recorder, {part for symbol in symbols for part in symbol.split(".")})
    once = threading.Lock()

    def finish() -> None:
        """Write what was recorded and end the process, also while a test does not end."""
        if once.acquire(blocking=False):
            recorder.stop()
            with open(path, "w", encoding="ascii") as stream:
                json.dump({"tests": plugin.tests, "records": chosen(list(recorder.records), symbols)}, stream)
            os._exit(0)

    late = threading.Timer(SECONDS + PATIENCE, finish)
    late.daemon = True
    late.start()
    try:
        import pytest

        sys.argv = ["pytest"]
        pytest.main(
            ["-q", "-o", "addopts=", "-p", "no:cacheprovider", "--assert=plain", tree],
            plugins=[plugin, *bare.plugins()],
        )
    except BaseException as error:
        print("recording ended early:", type(error).__name__, error, file=sys.stderr)
    try:
        plugin.tests += doctests.run(tree, symbols, recorder)
    except BaseException as error:
        print("the examples ended early:", type(error).__name__, error, file=sys.stderr)
    finish()
    late.join()  # the timer was faster and is writing
