"""Starts the tested process, reads its signed lines, and goes on where it died.

This process never runs code of the change, is unreadable to it, and owns the channel.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import guestlib.roots

from .pipe import Decoder

roots: Any = guestlib.roots
CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child.py")
MAX_ROUNDS = 6
MAX_TAIL = 8_000
GRACE_SECONDS = 5.0
SETTLE_SECONDS = 1.0


class Supervisor:
    """Runs rounds of the tests until each has ended, crashed or run out of time."""

    def __init__(self, tree: str, request: dict[str, Any]) -> None:
        self._tree = tree
        self._request = request
        self._deadline = time.monotonic() + float(request.get("seconds", 120))
        self._test_seconds = float(request.get("test_seconds", 30))
        self._addopts = list(request.get("addopts") or [[]])
        self.tests: dict[str, dict[str, Any]] = {}
        self.kept: list[str] = []
        self.seen: list[str] = []
        self.collect_errors: list[dict[str, Any]] = []
        self.collect_skips: list[dict[str, Any]] = []
        self.crashed_files: list[str] = []
        self.finish: dict[str, Any] | None = None
        self.forged = 0
        self.timed_out = False
        self.unfinished_rounds = 0
        self.struck = False
        self.exit_overridden = False
        self.last = ""
        self.tail = ""

    def run(self) -> None:
        """Run rounds; a round after a crash leaves out what has been run."""
        for _ in range(MAX_ROUNDS):
            current = _Round(self)
            current.run()
            if current.finished and not current.usage_error:
                return
            if current.usage_error and len(self._addopts) > 1:
                self._addopts.pop(0)
                continue
            if current.usage_error or not current.progress or time.monotonic() > self._deadline:
                return

    def facts(self) -> dict[str, Any]:
        """What is known of the run as a whole."""
        finish = self.finish or {}
        return {
            "finished": self.finish is not None,
            "status": finish.get("status"),
            "escaped": finish.get("escaped", ""),
            "replaced": finish.get("replaced", []),
            "hooks": finish.get("hooks", []),
            "foreign": finish.get("foreign", []),
            "forged": self.forged,
            "timed_out": self.timed_out,
            "unfinished_rounds": self.unfinished_rounds,
            "exit_overridden": self.exit_overridden,
            "crashed_files": self.crashed_files[:50],
            "collect_errors": self.collect_errors[:200],
            "collect_skips": self.collect_skips[:200],
            "last": self.last,
            "addopts": self._addopts[0],
            "tail": self.tail[-MAX_TAIL:],
        }

    # -- what a round needs of its supervisor ----------------------------------

    def options(self, descriptor: int, key: bytes, status: int) -> dict[str, Any]:
        """The options of the next tested process."""
        request = self._request
        return {
            "tree": self._tree,
            "descriptor": descriptor,
            "key": key.hex(),
            "status": status,
            "addopts": self._addopts[0],
            "paths": request.get("paths", []),
            "only": request.get("only"),
            "canaries": sorted(request.get("canaries", {})),
            "done": sorted(self.tests),
            "ignore": [os.path.join(self._tree, path) for path in self.crashed_files],
            "explain": request.get("explain", False),
            "record": request.get("record", False),
            "lenient": request.get("lenient", []),
        }

    def environment(self) -> dict[str, str]:
        """A fixed environment; processes that tests start import the tree as well."""
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
            if name in os.environ
        }
        path = [*roots.import_roots(self._tree), roots.SUPPORT]
        fixed = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        return {**kept, **fixed, "PYTHONPATH": os.pathsep.join(path)}

    def limits(self, since: float, running: bool) -> float:
        """Seconds until the round, or its running test, must have ended."""
        left = self._deadline - time.monotonic()
        return min(left, since + self._test_seconds - time.monotonic()) if running else left


class _Round:
    """One tested process."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._all = supervisor
        self._running = ""
        self._collecting = ""
        self._since = time.monotonic()
        self._tail = b""
        self._timed_out = False
        self._struck = False
        self.finished = False
        self.usage_error = False
        self.progress = False

    def run(self) -> None:
        reading, writing = os.pipe()
        key = secrets.token_bytes(32)
        status = 64 + secrets.randbelow(40)
        command = [sys.executable, "-I", "-B", CHILD]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            pass_fds=(writing,), env=self._all.environment(), start_new_session=True,
        )  # fmt: skip
        options = json.dumps(self._all.options(writing, key, status)).encode()
        os.close(writing)
        threading.Thread(target=self._drain, args=(process.stdout,), daemon=True).start()
        decoder = Decoder(key)
        try:
            assert process.stdin is not None
            process.stdin.write(options)
            process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self._listen(reading, decoder, process)
        finally:
            self._end(process, status)
            self._take(decoder.feed(_rest(reading)))
            os.close(reading)
        self._all.forged += decoder.forged
        self._judge()

    def _drain(self, stream: Any) -> None:
        """Read what the tests print, keep the end of it."""
        while True:
            data = stream.read1(65536)
            if not data:
                return
            self._tail = (self._tail + data)[-MAX_TAIL:]

    def _listen(self, reading: int, decoder: Decoder, process: subprocess.Popen[bytes]) -> None:
        """Take messages until the process says or shows that it has ended, or time is up."""
        while not self.finished:
            left = self._all.limits(self._since, bool(self._running or self._collecting))
            if left <= 0:
                self._timed_out = True
                return
            ready, _, _ = select.select([reading], [], [], min(left, 0.2))
            if ready:
                data = os.read(reading, 1 << 16)
                if not data:
                    return
                self._take(decoder.feed(data))
            elif process.poll() is not None:
                return

    def _end(self, process: subprocess.Popen[bytes], status: int) -> None:
        if self.finished:
            try:
                ended = process.wait(GRACE_SECONDS)
                # A handler of the change that ends the process with a status of its own choice.
                self._all.exit_overridden |= ended != status
            except subprocess.TimeoutExpired:
                pass
        elif not self._timed_out:
            try:
                self._struck = process.wait(SETTLE_SECONDS) == -signal.SIGKILL
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def _take(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            kind = message.pop("kind")
            getattr(self, "_on_" + kind)(message)

    def _on_collecting(self, message: dict[str, Any]) -> None:
        self._collecting = message["id"]
        self._since = time.monotonic()

    def _on_collect_error(self, message: dict[str, Any]) -> None:
        self._all.collect_errors.append(message)

    def _on_collect_skip(self, message: dict[str, Any]) -> None:
        self._all.collect_skips.append(message)

    def _on_collected(self, message: dict[str, Any]) -> None:
        for ours, theirs in ((self._all.kept, message["kept"]), (self._all.seen, message["seen"])):
            known = set(ours)
            ours.extend(nodeid for nodeid in theirs if nodeid not in known)

    def _on_collection_end(self, message: dict[str, Any]) -> None:
        """Also sent when the collection broke off, so that it ends nothing here."""

    def _on_start(self, message: dict[str, Any]) -> None:
        self._running = self._all.last = message["id"]
        self._since = time.monotonic()

    def _on_test(self, message: dict[str, Any]) -> None:
        self._running = ""
        self.progress = True
        self._all.tests[message["id"]] = message

    def _on_session_end(self, message: dict[str, Any]) -> None:
        self._running = ""

    def _on_finish(self, message: dict[str, Any]) -> None:
        self.finished = True
        self.usage_error = message["status"] == 4 and not self._all.tests
        self._all.finish = message
        # sys.exit or pytest.exit at import or in a test ends pytest itself: go on without the file.
        if (message["escaped"] or message["status"] in (2, 3)) and (self._collecting or self._running):
            self.finished = False

    def _judge(self) -> None:
        """Put down what the process was at when it did not finish."""
        self._all.tail = self._tail.decode("utf-8", "replace")
        self._all.timed_out |= self._timed_out
        if self.finished:
            return
        if self._struck and not self._all.struck:
            # Something else killed it, such as a machine short of memory: of the code that says nothing yet.
            self._all.struck = self.progress = True
            return
        self._all.unfinished_rounds += 1
        if self._running:
            ended = "timed out" if self._timed_out else "crashed"
            empty: dict[str, Any] = {"calls": 0, "raw": None, "infos": {}, "reports": {}, "recorded": [],
                                     "unawaited": []}  # fmt: skip
            self._all.tests[self._running] = {"id": self._running, "ended": ended, "seconds": 0.0, **empty}
            self.progress = True
        elif self._collecting and self._collecting not in self._all.crashed_files:
            self._all.crashed_files.append(self._collecting)
            self.progress = True


def _rest(reading: int) -> bytes:
    """What is left in the pipe after everything that could write is dead."""
    os.set_blocking(reading, False)
    data = b""
    while True:
        try:
            part = os.read(reading, 1 << 16)
        except BlockingIOError:
            return data
        if not part:
            return data
        data += part
