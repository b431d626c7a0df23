"""One action in a forked child: it has everything live that this process has, and ends afterwards.

The child is a process group of its own with a limit of CPU time; it answers with one JSON
object over a pipe, and is killed with whatever it started.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time
import typing

ANSWER_BYTES = 100_000

Answer = typing.Dict[str, typing.Any]


def answer_of(
    action: typing.Callable[[int], Answer], wall_seconds: float, cpu_seconds: int, size: int = ANSWER_BYTES
) -> Answer | None:
    """What ``action`` returned in a forked child; None when the child ended without an answer.

    The action is told the descriptor over which its answer will go.
    ``{"late": true}`` when it was killed at the wall limit. A process that the child started
    may hold the pipe open for longer, so a whole object ends the reading.
    """
    reading, writing = os.pipe()
    _flush()
    process = os.fork()
    if process == 0:
        os.close(reading)
        try:
            _confine(cpu_seconds)
            data = json.dumps(action(writing)).encode()
            if len(data) <= size:
                _write(writing, data)
        finally:
            os._exit(0)
    os.close(writing)
    try:
        return _decoded(*_read(reading, time.monotonic() + wall_seconds, size))
    finally:
        os.close(reading)
        _end(process)


def _flush() -> None:
    """What is buffered belongs to this process alone."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue  # closed or replaced by the code under test


def _confine(cpu_seconds: int) -> None:
    os.setpgid(0, 0)
    used = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + cpu_seconds, used + cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGALRM, signal.SIGXCPU, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _read(descriptor: int, deadline: float, size: int) -> tuple[bytes, bool]:
    """All that the child writes until it closes the pipe or the time is over, and whether it was."""
    data = b""
    while len(data) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return data, True
        chunk = os.read(descriptor, 65536)
        if not chunk:
            break
        data += chunk
        if data.endswith(b"}") and _decoded(data, False) is not None:
            break
    return data, False


def _decoded(data: bytes, late: bool) -> Answer | None:
    try:
        answer = json.loads(data)
    except ValueError:
        return {"late": True} if late else None
    return answer if isinstance(answer, dict) else None


def _end(process: int) -> None:
    try:
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.waitpid(process, 0)
