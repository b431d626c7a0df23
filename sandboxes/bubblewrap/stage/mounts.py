"""Assembles what a job sees below one private mount point.

Every source on the host is taken as a detached mount before anything is covered, so that
any folder of the host may serve as the mount point and no folder is left behind.
"""

# The stage does without pathlib: importing it would cost as much as a whole sandbox.
# ruff: noqa: PTH101, PTH102, PTH103, PTH116, PTH120, PTH123

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from harness.sandbox import kernel

from . import copying

SCRATCH_PARTS = ("upper", "work", "out", "tmp", "shm", "deps")
HOME = "tmp/home"
_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV


@dataclass(frozen=True)
class Owner:
    """The host uid and gid that the sandbox's user is."""

    uid: int
    gid: int


class OwnerMaps:
    """User namespaces that show files of one owner as files of the sandbox's user.

    Made on demand and kept: the server forks stages that inherit the descriptors.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._made: dict[tuple[int, int], int] = {}

    def get(self, uid: int, gid: int) -> int:
        """Descriptor of the namespace for files of ``uid`` and ``gid``."""
        if (uid, gid) not in self._made:
            self._made[uid, gid] = self._make(uid, gid)
        return self._made[uid, gid]

    def _make(self, uid: int, gid: int) -> int:
        ready, hold = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
        child = os.fork()
        if child == 0:
            _wait_in_new_userns(ready[1], hold)
        os.close(ready[1])
        os.close(hold[0])
        try:
            os.read(ready[0], 1)
            write(f"/proc/{child}/uid_map", f"{uid} {self._owner.uid} 1")
            write(f"/proc/{child}/gid_map", f"{gid} {self._owner.gid} 1")
            return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            os.close(ready[0])
            os.close(hold[1])
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _wait_in_new_userns(ready: int, hold: tuple[int, int]) -> None:
    try:
        os.close(hold[1])
        kernel.unshare(kernel.CLONE_NEWUSER)
        os.write(ready, b"r")
        os.read(hold[0], 1)
    finally:
        os._exit(0)


def write(path: str, text: str) -> None:
    """Write a file of procfs or cgroupfs in one call."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def enter_namespaces(owner: Owner | None) -> None:
    """A private mount namespace; without root (``owner`` None) in a user namespace of our own."""
    if owner is None:
        uid, gid = os.getuid(), os.getgid()
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{uid} {uid} 1")
        write("/proc/self/gid_map", f"{gid} {gid} 1")
    else:
        kernel.unshare(kernel.CLONE_NEWNS)
    # Nothing of ours reaches the host; what the host unmounts is not kept busy by us.
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_SLAVE)


class Assembly:
    """What one job sees, made below ``point``. Use the methods in the order of their definition."""

    def __init__(self, point: str, owner: Owner | None, maps: OwnerMaps | None) -> None:
        self.point = point
        self._owner = owner
        self._maps = maps

    def take(self, path: str) -> tuple[int, bool]:
        """A detached read-only copy of a host path, and whether the sandbox's user owns its files."""
        tree = kernel.clone_mount(path)
        if self._maps is None:
            kernel.restrict(tree)
            return tree, os.stat(path).st_uid == os.getuid()
        status = os.stat(path)
        try:
            kernel.restrict(tree, self._maps.get(status.st_uid, status.st_gid))
        except OSError:
            # No idmapped mounts on this file system: permissions of the host apply.
            os.close(tree)
            tree = kernel.clone_mount(path)
            kernel.restrict(tree)
            return tree, False
        return tree, True

    def cover(self, size: int, inodes: int) -> None:
        """Mount the private folder, and in it the sized memory file system for all writing."""
        kernel.mount("tmpfs", self.point, "tmpfs", _FLAGS, "mode=0755,size=512m")
        scratch = f"{self.point}/scratch"
        os.mkdir(scratch)
        kernel.mount("tmpfs", scratch, "tmpfs", _FLAGS, f"mode=0755,size={size},nr_inodes={inodes}")
        for part in SCRATCH_PARTS:
            os.mkdir(f"{scratch}/{part}")
            os.chmod(f"{scratch}/{part}", 0o1777 if part in ("tmp", "shm") else 0o755)
            self.give(f"{scratch}/{part}")
        os.mkdir(f"{scratch}/{HOME}", 0o755)
        self.give(f"{scratch}/{HOME}")

    def grow(self, size: int, inodes: int) -> None:
        """Give the memory file system another size."""
        options = f"mode=0755,size={size},nr_inodes={inodes}"
        kernel.mount("tmpfs", f"{self.point}/scratch", "tmpfs", _FLAGS | kernel.MS_REMOUNT, options)

    def give(self, path: str) -> None:
        """Make the sandbox's user the owner."""
        if self._owner is not None:
            os.chown(path, self._owner.uid, self._owner.gid, follow_symlinks=False)

    def place(self, tree: int, name: str, *, folder: bool) -> None:
        """Attach a detached copy at ``point/name``."""
        target = f"{self.point}/{name}"
        os.makedirs(target if folder else os.path.dirname(target), exist_ok=True)
        if not folder:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
        kernel.attach(tree, target)

    def add_files(self, files: Sequence[tuple[str, int]], content: memoryview) -> None:
        """Write small trusted-path files: (name below the point, size) and the joined content."""
        start = 0
        for name, size in files:
            target = f"{self.point}/{name}"
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as stream:
                stream.write(content[start : start + size])
            start += size

    def add_overlay(self, lower: int) -> str:
        """The tree as an overlay over its read-only folder; the path of the writable view."""
        target = f"{self.point}/tree"
        os.mkdir(target)
        self.place(lower, "lower", folder=True)
        scratch = f"{self.point}/scratch"
        # Renaming a folder of the lower layer needs redirect_dir, which only a mount by real
        # root may use.
        special = "userxattr" if self._owner is None else "redirect_dir=on,metacopy=off,index=off,xino=off"
        layers = f"lowerdir={self.point}/lower,upperdir={scratch}/upper,workdir={scratch}/work"
        kernel.mount("overlay", target, "overlay", _FLAGS, f"{layers},{special}")
        return target

    def add_copy(self, source: int, limit: int) -> str:
        """The tree as a plain copy of at most ``limit`` bytes; the path of the copy."""
        target = f"{self.point}/scratch/upper"
        ids = None if self._owner is None else (self._owner.uid, self._owner.gid)
        copying.copy_tree(source, target, ids, limit)
        return target
