"""Child processes that run the tree's code, watched from here."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import typing

GUEST = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAX_LINE = 4 << 20
SETTLE_SECONDS = 2.0
TICKS = os.sysconf("SC_CLK_TCK")
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); import importlib; "
    "importlib.import_module(sys.argv[2]).boot(sys.argv[3:])"
)


class Ended(Exception):  # noqa: N818 - an outcome, not an error
    """The process is gone. ``kind`` is ``hangs`` when it had to be killed, else ``crashes``.

    ``struck``: something else killed it. That says nothing of the code, unless it happens again.
    """

    def __init__(self, kind: str, struck: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.struck = struck


class Process:
    """A child with a pipe each way, speaking JSON lines."""

    def __init__(self, popen: subprocess.Popen[bytes], reading: int, writing: int) -> None:
        self.popen = popen
        self.reading = reading
        self.writing = writing
        self.buffer = b""
        self.gone = False
        self.struck = False
        """Whether it had been killed before this end asked for it: by the memory limit, or from outside."""

    def send(self, message: typing.Any) -> None:
        data = json.dumps(message).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self.writing, data) :]
        except OSError:
            self.kill(SETTLE_SECONDS)
            raise Ended("crashes", self.struck) from None

    def receive(self, cpu: float, wall: float) -> dict[str, typing.Any]:
        """The next line. Raises :class:`Ended` after killing a child that used up a limit.

        CPU time decides, because wall time says little on a loaded machine; the wall limit is
        for a child that sleeps.
        """
        started, used = time.monotonic(), self.cpu()
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.reading], [], [], 0.1)
            if ready:
                data = os.read(self.reading, 1 << 16)
                if not data or len(self.buffer) > MAX_LINE:
                    self.kill(0.0 if data else SETTLE_SECONDS)
                    raise Ended("crashes", self.struck)
                self.buffer += data
            elif self.cpu() - used > cpu or time.monotonic() - started > wall:
                self.kill()
                raise Ended("hangs")
        line, _, self.buffer = self.buffer.partition(b"\n")
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            self.kill()
            raise Ended("crashes")
        return message

    def cpu(self) -> float:
        """CPU seconds that the child has used."""
        try:
            with open("/proc/%d/stat" % self.popen.pid, "rb") as stream:
                fields = stream.read().rpartition(b")")[2].split()
            return (int(fields[11]) + int(fields[12])) / TICKS
        except (OSError, IndexError, ValueError):
            return 0.0

    def wait(self, seconds: float) -> bool:
        """Wait for the end; kill at the limit. Whether it ended by itself."""
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.kill()
        return True

    def kill(self, settle: float = 0.0) -> None:
        """Kill the child with its process group and close the pipes.

        A child that seems to be ending gets ``settle`` seconds for it, so that how it ended is known.
        """
        if self.gone:
            return
        self.gone = True
        try:
            self.struck = self.popen.wait(settle) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            self.struck = False
        for descriptor in (self.reading, self.writing):
            try:
                os.close(descriptor)
            except OSError:
                pass
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except (OSError, PermissionError):
            pass
        self.popen.kill()
        self.popen.wait()


def python(arguments: list[str], hash_seed: int) -> Process:
    """Start a module of the pack in a new interpreter: ``boot(arguments)`` of ``arguments[0]``.

    A new interpreter, not a fork: it inherits nothing of the channel, and its hash seed is its
    own. The last two arguments that ``boot`` gets are the descriptors to read and to write.
    """
    down_read, down_write = os.pipe()
    up_read, up_write = os.pipe()
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": "/tmp", "TMPDIR": "/tmp", "TZ": "UTC", "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": str(hash_seed), "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "80", "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/.hypothesis",
    }  # fmt: skip
    popen = subprocess.Popen(
        [sys.executable, "-B", "-s", "-c", BOOT, GUEST, *arguments, str(down_read), str(up_write)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=_stderr(), cwd="/tmp",
        env=environment, pass_fds=(down_read, up_write), start_new_session=True,
    )  # fmt: skip
    os.close(down_read)
    os.close(up_write)
    return Process(popen, up_read, down_write)


def run(arguments: list[str], seconds: float, hash_seed: int = 0) -> None:
    """Start a module of the pack and wait for its end; once more when something else killed it."""
    for _ in range(2):
        process = python(arguments, hash_seed)
        process.wait(seconds)
        if not process.struck:
            return


def _stderr() -> int | None:
    return None if os.environ.get("PACK_DEBUG") else subprocess.DEVNULL
