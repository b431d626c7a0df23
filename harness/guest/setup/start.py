"""Runs the commands that set up a project's dependencies, then packs /deps for the harness.

Runs INSIDE, standard library of CPython 3.9 and later. ``/in/setup.json`` holds
``{"commands": [...], "proxy": bool}``. What it hands over, ``/out/deps.tar``, is as hostile as
the commands.
"""

import importlib
import json
import os
import subprocess
import sys
import tarfile
import threading
from typing import Dict, Optional  # noqa: UP035 - CPython 3.9

DEPS = "/deps"
FAILED = 1


def prepare(proxy: bool) -> Optional[str]:  # noqa: UP045 - CPython 3.9
    """Start the way to the proxy; the address that programs are told."""
    if not proxy:
        return None
    forward = importlib.import_module("forward")
    server = forward.listen()
    threading.Thread(target=forward.serve, args=(server,), daemon=True).start()
    return "http://127.0.0.1:%d" % server.getsockname()[1]


def environment(proxy: Optional[str]) -> Dict[str, str]:  # noqa: UP006, UP045
    """The sandbox's own environment, and where the proxy is."""
    values = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_CACHE_DIR="1", PIP_NO_INPUT="1")
    if proxy:
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            values[name] = proxy
    return values


def pack(target: str) -> None:
    """Everything in /deps as a plain archive; what is no file, folder or link stays out."""

    def keep(entry: tarfile.TarInfo) -> Optional[tarfile.TarInfo]:  # noqa: UP045
        if entry.islnk():  # a second name of a file: stored as a file again
            entry.type = tarfile.REGTYPE
            entry.size = os.stat("%s/%s" % (DEPS, entry.name)).st_size
        return entry if entry.isfile() or entry.isdir() or entry.issym() else None

    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT, dereference=False) as archive:
        archive.add(DEPS, ".", filter=keep)


def main() -> int:
    with open("/in/setup.json", encoding="utf-8") as stream:
        request = json.load(stream)
    values = environment(prepare(request["proxy"]))
    for command in request["commands"]:
        sys.stderr.write("+ %s\n" % command)
        sys.stderr.flush()
        status = subprocess.call(["sh", "-c", command], env=values, stdin=subprocess.DEVNULL, stdout=2)
        if status:
            sys.stderr.write("the command ended with status %d\n" % status)
            return FAILED
    if not os.listdir(DEPS):
        sys.stderr.write("the commands left nothing in %s\n" % DEPS)
        return FAILED
    pack("/out/deps.tar")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main())
