"""Says whether sandboxes work here, why not and what to do, and what isolation is in force."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from harness.errors import SandboxUnavailableError, remedy_for
from harness.sandbox.interface import Availability, Ended, Failed, Result
from harness.sandbox.support import OLDEST_PYTHON

from .plan import Machine
from .stage.gate import tells_exits
from .stage.hierarchy import Parents

MISSING = (
    "The program bwrap was not found. Install bubblewrap "
    "(apt install bubblewrap, dnf install bubblewrap, apk add bubblewrap)."
)
_APPARMOR = (
    "Allow it with `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or give bwrap an "
    "AppArmor profile with the rule `userns,`, or run the harness as root, or use --sandbox docker."
)
_NO_USERNS = (
    "Allow user namespaces (`sysctl -w user.max_user_namespaces=15000`, on older Debian also "
    "`kernel.unprivileged_userns_clone=1`), or run the harness as root, or use --sandbox docker."
)
_CONTAINER = (
    "Inside a container, start it with `--security-opt seccomp=unconfined --security-opt "
    "apparmor=unconfined --cap-add SYS_ADMIN`, or use --sandbox docker with the engine's socket."
)


class Tryable(Protocol):
    """The part of the driver that a probe needs."""

    def machine(self) -> Machine: ...
    def trial(self) -> Result: ...


def probe(driver: Tryable) -> Availability:
    """Start a real sandbox and explain what went wrong."""
    try:
        driver.machine()
        end = driver.trial().end
    except SandboxUnavailableError as error:
        reason, _, remedy = str(error).partition(". ")
        return Availability(False, reason + ".", remedy)
    if end == Ended(0):
        return Availability(True)
    reason = end.reason if isinstance(end, Failed) else f"a sandbox that runs `true` ended with {end}"
    return Availability(False, f"A trial sandbox failed: {reason}.", _remedy(reason))


def _remedy(reason: str) -> str:
    if reason.startswith("The "):
        return ""
    full = remedy_for(reason)
    if full and "unshare" not in reason:  # which says it of too many namespaces
        return full
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return _APPARMOR
    if _setting("user/max_user_namespaces") == "0" or _setting("kernel/unprivileged_userns_clone") == "0":
        return _NO_USERNS
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return _CONTAINER
    if "uid map" in reason or "Operation not permitted" in reason or "Permission denied" in reason:
        return _APPARMOR + " " + _CONTAINER
    if "Function not implemented" in reason:
        return "Use a Linux kernel of version 5.12 or later, or --sandbox docker."
    return "Try `bwrap --unshare-all --ro-bind / / true` by hand; its message says what is forbidden here."


def _setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""


def describe(machine: Machine, parents: Parents, *, copied: bool = False) -> Sequence[str]:
    """The isolation in force, then what is missing here."""
    sentences = [
        "own user, process, network (loopback only), IPC, host name, control group and mount namespaces",
        "ordinary uid 65534 without capabilities; no way to new privileges or namespaces",
        "system-call filter: no tracing, keyrings, io_uring, mounts, foreign socket families",
        "of the host only /usr and the interpreter, read-only; empty environment; no inherited descriptors",
        "files in memory, bounded in bytes and number; limits per process for time, files, core dumps",
    ]
    if machine.root:
        sentences.append("started by root, run under a uid of its own that nothing else on the host has")
        sentences.append(
            "no overlay can be made here: the tree is a copy in memory"
            if copied
            else "the tree is an overlay over a read-only snapshot"
        )
    else:
        sentences.append(
            f"the tree is a copy up to {machine.copy_entries} entries; larger ones are an overlay, "
            "on which renaming a folder that the job did not make fails"
        )
    if machine.counts_memory:
        sentences.append("memory, files in memory included, is limited for all processes together")
    else:
        sentences.append(
            "no aggregate memory limit by the kernel: the limit holds for each process, and a watch kills "
            "the job when all together exceed it (no memory control group may be created here; run as root "
            "or in a delegated scope of systemd)"
        )
    if not machine.counts_processes:
        sentences.append("processes are limited per user namespace")
    if not _counts_cpu(parents):
        sentences.append("the number of cores is not limited")
    if not tells_exits():
        sentences.append("a command's status 128+N is not told from signal N (this takes Linux 6.15)")
    if not machine.disables_userns:
        sentences.append(
            "this bubblewrap is older than 0.8: new user namespaces are forbidden by the filter only"
        )
    return sentences


def borrowed(version: tuple[int, int], lacks: Sequence[str]) -> Sequence[str]:
    """What the interpreter's environment lacks, and whether the harness's own packages step in."""
    if not lacks:
        return []
    named = ", ".join(lacks)
    if version < OLDEST_PYTHON:
        shown = ".".join(map(str, version))
        return [
            f"the interpreter has no {named}, and Python {shown} is too old for the harness's own: install them"
        ]
    return [f"{named} come from the harness's own environment: the interpreter has none"]


def _counts_cpu(parents: Parents) -> bool:
    return parents.unified is not None or "cpu" in (parents.controllers or {})
