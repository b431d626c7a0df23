"""bubblewrap's options for one job."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.interface import DEPS, GUEST, INPUT, OUTPUT, SUPPORT, TREE, Limits

from .interpreter import Interpreter

USER = 65534
TOOLS = "/opt/tools"
_RESERVED = 2 << 30
_FEWEST_FILES = 24  # what setting a sandbox up takes
GATE = 9
"""Descriptor of the launcher's socket to the stage; shells take single digits only."""
_GATE = f'echo >&{GATE}; read -r go <&{GATE} || exit 125; exec {GATE}>&-; exec "$@"'
# What ordinary users may read of the kernel and need not: secrets, addresses, side channels.
_MASKED = (
    "cmdline", "interrupts", "kallsyms", "kcore", "key-users", "keys", "latency_stats", "sched_debug",
    "timer_list", "timer_stats",
)  # fmt: skip
_MASKED_FOLDERS = ("acpi", "asound", "pressure", "scsi")
_NAMESPACES = ("user", "pid", "ipc", "uts", "net")
_ETC = ("/etc/ld.so.cache", "/etc/alternatives")

ETC_FILES = {
    "passwd": b"root:x:0:0:root:/:/usr/sbin/nologin\nsandbox:x:65534:65534:sandbox:/tmp/home:/bin/sh\n",
    "group": b"root:x:0:\nsandbox:x:65534:\n",
    "hosts": b"127.0.0.1 localhost sandbox\n::1 localhost\n",
    "nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files\n",
}


@dataclass(frozen=True)
class View:
    """What is at the stage's mount point: which optional parts are there, and the job's tree."""

    point: str
    tree: bool
    guest: bool
    inputs: bool
    support: bool
    tools: bool
    deps: str = ""
    """Where /deps comes from, below the point: writable when in the scratch space."""


def isolation(disable_userns: bool) -> list[str]:
    """Namespaces and privileges."""
    options = [f"--unshare-{name}" for name in _NAMESPACES]
    options += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    options += ["--hostname", "sandbox", "--uid", str(USER), "--gid", str(USER)]
    return [*options, "--disable-userns"] if disable_userns else options


def system(point: str) -> list[str]:
    """The host's programs and libraries, read-only, and a small /etc of our own."""
    options = ["--ro-bind", "/usr", "/usr"]
    for path in ("/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        if Path(path).is_symlink():
            options += ["--symlink", str(Path(path).readlink()), path]
        elif Path(path).is_dir():
            options += ["--ro-bind", path, path]
    options += ["--ro-bind", f"{point}/etc", "/etc"]
    for path in _ETC:
        if Path(path).exists():
            options += ["--ro-bind", path, path]
    return options


def filesystems(view: View) -> list[str]:
    """Kernel file systems, the private writable folders and the job's inputs."""
    point = view.point
    options = ["--proc", "/proc", "--dev", "/dev", "--bind", f"{point}/scratch/shm", "/dev/shm"]  # noqa: S108
    options += ["--remount-ro", "/dev"]
    for name in _MASKED:
        if Path("/proc", name).exists():
            options += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    for name in _MASKED_FOLDERS:
        if Path("/proc", name).is_dir():
            options += ["--perms", "0555", "--tmpfs", f"/proc/{name}", "--remount-ro", f"/proc/{name}"]
    # Settings of the sandbox's own namespaces would else be writable for their owner.
    options += ["--ro-bind", "/proc/sys", "/proc/sys"]
    # The first process inside belongs to bubblewrap and reports the command's status: hidden,
    # for whoever may write its memory may forge that status.
    options += ["--perms", "0555", "--tmpfs", "/proc/1", "--remount-ro", "/proc/1"]
    options += ["--bind", f"{point}/scratch/tmp", "/tmp", "--bind", f"{point}/scratch/out", OUTPUT]  # noqa: S108
    parts = [(view.guest, "guest", GUEST), (view.inputs, "in", INPUT), (view.support, "support", SUPPORT),
             (view.tools, "tools", TOOLS)]  # fmt: skip
    for present, name, inside in parts:
        options += ["--ro-bind", f"{point}/{name}", inside] if present else ["--dir", inside]
    if view.deps:
        kind = "--bind" if view.deps.startswith("scratch/") else "--ro-bind"
        options += [kind, f"{point}/{view.deps}", DEPS]
    if view.tree:
        options += ["--bind", "@TREE@", TREE]
    return options


def programs(interpreter: Interpreter, places: Sequence[tuple[str, str]]) -> list[str]:
    """The interpreter at its own paths; ``places`` are (path at the stage, path inside)."""
    options: list[str] = []
    for source, inside in places:
        options += ["--ro-bind", source, inside]
    for target, inside in interpreter.links:
        options += ["--symlink", target, inside]
    return options


def environment(interpreter: Interpreter, given: Mapping[str, str], *, deps: bool = False) -> list[str]:
    """A clean environment that is the same on every machine, and the job's own variables."""
    path = list(
        dict.fromkeys(
            [
                *([f"{DEPS}/bin"] if deps else []),
                interpreter.folder,
                "/usr/local/bin",
                "/usr/bin",
                "/bin",
                TOOLS,
            ]
        )
    )
    values = {
        "PATH": ":".join(path), "HOME": "/tmp/home", "TMPDIR": "/tmp", "USER": "sandbox",  # noqa: S108
        "LOGNAME": "sandbox", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    if interpreter.environment:
        values["VIRTUAL_ENV"] = interpreter.environment
    values.update(given)
    options = ["--clearenv"]
    for name, value in values.items():
        options += ["--setenv", name, value]
    return options


def launcher(limits: Limits, *, count_processes: bool) -> list[str]:
    """The program that becomes the command.

    It first tells the stage that it is there and waits for leave to go on: the stage then
    holds on to the process, and learns its exit status from the kernel.
    """
    gate = ["/bin/sh", "-c", _GATE, "sandbox"]
    if count_processes:
        # Counted in the innermost user namespace alone, hence set there.
        gate += ["/usr/bin/prlimit", f"--nproc={limits.processes + 2}", "--"]
    return gate


def process_limits(limits: Limits, *, memory_by_process: bool) -> dict[str, tuple[int, int]]:
    """Soft and hard limit of each process by the name that the kernel's header gives it."""
    cpu = max(1, math.ceil(limits.cpu_seconds))
    values = {"CPU": (cpu, cpu + 2)}
    single = {
        "NOFILE": max(limits.open_files, _FEWEST_FILES), "FSIZE": limits.file_bytes, "CORE": 0,
        "RTPRIO": 0, "MEMLOCK": 64 << 10, "MSGQUEUE": 819_200, "SIGPENDING": 1024,
    }  # fmt: skip
    if memory_by_process:
        # What a process may write to. Address space may be larger: some runtimes reserve much
        # that they never use.
        single |= {"DATA": limits.memory_bytes, "AS": 2 * limits.memory_bytes + _RESERVED}
    return values | {name: (value, value) for name, value in single.items()}
