"""Turns a Job into the specification that the stage carries out. Pure, apart from looking at paths."""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.sandbox.interface import Job

from . import arguments, seccomp
from .interpreter import Interpreter

_POINTS = ("/mnt", "/media", "/srv", "/opt", "/home", "/var")
_ETC_BINDS = (("/etc/ld.so.cache", False), ("/etc/alternatives", True))
_MAX_FILES_BYTES = 256 << 20


class PlanError(Exception):
    """The job asks for something that cannot be given; the text is a sentence."""


@dataclass(frozen=True)
class Machine:
    """What this machine offers: bubblewrap and its age, control groups, real root or not."""

    bwrap: str
    disables_userns: bool
    counts_memory: bool
    counts_processes: bool
    root: bool
    copy_entries: int
    copy_bytes: int


@dataclass
class _Sources:
    items: list[dict[str, Any]] = field(default_factory=list)

    def add(self, path: str | Path, name: str, *, folder: bool) -> None:
        self.items.append({"path": str(path), "name": name, "folder": folder})


def mount_point() -> str:
    """A folder that a private mount may cover: in the stage's own view only."""
    for point in _POINTS:
        if Path(point).is_dir() and not Path(point).is_symlink():
            return point
    raise PlanError(f"none of the folders {', '.join(_POINTS)} exists; create an empty /mnt")


def make_spec(job: Job, interpreter: Interpreter, machine: Machine, support: Path | None) -> bytes:
    """The specification: a line with the length of the JSON, the JSON, contents of files.

    Raises PlanError when the job cannot be carried out.
    """
    point = mount_point()
    sources = _Sources()
    places = _interpreter_sources(sources, interpreter, point)
    for path, folder in _ETC_BINDS:
        if Path(path).exists():
            sources.add(path, path[1:], folder=folder)
    files = {f"etc/{name}": content for name, content in arguments.ETC_FILES.items()}
    _inputs(sources, files, job)
    tools = _tools(sources, job)
    if job.deps is not None:
        sources.add(_folder(job.deps, "dependencies"), "deps", folder=True)
    if support is not None:
        sources.add(support, "support", folder=True)
    view = arguments.View(
        point, tree=job.tree is not None, guest=bool(job.guest), inputs=bool(job.files or job.mounts),
        support=support is not None, tools=tools, deps=_deps(job),
    )  # fmt: skip
    spec = {
        "bwrap": machine.bwrap,
        "point": point,
        "arguments": _options(job, interpreter, machine, view, places),
        "command": _command(job, interpreter, machine),
        "filter": _filter(machine).hex(),
        "sources": sources.items,
        "tree": None if job.tree is None else str(_folder(job.tree, "tree")),
        "copy": {"entries": machine.copy_entries, "bytes": machine.copy_bytes},
        "files": [(name, len(content)) for name, content in files.items()],
        "limits": _limits(job),
        "gate": arguments.GATE,
        "process_limits": arguments.process_limits(job.limits, memory_by_process=not machine.counts_memory),
    }
    head = json.dumps(spec).encode()
    return b"%d\n" % len(head) + head + b"".join(files.values())


def _options(
    job: Job, interpreter: Interpreter, machine: Machine, view: arguments.View, places: list[tuple[str, str]]
) -> list[str]:
    for name, value in job.env.items():
        if not name or "=" in name or "\0" in name + value:
            raise PlanError(f"{name!r} cannot be the name of an environment variable")
    return [
        *arguments.isolation(machine.disables_userns),
        *arguments.system(view.point),
        *arguments.filesystems(view),
        *arguments.programs(interpreter, places),
        "--remount-ro", "/",
        "--chdir", "/tree" if view.tree else "/tmp",  # noqa: S108
        *arguments.environment(interpreter, job.env, deps=job.deps is not None),
    ]  # fmt: skip


def _command(job: Job, interpreter: Interpreter, machine: Machine) -> list[str]:
    if not job.argv:
        raise PlanError("there is no command to run")
    if any("\0" in part for part in job.argv):
        raise PlanError("the command holds a zero byte, which no program can be given")
    python = job.own_python or interpreter.executable
    first = python if job.argv[0] == "{python}" else job.argv[0]
    launcher = arguments.launcher(job.limits, count_processes=not machine.counts_processes)
    return [*launcher, first, *job.argv[1:]]


def _deps(job: Job) -> str:
    if job.deps is not None and job.fills_deps:
        raise PlanError("a job either uses dependencies or sets them up")
    return "scratch/deps" if job.fills_deps else "deps" if job.deps is not None else ""


def _filter(machine: Machine) -> bytes:
    key = (platform.machine(), machine.counts_memory)
    if key not in _FILTERS:
        _FILTERS[key] = seccomp.build(key[0], uncounted_memory=machine.counts_memory)
    return _FILTERS[key]


_FILTERS: dict[tuple[str, bool], bytes] = {}


def _limits(job: Job) -> Mapping[str, float]:
    limits = job.limits
    # Files live in memory and count as memory: without this bound a full disk would look
    # like memory run out.
    disk = min(limits.disk_bytes, limits.memory_bytes * 3 // 4)
    return {
        "wall": limits.wall_seconds, "cpu": limits.cpu_seconds, "cpus": limits.cpus,
        "memory": limits.memory_bytes, "processes": limits.processes, "disk": disk,
        "inodes": limits.disk_inodes,
    }  # fmt: skip


def _interpreter_sources(sources: _Sources, interpreter: Interpreter, point: str) -> list[tuple[str, str]]:
    places = []
    for number, (path, inside) in enumerate(interpreter.binds):
        sources.add(path, f"python/{number}", folder=Path(path).is_dir())
        places.append((f"{point}/python/{number}", inside))
    return places


def _inputs(sources: _Sources, files: dict[str, bytes], job: Job) -> None:
    for name, folder in job.guest.items():
        sources.add(_folder(folder, f"guest folder {name}"), f"guest/{_checked(name)}", folder=True)
    for name, folder in job.mounts.items():
        sources.add(_folder(folder, f"mount {name}"), f"in/{_checked(name)}", folder=True)
    if sum(map(len, job.files.values())) > _MAX_FILES_BYTES:
        raise PlanError(f"the input files exceed {_MAX_FILES_BYTES} bytes; mount a folder instead")
    for name, content in job.files.items():
        files[f"in/{_checked(name)}"] = content


def _tools(sources: _Sources, job: Job) -> bool:
    for tool in job.tools:
        path = Path(tool).resolve()
        if not path.is_file():
            raise PlanError(f"the tool {tool} is not a file on this machine")
        sources.add(path, f"tools/{Path(tool).name}", folder=False)
    return bool(job.tools)


def _folder(path: Path, what: str) -> Path:
    resolved = path.resolve()
    if not resolved.is_dir():
        raise PlanError(f"the {what} of the job, {path}, is not a folder on this machine")
    return resolved


def _checked(name: str) -> str:
    if not name or "\0" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise PlanError(f"{name!r} is not a path that can be put below /in or /guest")
    return name
