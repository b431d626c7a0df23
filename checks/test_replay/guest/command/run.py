"""Entry: runs the project's own test command and reads what it reports.

Request: ``overlay`` (see assemble.py), ``command`` (for ``sh -c``), ``format`` (``auto``,
``junit`` or ``tap``), ``report`` (a pattern of files below the tree, or null: standard
output), ``seconds`` and, for a proof, ``verdict`` with the ``ids`` that must pass.
"""

from __future__ import annotations

import glob
import os
import signal
import subprocess
import tempfile
import time
from typing import Any

from .. import assemble
from . import junit, tap

TREE = "/tree"
INPUTS = "/in"
MAX_OUTPUT = 16 << 20
MAX_FILES = 500
MAX_TESTS = 30_000
CHUNK = 200
PASSED = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")


def main(request: dict[str, Any], channel: Any) -> None:
    """Assemble the tree, run the command, send the results."""
    tree = request.get("tree", TREE)
    assemble.assemble(tree, request.get("inputs", INPUTS), request["side"], request.get("overlay", {}))
    for path in reports(tree, request):  # a report that came with the tree is none
        os.unlink(path)
    status, timed_out, output, tail = execute(tree, request)
    tests, problem = ([], "") if timed_out else results(tree, request, output)
    if timed_out:
        problem = (
            "the command did not end in time" if len(output) < MAX_OUTPUT else "the command printed too much"
        )
    elif not tests and (not problem or not output.strip()):
        problem = "the command reported no test"
    tests = unique(tests)[:MAX_TESTS]
    if "verdict" in request:
        channel.send({"type": "verdict", **verdict(tests, problem, request["verdict"]["ids"])})
        return
    for start in range(0, len(tests), CHUNK):
        channel.send({"type": "tests", "tests": tests[start : start + CHUNK]})
    channel.send({"type": "run", "status": status, "problem": problem, "timed_out": timed_out, "tail": tail})


def reports(tree: str, request: dict[str, Any]) -> list[str]:
    """The report files that stand in the tree; links that leave it are left out."""
    if not request.get("report"):
        return []
    found = glob.glob(os.path.join(glob.escape(tree), request["report"]), recursive=True)
    return sorted(path for path in found if os.path.isfile(path) and assemble.inside(tree, path))[:MAX_FILES]


def execute(tree: str, request: dict[str, Any]) -> tuple[int | None, bool, str, str]:
    """(status, whether time ran out, standard output, end of what it said on standard error)."""
    environment = {name: os.environ[name] for name in PASSED if name in os.environ}
    environment.update({"CI": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"})
    deadline = time.monotonic() + float(request["seconds"])
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            ["sh", "-c", request["command"]], cwd=tree, env=environment, stdin=subprocess.DEVNULL,
            stdout=said, stderr=errors, start_new_session=True,
        )  # fmt: skip
        status: int | None = None
        while status is None and time.monotonic() < deadline and os.fstat(said.fileno()).st_size < MAX_OUTPUT:
            try:
                status = process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        said.seek(0)
        output = said.read(MAX_OUTPUT).decode("utf-8", "replace")
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - 2000))
        return status, status is None, output, errors.read(2000).decode("utf-8", "replace")


def results(tree: str, request: dict[str, Any], output: str) -> tuple[list[dict[str, Any]], str]:
    """The tests that the command reported, and what is wrong with the report."""
    if not request.get("report"):
        return read(output, request["format"])
    tests: list[dict[str, Any]] = []
    files = reports(tree, request)
    if not files:
        return [], "the command wrote no report at %s" % request["report"]
    for path in files:
        if os.path.getsize(path) > MAX_OUTPUT:
            return tests, "a report file is too long"
        with open(path, encoding="utf-8", errors="replace") as stream:
            found, problem = read(stream.read(), request["format"])
        tests += found
        if problem:
            return tests, problem
    return tests, ""


def read(text: str, kind: str) -> tuple[list[dict[str, Any]], str]:
    """Tests in a text, by its format."""
    if kind == "auto":
        kind = "junit" if text.lstrip().startswith("<") else "tap"
    return junit.parse(text.strip()) if kind == "junit" else tap.parse(text)


def unique(tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tests of one name numbered in their order."""
    counts: dict[str, int] = {}
    for test in tests:
        name = test["id"][:400]
        counts[name] = counts.get(name, 0) + 1
        test["id"] = name if counts[name] == 1 else "%s #%d" % (name, counts[name])
    return tests


def verdict(tests: list[dict[str, Any]], problem: str, wanted: list[str]) -> dict[str, Any]:
    """Whether all wanted tests passed, and how they ended."""
    by_id = {test["id"]: test for test in tests}
    texts = []
    for name in wanted:
        test = by_id.get(name)
        if test is None:
            texts.append("%s was not run%s" % (name, ": " + problem if problem else ""))
        elif test["outcome"] != "passed":
            texts.append("%s %s%s" % (name, test["outcome"], ": " + test["text"] if test["text"] else ""))
    return {"passed": not texts, "observed": "; ".join(texts)[:1500] or "passed"}
