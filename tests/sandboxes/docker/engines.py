"""Engines of a test's own: a second dockerd, Podman's service; never the machine's."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.sandboxes.docker import module


class Engine:
    """A running engine: ``address`` for DOCKER_HOST, its process, and where it stores what it has."""

    data: Path

    def __init__(self, command: list[str], socket: Path) -> None:
        self._command, self._socket = command, socket
        self.address = f"unix://{socket}"
        self.process = self._start()

    def revive(self) -> None:
        """Start it again when it was killed."""
        if self.process.poll() is not None:
            self._socket.unlink(missing_ok=True)
            (self._socket.parent / "pid").unlink(missing_ok=True)
            self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(self._command, stdin=quiet, stdout=quiet, stderr=quiet)
        end = time.monotonic() + 60
        while not self._socket.is_socket() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
        assert self._socket.is_socket(), f"{self._command[0]} did not start"
        return process

    def end(self) -> None:
        """Ask it to end, and see that it does."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def dockerd(runtimes: Mapping[str, object], data_bytes: int | None = None) -> Iterator[Engine]:
    """A Docker engine with these runtimes (as in daemon.json), and the sandbox image in it.

    With ``data_bytes`` its storage is a disk of that size, in memory.
    """
    _needs("dockerd")
    with _place() as place:
        (place / "data").mkdir()
        if data_bytes is not None:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={data_bytes}", "small", f"{place}/data"]
            subprocess.run(mount, check=True)
        (place / "daemon.json").write_text(json.dumps({"runtimes": dict(runtimes)}))
        # In a network of its own: an engine told to have no bridge removes this machine's.
        command = [
            "unshare", "--net", "dockerd", "--config-file", f"{place}/daemon.json",
            "--data-root", f"{place}/data", "--exec-root", f"{place}/exec",
            "--pidfile", f"{place}/pid", "-H", f"unix://{place}/s", "--bridge", "none",
            "--iptables=false", "--ip-forward=false",
        ]  # fmt: skip
        with _running(command, place / "s") as engine:
            engine.data = place / "data"
            _load_image(engine)
            yield engine


@contextlib.contextmanager
def podman() -> Iterator[Engine]:
    """Podman's service with the runtime runc, and the sandbox image in it."""
    _needs("podman")
    with _place() as place:
        base = ["podman", "--root", f"{place}/root", "--runroot", f"{place}/run", "--runtime", "runc"]
        base += ["--cgroup-manager", "cgroupfs"]
        saved = subprocess.Popen(["docker", "save", module("recipe").tag()], stdout=subprocess.PIPE)
        subprocess.run([*base, "load"], stdin=saved.stdout, check=True, capture_output=True)
        saved.wait()
        service = [*base, "system", "service", "--time=0", f"unix://{place}/s"]
        with _running(service, place / "s") as engine:
            yield engine


_ROOTLESS = """
echo nobody:1000000:65536 > ids
for file in /etc/subuid /etc/subgid; do mount --bind ids $file; done
chown -R nobody .
exec setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$PWD" XDG_RUNTIME_DIR="$PWD" \\
  rootlesskit --net=host --copy-up=/etc --copy-up=/run --state-dir="$PWD/kit" sh -c '
    rm -f /run/docker /run/containerd /run/xtables.lock
    exec unshare --net dockerd --rootless --data-root="$HOME/data" --exec-root="$HOME/exec" \\
      --pidfile="$HOME/pid" -H "unix://$HOME/s" --bridge=none --iptables=false --ip-forward=false'
"""
"""What an ordinary user starts; the ids are lent to it for the time of the engine, in a mount namespace."""


@contextlib.contextmanager
def rootless() -> Iterator[Engine]:
    """A Docker engine of the user nobody, without network, and the sandbox image in it."""
    for program in ("dockerd", "rootlesskit", "newuidmap"):
        _needs(program)
    if not Path("/etc/subuid").exists():
        pytest.skip("this takes /etc/subuid (apt-get install uidmap)")
    with _place() as place:
        place.chmod(0o755)
        command = ["unshare", "--mount", "sh", "-c", f"cd {place}\n{_ROOTLESS}"]
        with _running(command, place / "s") as engine:
            _load_image(engine)
            yield engine


def _load_image(engine: Engine) -> None:
    with subprocess.Popen(["docker", "save", module("recipe").tag()], stdout=subprocess.PIPE) as saved:
        load = ["docker", "-H", engine.address, "load"]
        subprocess.run(load, stdin=saved.stdout, check=True, capture_output=True)


def _needs(program: str) -> None:
    if os.geteuid() != 0 or shutil.which(program) is None:
        pytest.skip(f"this takes root and {program} (apt-get install docker.io podman rootlesskit uidmap)")


@contextlib.contextmanager
def _place() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="e", dir="/var/tmp"))  # the path of a socket must be short
    try:
        yield place
    finally:
        _end_processes_of(place)
        for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
            point = line.split()[4]
            if point.startswith(f"{place}/"):
                subprocess.run(["umount", "-l", point], check=False, capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


def _end_processes_of(place: Path) -> None:
    """Kill what an engine that was killed, or a runtime that failed to start, left running there."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                if os.fsencode(place) in (folder / "cmdline").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)


@contextlib.contextmanager
def _running(command: list[str], socket: Path) -> Iterator[Engine]:
    engine = Engine(command, socket)
    try:
        yield engine
    finally:
        engine.end()
