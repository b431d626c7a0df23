"""The engine's description of a job's container: every hardening in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.sandbox.interface import DEPS, INPUT, OUTPUT, TREE, Job

from . import bundle, owner

SOURCE = "/run/change-harness/tree"
TOOLS = "/opt/tools"
HOME = "/tmp/home"  # noqa: S108 - inside
MARKER = "CHANGE_HARNESS_MARKER"
USER = 65534
RESERVE_BYTES = 24 << 20
"""Memory of the supervising process, added to the job's own."""
EXTRA_PROCESSES = 2
"""The supervising process and the one that an engine may add while it kills."""
GVISOR_TASKS, GVISOR_TASKS_A_PROCESS = 96, 8
"""Threads of the host's kernel that gVisor needs, of its own and for each process inside (measured: 51, and 5.4
on its platform ptrace). It counts no processes inside; with too few threads it dies, and the job fails."""
GRACE_SECONDS = 120
_ENVIRONMENT = {
    "HOME": HOME, "TMPDIR": "/tmp", "USER": "sandbox", "LOGNAME": "sandbox", "LANG": "C.UTF-8",  # noqa: S108
    "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip
# What engines hide by default, which has to be repeated here, and what of the kernel's own
# description of the machine no job needs.
_MASKED = (
    "/proc/asound", "/proc/acpi", "/proc/cmdline", "/proc/interrupts", "/proc/kallsyms", "/proc/kcore",
    "/proc/key-users", "/proc/keys", "/proc/latency_stats", "/proc/pressure", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/block", "/sys/bus", "/sys/class", "/sys/dev",
    "/sys/devices/virtual", "/sys/firmware", "/sys/kernel", "/sys/module", "/sys/power",
)  # fmt: skip


@dataclass(frozen=True)
class Mount:
    """A folder or file of the host, or a volume of the engine; read-only unless it is the job's tree."""

    target: str
    source: str
    volume: bool = False

    @property
    def writable(self) -> bool:
        """Only a private tree that was made ready outside may be written to."""
        return self.target == TREE

    def config(self) -> dict[str, Any]:
        """The engine's description."""
        if self.volume:
            return {
                "Type": "volume", "Source": self.source, "Target": self.target, "ReadOnly": True,
                "VolumeOptions": {"NoCopy": True},
            }  # fmt: skip
        return {
            "Type": "bind", "Source": self.source, "Target": self.target, "ReadOnly": not self.writable,
            "BindOptions": {"Propagation": "rprivate"},
        }  # fmt: skip


@dataclass(frozen=True)
class Extent:
    """Size of a tree: bytes (each file rounded up to a page) and entries."""

    size: int = 0
    entries: int = 0


@dataclass(frozen=True)
class Frame:
    """What is the same for all jobs of a driver: image, runtime, filter, folders to cover.

    ``covered`` are folders that the image declares as volumes: they would be writable and of
    no bounded size, so each becomes a small file system in memory. ``memory``, ``cpu`` and ``processes``:
    whether the engine holds that limit; some refuse a job that names one that they do not hold.
    ``gvisor``: the runtime is gVisor, whose own threads count against the limit of processes.
    """

    image: str
    filter: str | None
    runtime: str | None = None
    covered: Sequence[str] = ()
    memory: bool = True
    cpu: bool = True
    processes: bool = True
    podman: bool = False
    gvisor: bool = False


def is_gvisor(runtime: str) -> bool:
    """Whether a runtime's name says that it is gVisor."""
    return "runsc" in runtime or "gvisor" in runtime.lower()


def container(
    job: Job, frame: Frame, mounts: Sequence[Mount], extent: Extent, marker: bytes
) -> dict[str, Any]:
    """The body of the engine's request that creates the job's container."""
    limits = job.limits
    interactive = job.interactive or bool(job.stdin)
    copies = job.tree is not None and not any(mount.writable for mount in mounts)
    return {
        "Image": frame.image,
        "Entrypoint": ["python3"],
        "Cmd": [*bundle.command(), *specification(job, copies=copies)],
        "Env": [f"{MARKER}={marker.hex()}"],
        "User": f"{USER}:{USER}",
        "WorkingDir": "/",
        "Hostname": "sandbox",
        "Healthcheck": {"Test": ["NONE"]},
        "Labels": owner.labels("job", limits.wall_seconds + GRACE_SECONDS),
        "Tty": False,
        "AttachStdin": interactive,
        "OpenStdin": interactive,
        "StdinOnce": interactive,
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": {
            **_isolation(frame),
            **_resources(job, frame, extent),
            "Mounts": [mount.config() for mount in mounts],
            "Tmpfs": _writable(job, frame, extent, copies=copies),
        },
    }


def _isolation(frame: Frame) -> dict[str, Any]:
    security = ["no-new-privileges:true"]
    if frame.filter is not None:
        security.append(f"seccomp={frame.filter}")
    return {
        "NetworkMode": "none",
        # What the engine would else write into resolv.conf are the name servers of its own network.
        "Dns": ["127.0.0.1"],
        "CapDrop": ["ALL"],
        "SecurityOpt": security,
        "Privileged": False,
        "ReadonlyRootfs": True,
        "MaskedPaths": list(_MASKED),
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "LogConfig": {"Type": "none", "Config": {}},
        "RestartPolicy": {"Name": "no"},
        "AutoRemove": False,
        **({"Runtime": frame.runtime} if frame.runtime else {}),
    }


def _resources(job: Job, frame: Frame, extent: Extent) -> dict[str, Any]:
    limits = job.limits
    # Files in memory are the container's memory; the copy of the tree is not the job's doing.
    memory = limits.memory_bytes + extent.size + RESERVE_BYTES
    bounds: dict[str, Any] = {
        "OomScoreAdj": 500,
        "ShmSize": min(64 << 20, limits.disk_bytes),
        "Ulimits": [
            {"Name": name, "Soft": value, "Hard": value}
            for name, value in (
                ("core", 0), ("memlock", 64 << 10), ("msgqueue", 64 << 10),
                ("sigpending", 1024), ("nofile", max(limits.open_files, 64)),
            )
        ],
    }  # fmt: skip
    if frame.podman:
        # Else it asks for more than its runtime may be allowed to give.
        most = 1 << 15
        bounds["Ulimits"].append({"Name": "nproc", "Soft": most, "Hard": most})
    if not frame.memory:  # what a process may write to, where nobody counts for all together
        bounds["Ulimits"].append({"Name": "data", "Soft": memory, "Hard": memory})
    if not frame.processes:  # of all sandboxes of the engine's user together
        most = 4 * limits.processes + 64
        bounds["Ulimits"].append({"Name": "nproc", "Soft": most, "Hard": most})
    if frame.memory:
        bounds |= {"Memory": memory, "MemorySwap": memory}
    if frame.cpu:
        bounds["NanoCpus"] = int(limits.cpus * 1_000_000_000)
    if frame.processes:
        bounds["PidsLimit"] = limits.processes + EXTRA_PROCESSES
    if frame.processes and frame.gvisor:
        bounds["PidsLimit"] = GVISOR_TASKS + GVISOR_TASKS_A_PROCESS * limits.processes
    return bounds


def _writable(job: Job, frame: Frame, extent: Extent, *, copies: bool) -> dict[str, str]:
    limits = job.limits

    def options(mode: str, flags: str, size: int, inodes: int) -> str:
        if frame.podman:  # it takes neither a number of inodes nor an owner
            return f"rw,nosuid,nodev,{flags},size={size},mode=1777"
        return f"rw,nosuid,nodev,{flags},size={size},nr_inodes={inodes},mode={mode},uid={USER},gid={USER}"

    folders = dict.fromkeys(frame.covered, options("0755", "exec", 16 << 20, 1000))
    folders["/tmp"] = options("1777", "exec", limits.disk_bytes, limits.disk_inodes)  # noqa: S108 - inside
    folders[OUTPUT] = options("0755", "noexec", limits.disk_bytes, limits.disk_inodes)
    if job.fills_deps:
        folders[DEPS] = options("0755", "exec", limits.disk_bytes, limits.disk_inodes)
    if copies:
        size, inodes = limits.disk_bytes + extent.size, limits.disk_inodes + extent.entries
        folders[TREE] = options("0755", "exec", size, inodes)
    return folders


def specification(job: Job, *, copies: bool) -> list[str]:
    """What the first process inside is told, as its arguments; see ``guest/supervisor.py``."""
    limits = job.limits
    values = {
        "cwd": TREE if job.tree is not None else "/tmp",  # noqa: S108 - inside
        "tools": TOOLS if job.tools else "",
        "programs": f"{DEPS}/bin" if job.deps is not None else "",
        "source": SOURCE if copies else "",
        "wall": limits.wall_seconds,
        "cpu": limits.cpu_seconds,
        "open_files": limits.open_files,
        "file_bytes": limits.file_bytes,
        "collect_bytes": limits.collect_bytes,
        "collect_files": limits.collect_files,
    }
    words = [f"{name}={value}" for name, value in values.items()]
    words += [f"env:{name}={value}" for name, value in environment(job).items()]
    argv = list(job.argv)
    if argv[0] == "{python}" and job.own_python:
        argv[0] = job.own_python
    return [*words, "--", *argv]


def environment(job: Job) -> Mapping[str, str]:
    """What is set over the image's own environment."""
    return {**_ENVIRONMENT, **job.env}


def inside(name: str) -> str:
    """Where an input of this name appears."""
    return f"{INPUT}/{name}"
