"""Tells what the sandbox looks like from inside, as one JSON object on standard output."""

import importlib.util
import json
import os
import platform
import sys
from typing import Dict, List  # noqa: UP035 - CPython 3.9

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
    return found


def interfaces() -> List[str]:
    try:
        return sorted(os.listdir("/sys/class/net"))
    except OSError:
        return []


def nonce() -> str:
    try:
        with open("/in/nonce") as stream:
            return stream.read(100)
    except OSError:
        return ""


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
        "nonce": nonce(),
        "gnu": gnu(),
        "machine": platform.machine(),
        "lacking": [name for name in PACKAGES if importlib.util.find_spec(name) is None],
    }
    print(json.dumps(told))


main()
