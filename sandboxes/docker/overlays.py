"""Private trees for an engine that sees this machine's files: overlays that this process mounts.

Real root only. A job's overlay has the snapshot as its read-only lower layer, shown as the
sandbox user's own files, and a sized memory file system for all that the job writes. Mounts
lie below the driver's workspace, so that what a killed harness left is found and taken away.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

from harness.sandbox import kernel
from harness.sandbox.interface import Limits

from .options import USER

_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV
_LAYERS = ("lower", "upper", "work", "tree")
# Renaming a folder of the lower layer needs redirect_dir.
_OPTIONS = "redirect_dir=on,metacopy=off,index=off,xino=off"
_NAMESPACE = """
import ctypes, sys
sys.exit(1) if ctypes.CDLL(None).unshare(0x10000000) else print("made", flush=True)
sys.stdin.read()
"""


class Overlays:
    """Makes and removes overlays. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._maps: dict[tuple[int, int], int] = {}

    @staticmethod
    def possible() -> bool:
        """Whether this process may mount; a trial tells whether an engine sees what it mounts."""
        return os.geteuid() == 0

    def make(self, source: Path, folder: Path, limits: Limits) -> Path:
        """Mount a private view of ``source`` below ``folder`` (made here); its path.

        Raises OSError, with nothing left behind, where the kernel or a file system forbids it.
        """
        folder.mkdir(mode=0o700)
        try:
            inodes = limits.disk_inodes + len(_LAYERS) + 2
            options = f"mode=0700,size={limits.disk_bytes},nr_inodes={inodes}"
            kernel.mount("tmpfs", str(folder), "tmpfs", _FLAGS, options)
            for name in _LAYERS:
                (folder / name).mkdir(mode=0o755)
            os.chown(folder / "upper", USER, USER)
            kernel.attach(self._lower(source), str(folder / "lower"))
            layers = f"lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work"
            kernel.mount("overlay", f"{folder}/tree", "overlay", _FLAGS, f"{layers},{_OPTIONS}")
        except OSError:
            remove(folder)
            raise
        return folder / "tree"

    def close(self) -> None:
        """Let go of the kept namespaces."""
        with self._lock:
            for descriptor in self._maps.values():
                os.close(descriptor)
            self._maps.clear()

    def _lower(self, source: Path) -> int:
        status = source.stat()
        tree = kernel.clone_mount(str(source))
        try:
            kernel.restrict(tree, self._map(status.st_uid, status.st_gid))
        except OSError:
            os.close(tree)
            raise
        return tree

    def _map(self, uid: int, gid: int) -> int:
        """A user namespace that shows files of this owner as the sandbox user's."""
        with self._lock:
            if (uid, gid) not in self._maps:
                self._maps[uid, gid] = _namespace(uid, gid)
            return self._maps[uid, gid]


def _namespace(uid: int, gid: int) -> int:
    command = [sys.executable, "-I", "-S", "-c", _NAMESPACE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as helper:
        assert helper.stdin
        assert helper.stdout
        if not helper.stdout.readline():
            raise OSError("no user namespace can be made")
        place = Path(f"/proc/{helper.pid}")
        (place / "uid_map").write_text(f"{uid} {USER} 1")
        (place / "gid_map").write_text(f"{gid} {USER} 1")
        descriptor = os.open(place / "ns/user", os.O_RDONLY | os.O_CLOEXEC)
        helper.stdin.close()
    return descriptor


def remove(folder: Path) -> bool:
    """Take away a folder of ``make`` with its mounts; False when it stayed.

    What a job wrote is never walked over: it goes with its memory file system.
    """
    unmount_below(folder)
    try:
        folder.rmdir()
    except OSError:
        return not folder.exists()
    return True


def unmount_below(folder: Path) -> None:
    """Take away everything that is mounted at or below a folder, the latest first."""
    root = os.fsencode(folder.resolve())
    found = []
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        point = line.split()[4].replace(b"\\040", b" ").replace(b"\\134", b"\\")
        if point == root or point.startswith(root + b"/"):
            found.append(point)
    for point in reversed(found):
        try:
            kernel.unmount(os.fsdecode(point))
        except OSError:
            continue
