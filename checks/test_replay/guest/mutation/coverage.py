"""Measures which tests run which of the changed lines, with coverage.py (branches too)."""

from __future__ import annotations

import importlib
import json
import os
import tempfile
import time
from typing import Any, Generator

import pytest

# What nobody tests and nobody has to. A comment of the change that asks to be left out is not heard.
EXCLUDED = (
    r"if (typing\.)?TYPE_CHECKING:", r"if __name__ == .__main__.:", r"raise NotImplementedError",
    r"@(typing\.)?overload", r"@(abc\.)?abstractmethod", r"^\s*\.\.\.\s*$", r":\s*\.\.\.\s*$",
    r"class .*\bProtocol\b.*:",
)  # fmt: skip


class Measuring:
    """A pytest plugin: the context of each line is the test that runs it."""

    def __init__(self, options: dict[str, Any], send: Any) -> None:
        self._tree = options["tree"].rstrip("/") + "/"
        self._files = options["files"]
        self._send = send
        self._tests: dict[str, dict[str, Any]] = {}
        library: Any = importlib.import_module("coverage")
        self._coverage: Any = library.Coverage(
            data_file=None, branch=True, config_file=False, messages=False,
            include=[self._tree + path for path in self._files],
        )  # fmt: skip
        self._coverage.set_option("report:exclude_lines", list(EXCLUDED))
        self._coverage.start()

    @pytest.hookimpl(tryfirst=True, hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Generator[None, Any, None]:
        number = str(len(self._tests))
        test = {"id": item.nodeid, "passed": True, "seconds": 0.0}
        self._tests[item.nodeid] = test
        self._coverage.switch_context(number)
        begun = time.perf_counter()
        yield
        test["seconds"] = round(time.perf_counter() - begun, 4)
        self._coverage.switch_context("")

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        test = self._tests.get(report.nodeid)
        if test is not None and report.outcome != "passed":
            test["passed"] = False

    def finish(self) -> None:
        """Send the tests and, a file, the lines: statements, those not run, branches not taken."""
        self._coverage.stop()
        self._send("tests", {"tests": list(self._tests.values())})
        data = self._coverage.get_data()
        branches = self._branches()
        for path, lines in self._files.items():
            full = self._tree + path
            try:
                _, statements, _, missing, _ = self._coverage.analysis2(full)
            except Exception:  # no source, or none that this interpreter can parse
                continue
            contexts = data.contexts_by_lineno(full)
            wanted = set(lines["changed"]) | set(lines["also"])
            by_line = {
                str(line): sorted({int(name) for name in names if name})
                for line, names in contexts.items() if line in wanted
            }  # fmt: skip
            changed = set(lines["changed"])
            self._send("file", {
                "path": path,
                "statements": sorted(changed & set(statements)),
                "missing": sorted(changed & set(missing)),
                "branches": [pair for pair in branches.get(full, ()) if pair[0] in changed],
                "contexts": by_line,
            })  # fmt: skip

    def _branches(self) -> dict[str, Any]:
        """Branches that no test takes, by file: ``[line, line it would lead to]``."""
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "coverage.json")
            try:
                self._coverage.json_report(outfile=target, ignore_errors=True)
                with open(target, encoding="utf-8") as stream:
                    files = json.load(stream)["files"]
            except Exception:  # nothing measured at all
                return {}
        return {os.path.abspath(name): facts.get("missing_branches", []) for name, facts in files.items()}


def make_plugin(options: dict[str, Any], send: Any) -> Measuring:
    """The plugin, already measuring: lines run at import count as well."""
    return Measuring(options, send)
