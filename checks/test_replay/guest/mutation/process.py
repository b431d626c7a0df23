"""One process that runs code of the change, read from outside of it until a deadline."""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

import guestlib.roots

from ..pipe import Decoder

roots: Any = guestlib.roots
CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child.py")
MAX_TAIL = 2000
PASSED = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")


class Tested:
    """Runs the child with options; ``messages`` are its signed ones, in order."""

    def __init__(self, options: dict[str, Any], deadline: float) -> None:
        self._options = options
        self._deadline = deadline
        self.messages: list[dict[str, Any]] = []
        self.timed_out = False
        self.tail = ""

    def run(self) -> None:
        """Run to the end or the deadline; nothing of it is left alive."""
        reading, writing = os.pipe()
        key = secrets.token_bytes(32)
        decoder = Decoder(key)
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-I", "-B", CHILD], stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT,
                pass_fds=(writing,), env=self._environment(), start_new_session=True,
            )  # fmt: skip
            os.close(writing)
            left = max(0.0, self._deadline - time.monotonic())
            self._give(process, {**self._options, "descriptor": writing, "key": key.hex(), "left": left})
            try:
                self._listen(reading, decoder, process)
            finally:
                _end(process)
                os.close(reading)
            said.seek(max(0, said.seek(0, os.SEEK_END) - MAX_TAIL))
            self.tail = said.read(MAX_TAIL).decode("utf-8", "replace")

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The messages of one kind."""
        return [message for message in self.messages if message.get("kind") == kind]

    def first(self, kind: str, default: dict[str, Any]) -> dict[str, Any]:
        """The first message of a kind."""
        return next(iter(self.of(kind)), default)

    @staticmethod
    def _give(process: subprocess.Popen[bytes], options: dict[str, Any]) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(options).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass

    def _listen(self, reading: int, decoder: Decoder, process: subprocess.Popen[bytes]) -> None:
        while not self.of("finish"):
            left = self._deadline - time.monotonic()
            if left <= 0:
                self.timed_out = True
                return
            if select.select([reading], [], [], min(left, 0.2))[0]:
                data = os.read(reading, 1 << 16)
                if not data:
                    return
                self.messages += decoder.feed(data)
            elif process.poll() is not None:
                return

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in PASSED if name in os.environ}
        path = [*roots.import_roots(self._options["tree"]), roots.SUPPORT]
        fixed = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
                 "COVERAGE_CORE": "ctrace", "PYTHONPATH": os.pathsep.join(path)}  # fmt: skip
        return {**kept, **fixed}


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
