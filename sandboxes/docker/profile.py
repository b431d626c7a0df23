"""The system-call filter of containers, in the form that the engine takes.

An allow-list: what is not named is refused with EPERM, and calls of a foreign architecture
kill the process. The unconditional names are in ``profiles/seccomp.json``: those that
engines allow by default, without asynchronous rings, tracing, other processes' memory, kernel
keyrings, performance counters, user faults, mounts and namespaces. Source of the conditions:
the constants of the kernel's user headers.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent / "profiles"
_ARCHITECTURES = {
    "x86_64": "SCMP_ARCH_X86_64", "amd64": "SCMP_ARCH_X86_64",
    "aarch64": "SCMP_ARCH_AARCH64", "arm64": "SCMP_ARCH_AARCH64",
}  # fmt: skip
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEW… of cgroup, ipc, net, ns, pid, user, uts
_SET_ID_BITS = 0o6000
_MAKES_FILE = 0o20000100  # O_CREAT, and the bit of O_TMPFILE that is not O_DIRECTORY
_FILE_TYPE = 0o170000
_PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)  # Linux, 32-bit Linux, UNAME26, both, ask
_LOW_HALF = 0xFFFFFFFF

Rule = dict[str, Any]


@cache
def seccomp(architecture: str) -> str | None:
    """The profile as JSON text for the engine's architecture, None for one without a filter."""
    name = _ARCHITECTURES.get(architecture)
    if name is None:
        return None
    names = json.loads((_FOLDER / "seccomp.json").read_text(encoding="utf-8"))
    rules = [_allow(*names["allow"]), {**_rule("SCMP_ACT_ERRNO", names["absent"]), "errnoRet": errno.ENOSYS}]
    profile = {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": errno.EPERM,
        "architectures": [name],
        "syscalls": [*rules, *_conditions(arm=name == "SCMP_ARCH_AARCH64")],
    }
    return json.dumps(profile, separators=(",", ":"))


def stored(profile: str, folder: Path) -> Path:
    """A file with the profile, named by its content: Podman takes a path where Docker takes the text."""
    name = hashlib.sha256(profile.encode()).hexdigest()[:16]
    path = folder / f"seccomp-{name}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        making = folder / f".{name}-{os.getpid()}"
        making.write_text(profile, encoding="utf-8")
        making.rename(path)
    return path


def _conditions(*, arm: bool) -> Iterator[Rule]:
    for family in _FAMILIES:
        yield _allow("socket", "socketpair", when=[_equal(0, family)])
    yield _allow("clone", when=[_masked(0, _NAMESPACE_FLAGS, 0)])
    for kind in _PERSONALITIES:
        yield _allow("personality", when=[_equal(0, kind)])
    # Limits of the sandbox's first process could otherwise be taken away by the job.
    yield _allow("prlimit64", when=[_equal(0, 0)])
    # Regular files, pipes and sockets; devices are left out.
    for kind in (0, 0o010000, 0o100000, 0o140000):
        if not arm:
            yield _allow("mknod", when=[_masked(1, _FILE_TYPE | _SET_ID_BITS, kind)])
        yield _allow("mknodat", when=[_masked(2, _FILE_TYPE | _SET_ID_BITS, kind)])
    yield _allow(*(("fchmod",) if arm else ("chmod", "fchmod")), when=[_masked(1, _SET_ID_BITS, 0)])
    # The mode behind the flags means something only where a file is made.
    for name, flags in (("openat", 2),) if arm else (("open", 1), ("openat", 2)):
        yield _allow(name, when=[_masked(flags, _MAKES_FILE, 0)])
        yield _allow(name, when=[_masked(flags + 1, _SET_ID_BITS, 0)])
    if not arm:
        yield _allow("creat", when=[_masked(1, _SET_ID_BITS, 0)])
    yield _allow("fchmodat", when=[_masked(2, _SET_ID_BITS, 0)])
    for condition in _not_terminal_injection():
        yield _allow("ioctl", when=[condition])


def _not_terminal_injection() -> Iterator[Rule]:
    """Every request but TIOCSTI (0x5412) and TIOCLINUX (0x541C).

    The kernel looks at the low half of the argument only, so an inequality over the whole
    would let 0x1_0000_5412 pass. A request differs from both when it differs in a bit that
    they share, or when the three bits in which they differ are neither's.
    """
    first, second = 0x5412, 0x541C
    apart = first ^ second
    for bit in range(32):
        if not apart >> bit & 1:
            yield _masked(1, 1 << bit, ~first & (1 << bit))
    for low in range(16):
        value = (first & ~0xF) | low
        if value not in (first, second):
            yield _masked(1, _LOW_HALF, value)


def _rule(action: str, names: list[str]) -> Rule:
    return {"names": names, "action": action}


def _allow(*names: str, when: list[Rule] | None = None) -> Rule:
    rule = _rule("SCMP_ACT_ALLOW", list(names))
    return {**rule, "args": when} if when else rule


def _equal(index: int, value: int) -> Rule:
    return {"index": index, "value": value, "op": "SCMP_CMP_EQ"}


def _masked(index: int, mask: int, value: int) -> Rule:
    return {"index": index, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}
