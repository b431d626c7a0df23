"""Entry: runs the tests of one side on the code of one side and reports each test.

Request: ``overlay`` (see assemble.py), ``canaries`` (path to text), ``addopts`` (lists to try
in turn; ``addopts_by`` has them by side), ``paths``, ``only`` (node ids or null), ``seconds``
(for all), ``test_seconds`` (for one test), ``explain``, ``record``, ``instead``
(other texts of files) and, for a proof, ``verdict`` (see verdict.py).
"""

from __future__ import annotations

from typing import Any

from . import assemble
from .supervisor import Supervisor
from .verdict import summary, verdict

TREE = "/tree"
CHUNK = 200


def main(request: dict[str, Any], channel: Any) -> None:
    """Assemble the tree, run the tests, send the results."""
    tree = request.get("tree", TREE)
    assemble.assemble(
        tree, request.get("inputs", assemble.INPUTS), request["side"], request.get("overlay", {})
    )
    assemble.write_files(tree, request.get("canaries", {}))
    assemble.overwrite(tree, request.get("instead", {}))
    if request["side"] in request.get("addopts_by", {}):
        request["addopts"] = request["addopts_by"][request["side"]]
    supervisor = Supervisor(tree, request)
    supervisor.run()
    if "verdict" in request:
        channel.send({"type": "verdict", **verdict(supervisor, request["verdict"])})
        return
    tests = [summary(test) for test in supervisor.tests.values()]
    for start in range(0, len(tests), CHUNK):
        channel.send({"type": "tests", "tests": tests[start : start + CHUNK]})
    for start in range(0, max(len(supervisor.kept), len(supervisor.seen)), CHUNK):
        part = slice(start, start + CHUNK)
        channel.send({"type": "collected", "kept": supervisor.kept[part], "seen": supervisor.seen[part]})
    channel.send({"type": "run", **supervisor.facts()})
    if supervisor.timed_out:
        raise SystemExit("the tests did not end in time")  # no closing message: another run may end
