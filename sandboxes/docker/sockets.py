"""Memory in internet sockets of a container, where control groups of version 1 count it apart.

The engine has no option for it (its runtimes dropped it); version 2 counts it with the rest.
"""

import contextlib
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup/memory")
_PLACES = ("docker/{}", "system.slice/docker-{}.scope", "libpod_parent/libpod-{}")
_LIMIT = "memory.kmem.tcp.limit_in_bytes"


def limit(container: str, size: int) -> None:
    """Bound it for a started container, where this process may; else the kernel's own bound holds."""
    for place in _PLACES:
        with contextlib.suppress(OSError):
            (_ROOT / place.format(container) / _LIMIT).write_text(str(size))
            return


def counted() -> bool:
    """Whether such memory is bounded by a job's limit: version 2, or this process may set it."""
    try:
        if not (_ROOT / _LIMIT).exists():
            return True
        with (_ROOT / _LIMIT).open("r+"):
            return True
    except OSError:
        return False
