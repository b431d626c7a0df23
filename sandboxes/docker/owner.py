"""Who started a container or volume: labels, and whether that harness still lives.

A process is known by the boot of its machine, its process namespace, its number and its
start time. What belongs to another machine or namespace cannot be judged by that; it is
left over only when it has outlived the time that it was given.
"""

import os
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

OWNER = "change-harness.owner"
USER = "change-harness.user"
EXPIRES = "change-harness.expires"
KIND = "change-harness.kind"


def labels(kind: str, seconds: float) -> dict[str, str]:
    """Labels of something that this process makes and that has no use after ``seconds``."""
    return {
        OWNER: identity(),
        USER: str(os.getuid()),
        EXPIRES: str(int(time.time() + seconds)),
        KIND: kind,
    }


def identity() -> str:
    """This process, told apart from every other one that was or will be."""
    return f"{_space()}/{os.getpid()}/{_started(os.getpid())}"


def abandoned(marks: Mapping[str, str], now: float) -> bool:
    """Whether what bears these labels belongs to a dead harness of this user."""
    if marks.get(USER) != str(os.getuid()) or OWNER not in marks:
        return False
    space, _, process = marks[OWNER].rpartition("/")
    space, _, number = space.rpartition("/")
    if space == _space() and number.isascii() and number.isdigit():
        return _started(int(number)) != process
    expires = marks.get(EXPIRES, "")
    return expires.isascii() and expires.isdigit() and int(expires) < now


@cache
def _space() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116 - a magic link


def _started(process: int) -> str:
    """Start time of a process in clock ticks since boot, empty when there is none."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The second field is the name in parentheses and may hold anything.
    return status.rpartition(")")[2].split()[19]
