"""One job, from its specification to its end. Runs in a process of its own and returns a report."""

import fcntl
import json
import os
import resource
import signal
import socket
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.sandbox import kernel

from . import copying
from .gate import Gate
from .groups import Group
from .hierarchy import Parents
from .mounts import Assembly, Owner, OwnerMaps, enter_namespaces, write
from .watch import Watch

_EXTRA_PROCESSES = 3  # bubblewrap's monitor, its init, and the launcher before it becomes the command
_EXEC_FAILED = 125
_FIRST_FREE = 10  # lower descriptors are the streams' and the gate's
_MAX_COPIED, _MAX_COPIED_BYTES = 500_000, 4 << 30
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True)
class Host:
    """What stays the same for all jobs of one server."""

    owner: Owner | None
    maps: OwnerMaps | None
    parents: Parents
    name: str


def run_job(host: Host, spec: Mapping[str, Any], content: memoryview, pipes: tuple[int, int, int],
            control: socket.socket, serial: int) -> tuple[dict[str, Any], int | None]:  # fmt: skip
    """Run one job: (report, descriptor of its output folder). Never raises for the job's sake."""
    group = None
    try:
        kernel.adopt_orphans()
        if host.parents.folders():
            name = f"{host.name}-{serial}"
            limits = spec["limits"]
            group = Group(
                host.parents, name, limits["memory"], limits["processes"] + _EXTRA_PROCESSES, limits["cpus"]
            )
        return _run(host, spec, content, pipes, control, group)
    except OSError as error:
        return {"end": "failed", "reason": str(error.strerror or error)}, None
    finally:
        if group is not None:
            group.kill()
            group.remove()


def _run(host: Host, spec: Mapping[str, Any], content: memoryview, pipes: tuple[int, int, int],
         control: socket.socket, group: Group | None) -> tuple[dict[str, Any], int | None]:  # fmt: skip
    if host.owner is None:
        enter_namespaces(None)
    else:
        enter_namespaces(host.owner)
    tree_path, how = assemble(host, spec, content)
    reading, writing = os.pipe2(os.O_CLOEXEC)
    arguments = [argument.replace("@TREE@", tree_path) for argument in spec["arguments"]]
    _give_pipes(host, pipes)
    gate = Gate()
    pid = os.fork()
    if pid == 0:
        _become_sandbox(host, spec, arguments, pipes, (writing, gate.inner.fileno()), group)
    os.close(writing)
    gate.inner.close()
    for descriptor in pipes:
        os.close(descriptor)
    limits = spec["limits"]
    watch = Watch(pid, reading, control, limits["wall"], limits["cpu"], limits["memory"], group, gate)
    watch.run()
    out = os.open(f"{spec['point']}/scratch/out", _FOLDER)
    return {**_describe_end(watch, group, spec), "tree": how}, out


def _give_pipes(host: Host, pipes: tuple[int, int, int]) -> None:
    """Programs open /dev/stdout and the like anew, which takes the permission of the pipe's owner."""
    for descriptor in pipes:
        if host.owner is not None and stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.fchown(descriptor, host.owner.uid, host.owner.gid)


def assemble(host: Host, spec: Mapping[str, Any], content: memoryview) -> tuple[str, str]:
    """Mount everything: (path of the writable tree, ``overlay`` | ``copy`` | ``none``)."""
    assembly = Assembly(spec["point"], host.owner, host.maps)
    taken = [(assembly.take(s["path"])[0], s["name"], s["folder"]) for s in spec["sources"]]
    tree = _Tree(assembly, spec) if spec["tree"] else None
    assembly.cover(spec["limits"]["disk"], spec["limits"]["inodes"])
    for mount, name, folder in taken:
        assembly.place(mount, name, folder=folder)
    assembly.add_files(spec["files"], content)
    return tree.add() if tree else ("", "none")


class _Tree:
    """The job's tree: an overlay where one serves, else a copy."""

    def __init__(self, assembly: Assembly, spec: Mapping[str, Any]) -> None:
        """Taken before anything is covered."""
        self._assembly = assembly
        self._limits = spec["limits"]
        self._source = os.open(spec["tree"], _FOLDER)
        small = copying.measure(self._source, spec["copy"]["entries"], spec["copy"]["bytes"])
        self._lower = None
        if small is None:
            # An overlay of files that belong to somebody else could not be written to.
            lower, own = assembly.take(spec["tree"])
            self._lower = lower if own else None

    def add(self) -> tuple[str, str]:
        """Make it: (its path, ``overlay`` | ``copy``)."""
        try:
            if self._lower is not None:
                return self._assembly.add_overlay(self._lower), "overlay"
        except OSError:
            pass  # no overlay here: some kernels forbid it in user namespaces
        try:
            entries, size = copying.measure(self._source, _MAX_COPIED, _MAX_COPIED_BYTES) or (None, 0)
            if entries is None:
                raise OSError("the tree is too large to be copied, and no overlay can be made of it here")
            self._assembly.grow(self._limits["disk"] + size, self._limits["inodes"] + entries)
            return self._assembly.add_copy(self._source, size), "copy"
        finally:
            os.close(self._source)


def _become_sandbox(host: Host, spec: Mapping[str, Any], arguments: list[str], pipes: tuple[int, int, int],
                    outlets: tuple[int, int], group: Group | None) -> None:  # fmt: skip
    """In the forked child: join the groups, drop every privilege, become bubblewrap.

    ``outlets``: where bubblewrap tells the status, and the launcher's end of the gate.
    """
    try:
        if group is not None:
            group.join()
        write("/proc/self/oom_score_adj", "500")
        os.setsid()
        if host.owner is not None:
            os.setgroups([])
            os.setresgid(host.owner.gid, host.owner.gid, host.owner.gid)
            os.setresuid(host.owner.uid, host.owner.uid, host.owner.uid)
        kernel.forbid_privileges()
        kernel.die_with_parent(signal.SIGKILL)
        _limit_processes(spec["process_limits"])
        os.umask(0o022)
        status, gate = (fcntl.fcntl(number, fcntl.F_DUPFD, _FIRST_FREE) for number in outlets)
        given = _inheritable("args", "\0".join(arguments).encode() + b"\0")
        argv = [spec["bwrap"], "--args", str(given), "--json-status-fd", str(status)]
        if spec["filter"]:
            argv += ["--seccomp", str(_inheritable("filter", bytes.fromhex(spec["filter"])))]
        for target, descriptor in enumerate(pipes):
            os.dup2(descriptor, target, inheritable=True)
        os.dup2(gate, spec["gate"], inheritable=True)
        os.close(gate)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.chdir("/")
        os.execve(spec["bwrap"], [*argv, "--", *spec["command"]], {"PATH": "/usr/bin:/bin"})  # noqa: S606
    except BaseException as error:  # nothing may return into the caller's process
        os.write(2, f"starting the sandbox: {error}\n".encode())
    finally:
        os._exit(_EXEC_FAILED)


def _inheritable(name: str, content: bytes) -> int:
    descriptor = os.memfd_create(name)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, _FIRST_FREE)


def _limit_processes(limits: Mapping[str, Sequence[int]]) -> None:
    """Set resource limits, for everything that follows, as far as this process may."""
    for name, (soft, hard) in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))


def _describe_end(watch: Watch, group: Group | None, spec: Mapping[str, Any]) -> dict[str, Any]:
    code = watch.exit_code()
    report: dict[str, Any] = {
        "cpu": watch.cpu_used,
        "peak": group.peak_memory() if group else None,
        "end": "ended",
        "status": code,
        "signalled": watch.gate.died_by_signal(),
    }
    out_of_memory = group is not None and group.killed_for_memory() > 0
    if watch.limit:
        report.update(end="limited", limit=watch.limit)
    elif watch.killed:
        report.update(end="killed")
    elif out_of_memory and code != 0:
        report.update(end="limited", limit="memory")
    elif _out_of_time(code, watch.cpu_used, spec["limits"]["cpu"]):
        report.update(end="limited", limit="cpu")
    elif code is None:
        report.update(end="failed", reason="bubblewrap could not set the sandbox up")
    return report


def _out_of_time(code: int | None, used: float, limit: float) -> bool:
    """Whether the kernel ended the command for its processor time.

    The kernel counts whole ticks for this limit, which may be off from the exact time by much.
    """
    if code == 128 + signal.SIGXCPU:
        return used >= limit / 2
    return code == 128 + signal.SIGKILL and used >= limit


def read_spec(descriptor: int) -> tuple[dict[str, Any], memoryview]:
    """A specification and the content of its files: a length line, JSON, then the bytes."""
    size = os.fstat(descriptor).st_size
    data = b""
    while len(data) < size:
        chunk = os.pread(descriptor, size - len(data), len(data))
        if not chunk:
            break
        data += chunk
    head, _, rest = data.partition(b"\n")
    length = int(head)
    return json.loads(rest[:length]), memoryview(rest)[length:]
