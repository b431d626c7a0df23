"""Counts memory and processor time of a sandbox's processes where no control group does.

Looks at the sandbox's own procfs through its first process. The kernel does not enforce
anything here: the stage looks several times a second and kills.
"""

import os
from dataclasses import dataclass

# ruff: noqa: PTH116, PTH123, PTH208
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_FIRST_TIME = 11  # utime, stime, cutime, cstime: fields 14 to 17 of stat, counted after the name


@dataclass(frozen=True)
class Census:
    """Processor seconds and memory bytes of all processes together."""

    cpu: float
    memory: int


def count(init: int, memory_limit: int) -> Census | None:
    """The sandbox whose first process is ``init`` (its pid outside), None before it is set up.

    Memory is exact only above ``memory_limit``: telling shared pages apart costs time, so it
    is done only when the plain sum exceeds the limit.
    """
    root = f"/proc/{init}/root"
    try:
        if os.stat(root).st_dev == os.stat("/").st_dev:
            return None
        pids = [name for name in os.listdir(f"{root}/proc") if name.isdigit()]
    except OSError:
        return None
    cpu = _cpu(f"/proc/{init}")
    resident = 0
    for pid in pids:
        cpu += _cpu(f"{root}/proc/{pid}")
        resident += _resident(f"{root}/proc/{pid}")
    if resident > memory_limit:
        resident = sum(_proportional(f"{root}/proc/{pid}") for pid in pids)
    return Census(cpu, resident)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return b""  # it ended in the meantime


def _cpu(folder: str) -> float:
    fields = _read(f"{folder}/stat").rpartition(b")")[2].split()
    return sum(map(int, fields[_FIRST_TIME : _FIRST_TIME + 4])) / _TICKS


def _resident(folder: str) -> int:
    fields = _read(f"{folder}/statm").split()
    return int(fields[1]) * _PAGE if len(fields) > 1 else 0


def _proportional(folder: str) -> int:
    """Memory with shared pages divided among those who share them."""
    for line in _read(f"{folder}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) << 10
    return 0
