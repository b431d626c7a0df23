"""Waits for a sandbox's end, enforces time, and makes sure that everything inside is dead."""

# The stage does without pathlib: importing it would cost as much as a whole sandbox.
# ruff: noqa: PTH123

import json
import os
import select
import signal
import socket
import time
from dataclasses import dataclass, field

from . import census
from .gate import Gate
from .groups import Group

_TICK = 0.1
_DEATH_PATIENCE = 20.0


@dataclass
class Watch:
    """One running bubblewrap. Times in seconds; ``started`` on the monotonic clock."""

    pid: int
    status_pipe: int
    control: socket.socket
    wall: float
    cpu: float
    memory: int
    group: Group | None
    gate: Gate
    started: float = field(default_factory=time.monotonic)
    cpu_used: float = 0.0
    limit: str | None = None
    killed: bool = False
    wait_status: int | None = None
    _status: bytes = b""

    def run(self) -> None:
        """Return when every process of the sandbox is dead and reaped."""
        waiting = select.poll()
        handle = os.pidfd_open(self.pid)
        waiting.register(handle, select.POLLIN)
        waiting.register(self.control, select.POLLIN)
        waiting.register(self.gate, select.POLLIN)
        deadline = self.started + self.wall
        try:
            while True:
                left = deadline - time.monotonic()
                ready = {number for number, _ in waiting.poll(max(0.0, min(left, _TICK)) * 1000)}
                if self.gate.waiting and self.gate.fileno() in ready:
                    self.gate.open()
                    waiting.unregister(self.gate)
                if handle in ready:
                    break
                if self.control.fileno() in ready:
                    self.killed = True
                elif left <= 0:
                    self.limit = "wall"
                elif not self._over_a_limit():
                    continue
                break
        finally:
            os.close(handle)
        self._end_everything()

    def _over_a_limit(self) -> bool:
        """Whether all processes together used too much; sets ``limit``."""
        used = self.group.cpu_seconds() if self.group else None
        memory = 0
        if self.group is None or not self.group.counts_memory or used is None:
            init = self._inner_init()
            found = census.count(init, self.memory) if init is not None else None
            if found is not None:
                used, memory = max(used or 0.0, found.cpu), found.memory
        if used is not None and used >= self.cpu:
            self.limit = "cpu"
        elif memory > self.memory and (self.group is None or not self.group.counts_memory):
            self.limit = "memory"
        return self.limit is not None

    def _end_everything(self) -> None:
        """Kill what is left and reap it; this process adopts orphans, so nothing escapes."""
        deadline = time.monotonic() + _DEATH_PATIENCE
        while True:
            self._kill()
            if self._reap():
                break
            if time.monotonic() > deadline:
                raise TimeoutError("processes of the sandbox could not be killed")
            time.sleep(0.001)
        used = self.group.cpu_seconds() if self.group else None
        self.cpu_used = self.cpu_used if used is None else used

    def _kill(self) -> None:
        if self.wait_status is None and (self.killed or self.limit):
            first = self._inner_init()
            if first is not None:
                _signal(first)
            _signal(self.pid)
        if self.group is not None and (self.killed or self.limit or self.wait_status is not None):
            self.group.kill()
        for child in _children():
            if child != self.pid:
                _signal(child)

    def _inner_init(self) -> int | None:
        """The first process inside: killing it kills the whole process namespace."""
        children = _children_of(self.pid)
        return children[0] if children else None

    def _reap(self) -> bool:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            self.cpu_used += usage.ru_utime + usage.ru_stime
            if pid == self.pid:
                self.wait_status = status

    def exit_code(self) -> int | None:
        """The command's status as bubblewrap's monitor reports it, None when it never ran."""
        os.set_blocking(self.status_pipe, False)
        try:
            while chunk := os.read(self.status_pipe, 4096):
                self._status += chunk
        except BlockingIOError:
            pass
        for line in self._status.splitlines():
            try:
                code = json.loads(line).get("exit-code")
            except (ValueError, AttributeError):
                continue
            if isinstance(code, int):
                return code
        return None


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _children() -> list[int]:
    return _children_of(os.getpid())


def _children_of(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as stream:
            return [int(number) for number in stream.read().split()]
    except OSError:
        return []
