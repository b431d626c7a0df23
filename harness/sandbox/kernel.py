"""The few system calls of trusted set-up code that Python's standard library lacks.

Standard library only: the stage of the embedded sandbox loads it without site-packages.

Numbers of the mount calls are the same on every architecture (they were added after the
tables were unified). Each wrapper raises OSError with the name of what failed.
"""

import ctypes
import os
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_REC, MS_SLAVE = 2, 4, 0x20, 0x4000, 0x80000

_SYS_OPEN_TREE, _SYS_MOVE_MOUNT, _SYS_MOUNT_SETATTR = 428, 429, 442
_OPEN_TREE_CLONE = 1
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_MOVE_MOUNT_F_EMPTY_PATH = 4
_MNT_DETACH, _UMOUNT_NOFOLLOW = 2, 8
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV, _ATTR_IDMAP = 1, 2, 4, 0x00100000

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave namespaces of this process (``CLONE_NEW…`` flags)."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """mount(2)."""
    texts = [os.fsencode(text) for text in (source, target, kind)]
    result = _libc.mount(*texts, ctypes.c_ulong(flags), os.fsencode(options) or None)
    _check(result, f"mounting {kind or 'propagation'} on {target}")


def unmount(target: str) -> None:
    """Take away what is mounted at ``target``, now or when its last user is gone. No link is followed."""
    _check(
        _libc.umount2(os.fsencode(target), ctypes.c_int(_MNT_DETACH | _UMOUNT_NOFOLLOW)),
        f"unmounting {target}",
    )


def clone_mount(path: str) -> int:
    """A detached copy of what is visible at ``path`` with all mounts below: a descriptor."""
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | _AT_RECURSIVE
    result = _libc.syscall(
        ctypes.c_long(_SYS_OPEN_TREE), ctypes.c_int(_AT_FDCWD), os.fsencode(path), ctypes.c_uint(flags)
    )
    return _check(result, f"taking {path}")


def restrict(tree: int, userns: int | None = None, recursive: bool = True) -> None:
    """Make a detached copy read-only without set-uid programs and devices.

    With ``userns``, owners are shown as that namespace maps them (an idmapped mount).
    """
    attributes = _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV | (_ATTR_IDMAP if userns is not None else 0)
    packed = struct.pack("=QQQQ", attributes, 0, 0, 0 if userns is None else userns)
    flags = _AT_EMPTY_PATH | (_AT_RECURSIVE if recursive else 0)
    result = _libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR), ctypes.c_int(tree), b"", ctypes.c_uint(flags), packed,
        ctypes.c_size_t(len(packed)),
    )  # fmt: skip
    _check(result, "restricting a mount")


def attach(tree: int, target: str) -> None:
    """Put a detached copy at ``target`` and close its descriptor."""
    result = _libc.syscall(
        ctypes.c_long(_SYS_MOVE_MOUNT), ctypes.c_int(tree), b"", ctypes.c_int(_AT_FDCWD),
        os.fsencode(target), ctypes.c_uint(_MOVE_MOUNT_F_EMPTY_PATH),
    )  # fmt: skip
    _check(result, f"attaching {target}")
    os.close(tree)


def die_with_parent(signal_number: int) -> None:
    """Be killed when the parent thread ends. Cleared by a change of uid: call it after that."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl(PDEATHSIG)")


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants, so that none escapes the final wait."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl(CHILD_SUBREAPER)")


def forbid_privileges() -> None:
    """No set-uid program gives privilege to this process or its descendants any more."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")
