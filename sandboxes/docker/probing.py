"""What the first sandbox of a driver finds out: the interpreter, and whether isolation holds."""

import platform
import sys
from pathlib import Path
from typing import Annotated

import msgspec

from harness.sandbox.interface import Ended, Job, Limits, Result

from .engine import EngineError
from .options import USER

NONCE = "nonce"
LIMITS = Limits(
    wall_seconds=30, cpu_seconds=20, memory_bytes=256 << 20, disk_bytes=16 << 20, disk_inodes=1000
)
_SOURCE = Path(__file__).resolve().parent / "guest" / "look.py"
_NEEDED = (3, 9)


class Look(msgspec.Struct, frozen=True):
    """What ``guest/look.py`` tells."""

    version: tuple[int, int]
    status: dict[str, str]
    interfaces: list[str]
    writable: list[str]
    nonce: Annotated[str, msgspec.Meta(max_length=100)]
    tree: Annotated[str, msgspec.Meta(max_length=100)]
    gnu: bool
    machine: str
    lacking: list[str]


def job(nonce: bytes, tree: Path) -> Job:
    """The job that looks around; ``tree`` holds a file with the secret."""
    argv = ["{python}", "-I", "-B", "-c", _SOURCE.read_text(encoding="utf-8")]
    return Job(argv, tree=tree, files={NONCE: nonce}, limits=LIMITS, label="probe")


def trial_tree(folder: Path, nonce: str) -> Path:
    """Make the tree of the job that looks around."""
    (folder / "folder").mkdir(parents=True)
    (folder / NONCE).write_text(nonce)
    for path, mode in ((folder, 0o755), (folder / "folder", 0o755), (folder / NONCE, 0o644)):
        path.chmod(mode)
    return folder


def remedy(reason: str) -> str:
    """What helps against refusals of runtimes that are known; empty for others."""
    known = {
        "network enabled in root network namespace": _GVISOR,
        "cgroups in hybrid mode": "use the runtime runc, or a machine with control groups of version 2 alone",
        "setrlimit": "start the engine with the limits that its containers get by default (ulimit -n, -u)",
    }
    return next((text for sign, text in known.items() if sign in reason), "")


def read(result: Result) -> Look:
    """Decode what it tells. Raises EngineError when it could not."""
    if not isinstance(result.end, Ended):
        raise EngineError(f"a trial container could not be used: {result.end}")
    try:
        return msgspec.json.decode(result.stdout, type=Look)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        told = result.stderr[-300:].decode("utf-8", "replace").strip()
        raise EngineError(f"a trial container gave no answer: {told or error}") from error


_GVISOR = 'for gVisor, give its runtime "runtimeArgs": ["--network=none", "--oci-seccomp"] in the engine\'s daemon.json'


def judge(look: Look, *, filtered: bool) -> None:
    """Refuse an engine that does not do what it was told. Raises EngineError."""
    problems = []
    status = look.status
    if status.get("Uid") != str(USER):
        problems.append(f"the job runs as user {status.get('Uid')}")
    if status.get("NoNewPrivs") != "1":
        problems.append("privileges can be gained")
    # gVisor knows no ambient capabilities and does not list them.
    if any(int(status.get(name, "1"), 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh")) or int(
        status.get("CapAmb", "0"), 16
    ):
        problems.append("there are capabilities")
    if filtered and status.get("Seccomp") != "2":
        problems.append("system calls are not filtered")
    if set(look.interfaces) - {"lo"} - _TUNNELS:
        problems.append(f"there are network interfaces: {', '.join(look.interfaces)[:100]}")
    if look.writable:
        problems.append(f"{look.writable[0]} is writable")
    if problems:
        raise EngineError(f"the engine does not isolate as it was asked to: {'; '.join(problems)}", _GVISOR)
    if look.version < _NEEDED:
        raise EngineError(
            f"the image's python3 is {look.version[0]}.{look.version[1]}",
            "use an image with Python 3.9 or later",
        )


def support_fits(look: Look) -> bool:
    """Whether packages of the harness's own environment can run inside: some are compiled."""
    return look.gnu and look.machine == platform.machine() and look.version == sys.version_info[:2]


# Kernels with these modules loaded put them, down and unaddressed, into every network namespace.
_TUNNELS = {
    "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip6gre0", "ip_vti0", "ip6_vti0", "teql0",
}  # fmt: skip
