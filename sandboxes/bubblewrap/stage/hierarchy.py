"""Where control groups of jobs may be made on this machine, and whom a group belongs to.

Both hierarchies of the kernel are understood: version 2, and version 1 with a folder per
controller.
"""

# The stage does without pathlib: importing it would cost as much as a whole sandbox.
# ruff: noqa: PTH116, PTH123

import os
from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "change-harness-"
_ROOT_OF_V2 = ("memory", "pids")
_CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")


@dataclass(frozen=True)
class Parents:
    """Folders that may hold job groups: one for version 2, else one a controller of version 1."""

    unified: str | None = None
    controllers: Mapping[str, str] | None = None

    @property
    def counts_memory(self) -> bool:
        return self.unified is not None or "memory" in (self.controllers or {})

    @property
    def counts_processes(self) -> bool:
        return self.unified is not None or "pids" in (self.controllers or {})

    def folders(self) -> tuple[str, ...]:
        """Each parent folder once."""
        if self.unified is not None:
            return (self.unified,)
        return tuple(dict.fromkeys((self.controllers or {}).values()))


def owner_name() -> str:
    """The part of a group's name that identifies this process: pid namespace, pid, start time."""
    return identity_of(os.getpid()) or f"{os.getpid()}-0"


def identity_of(pid: int) -> str | None:
    """``NAMESPACE-PID-START`` of a living process, None when there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            fields = stream.read().rpartition(b")")[2].split()
        namespace = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return None
    return f"{namespace}-{pid}-{int(fields[19])}"


def discover() -> Parents:
    """Where this process may create groups; empty where it may not. Never raises."""
    try:
        return _discover()
    except (OSError, ValueError, IndexError):
        return Parents()


def _discover() -> Parents:
    own = _own_groups()
    controllers: dict[str, str] = {}
    unified: str | None = None
    for kind, point, root, options in _mounted():
        if kind == "cgroup2":
            unified = _delegated(point, _below(own.get("", "/"), root))
            continue
        for name in _CONTROLLERS:
            if name in options and name in own:
                folder = point + _below(own[name], root)
                if os.access(folder, os.W_OK):
                    controllers[name] = folder.rstrip("/") or "/"
    if unified is not None:
        return Parents(unified=unified)
    return Parents(controllers=controllers)


def _own_groups() -> dict[str, str]:
    groups: dict[str, str] = {}
    with open("/proc/self/cgroup") as stream:
        for line in stream:
            _, names, path = line.rstrip("\n").split(":", 2)
            groups.update(dict.fromkeys(names.split(","), path))
    return groups


def _mounted() -> list[tuple[str, str, str, list[str]]]:
    found = []
    with open("/proc/self/mountinfo") as stream:
        for line in stream:
            left, _, right = line.partition(" - ")
            kind, _, options = right.split()[:3]
            if kind in ("cgroup", "cgroup2"):
                found.append((kind, left.split()[4], left.split()[3], options.split(",")))
    return found


def _below(path: str, root: str) -> str:
    """A group's path relative to the root of the mount that shows it."""
    if root == "/":
        return path if path != "/" else ""
    return path[len(root) :] if path.startswith(root) else ""


def _delegated(point: str, path: str) -> str | None:
    """The nearest ancestor whose children are counted and where a child may be made."""
    while True:
        folder = point + path
        try:
            with open(f"{folder}/cgroup.subtree_control") as stream:
                active = stream.read().split()
        except OSError:
            active = []
        if set(_ROOT_OF_V2) <= set(active) and os.access(folder, os.W_OK):
            return folder
        if not path:
            return None
        path = path.rpartition("/")[0]
