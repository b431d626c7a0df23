"""Entry: the SQL that Alembic's or Django's migrations would execute, told without a database."""

import json
import os
import signal
import subprocess
import sys
from typing import Any, Dict

SECONDS = 30
MAX_OUTPUT = 8 << 20
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from recording.child import main; main()"


def main(request: Dict[str, Any], channel: Any) -> None:
    """Send one ``script`` a file, in order. A child that never sees the channel runs the migrations."""
    here = os.path.dirname(os.path.abspath(__file__))
    command = [sys.executable, "-S", "-B", "-c", START, here, request["kind"]]
    try:
        for _ in range(2):
            done = subprocess.run(
                command, input=json.dumps(request["files"]).encode(), stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, timeout=SECONDS, check=False, cwd="/tmp",
            )  # fmt: skip
            if done.returncode != -signal.SIGKILL:
                break  # else something killed it, such as a machine short of memory: once more
        found = json.loads(done.stdout[:MAX_OUTPUT])
    except (subprocess.TimeoutExpired, ValueError, RecursionError):
        return
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict):
            channel.send({
                "type": "script", "name": str(one.get("name")), "why": str(one.get("why", "")),
                "statements": one.get("statements", []),
            })  # fmt: skip
