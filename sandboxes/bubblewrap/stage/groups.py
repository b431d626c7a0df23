"""Control groups of one job: memory, processes and processor time counted together."""

# The stage does without pathlib: importing it would cost as much as a whole sandbox.
# ruff: noqa: PTH102, PTH106, PTH123

import os
import time

from .hierarchy import Parents

_PERIOD = 100_000  # microseconds


class Group:
    """The groups of one job. Raises OSError when they cannot be made; nothing is left then."""

    def __init__(self, parents: Parents, name: str, memory: int, processes: int, cpus: float) -> None:
        self.counts_memory = parents.counts_memory
        self._unified = f"{parents.unified}/{name}" if parents.unified else None
        self._by_controller = {c: f"{folder}/{name}" for c, folder in (parents.controllers or {}).items()}
        if self._unified:
            self._by_controller = {}
        self._folders = (
            [self._unified] if self._unified else list(dict.fromkeys(self._by_controller.values()))
        )
        try:
            for folder in self._folders:
                os.mkdir(folder)
            self._limit(memory, processes, cpus)
        except OSError:
            self.remove()
            raise

    def _limit(self, memory: int, processes: int, cpus: float) -> None:
        if self._unified:
            self._set(self._unified, "memory.max", memory)
            self._try(self._unified, "memory.swap.max", 0)
            self._set(self._unified, "pids.max", processes)
            self._try(self._unified, "cpu.max", f"{int(cpus * _PERIOD)} {_PERIOD}")
            return
        for controller, folder in self._by_controller.items():
            if controller == "memory":
                self._set(folder, "memory.limit_in_bytes", memory)
                self._try(folder, "memory.memsw.limit_in_bytes", memory)
                # Version 1 counts what lies in internet sockets apart, and only where it is limited.
                self._try(folder, "memory.kmem.tcp.limit_in_bytes", memory)
            elif controller == "pids":
                self._set(folder, "pids.max", processes)
            elif controller == "cpu":
                self._try(folder, "cpu.cfs_quota_us", int(cpus * _PERIOD))

    @staticmethod
    def _set(folder: str, name: str, value: object) -> None:
        descriptor = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, str(value).encode())
        finally:
            os.close(descriptor)

    @classmethod
    def _try(cls, folder: str, name: str, value: object) -> None:
        """Set what not every kernel has: swap accounting, processor quota."""
        try:
            cls._set(folder, name, value)
        except OSError:
            return

    def join(self) -> None:
        """Put this process in. Everything that it starts from now on is counted."""
        for folder in self._folders:
            self._set(folder, "cgroup.procs", 0)

    def _read(self, controller: str, name: str) -> str:
        folder = self._unified or self._by_controller.get(controller)
        if folder is None:
            return ""
        try:
            with open(f"{folder}/{name}") as stream:
                return stream.read()
        except OSError:
            return ""

    def _field(self, controller: str, name: str, key: str) -> int | None:
        for line in self._read(controller, name).splitlines():
            found, _, value = line.partition(" ")
            if found == key and value.isdigit():
                return int(value)
        return None

    def killed_for_memory(self) -> int:
        """How many processes the kernel killed because the group was out of memory."""
        if self._unified:
            return self._field("memory", "memory.events", "oom_kill") or 0
        return self._field("memory", "memory.oom_control", "oom_kill") or 0

    def cpu_seconds(self) -> float | None:
        """Processor time of all processes so far."""
        if self._unified:
            used = self._field("cpu", "cpu.stat", "usage_usec")
            return None if used is None else used / 1e6
        text = self._read("cpuacct", "cpuacct.usage").strip()
        return int(text) / 1e9 if text.isdigit() else None

    def peak_memory(self) -> int | None:
        """Highest memory use in bytes, files in memory included."""
        name = "memory.peak" if self._unified else "memory.max_usage_in_bytes"
        text = self._read("memory", name).strip()
        return int(text) if text.isdigit() else None

    def kill(self) -> None:
        """Kill every member."""
        for folder in self._folders[:1]:
            kill_members(folder)

    def remove(self) -> None:
        """Remove the groups; members must be dead. The kernel may need a moment."""
        for folder in self._folders:
            remove_folder(folder)


def kill_members(folder: str) -> None:
    """SIGKILL to every process in a group."""
    try:
        with open(f"{folder}/cgroup.procs") as stream:
            members = [int(line) for line in stream]
    except OSError:
        return
    for pid in members:
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            continue


def remove_folder(folder: str, patience: float = 2.0) -> bool:
    """Remove one group, killing what is still in it; False when it stayed."""
    end = time.monotonic() + patience
    while True:
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return True
        except OSError:
            if time.monotonic() > end:
                return False
            kill_members(folder)
            time.sleep(0.002)
        else:
            return True
