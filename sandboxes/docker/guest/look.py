"""Tells what the sandbox looks like from inside, as one JSON object on standard output."""

import ctypes
import importlib.util
import json
import os
import platform
import sys
from typing import Dict, List  # noqa: UP035 - CPython 3.9

PR_GET_NO_NEW_PRIVS = 39
FIELDS = ("Uid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")
PACKAGES = ("pytest", "hypothesis", "coverage")
MUST_NOT_BE_WRITABLE = ("/", "/usr", "/etc", "/root", "/in", "/guest", "/sys", "/proc/sys", "/dev")


def status() -> Dict[str, str]:
    found = {}
    with open("/proc/self/status") as stream:
        for line in stream:
            name, _, value = line.partition(":")
            if name in FIELDS:
                found[name] = value.split()[0]
    # gVisor's file leaves this out.
    found.setdefault("NoNewPrivs", str(ctypes.CDLL(None).prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)))
    return found


def interfaces() -> List[str]:
    with open("/proc/net/dev") as stream:
        return sorted(line.partition(":")[0].strip() for line in stream if ":" in line)


def nonce(path: str) -> str:
    try:
        with open(path) as stream:
            return stream.read(100)
    except OSError:
        return ""


def tree() -> str:
    """The secret in the tree, empty when it cannot be read, or changed as the tree's owner would."""
    try:
        with open("/tree/nonce", "a") as stream:
            stream.write("!")
        os.rename("/tree/folder", "/tree/renamed")
    except OSError:
        return ""
    return nonce("/tree/nonce")


def gnu() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (OSError, ValueError):
        return False


def main() -> None:
    told = {
        "version": list(sys.version_info[:2]),
        "status": status(),
        "interfaces": interfaces(),
        "writable": [name for name in MUST_NOT_BE_WRITABLE if os.access(name, os.W_OK)],
        "nonce": nonce("/in/nonce"),
        "tree": tree(),
        "gnu": gnu(),
        "machine": platform.machine(),
        "lacking": [name for name in PACKAGES if importlib.util.find_spec(name) is None],
    }
    print(json.dumps(told))


main()
