"""Holds on to the command's process, so that the kernel itself tells how it ended.

bubblewrap reports a death by signal N as status 128+N, which a command may also end with. So
the launcher inside first says through a socket that it is there, and goes on when the stage has
a handle (pidfd) of it; a handle tells the exit status even of a process that is long gone.
"""

import errno
import fcntl
import os
import socket
import struct

# Kernel 6.15 and later; include/uapi/linux/pidfd.h: _IOWR(0xFF, 11, struct pidfd_info).
_GET_INFO, _WITH_EXIT = 0xC040FF0B, 1 << 3
_INFO = struct.Struct("=Q52xi")
_CREDENTIALS = struct.Struct("=iII")


def tells_exits() -> bool:
    """Whether this kernel tells through a handle how a process ended."""
    handle = os.pidfd_open(os.getpid())
    try:
        fcntl.ioctl(handle, _GET_INFO, bytearray(_INFO.pack(_WITH_EXIT, 0)))
    except OSError as error:
        return error.errno == errno.ESRCH  # known, and this process lives
    finally:
        os.close(handle)
    return True


class Gate:
    """``inner`` is the launcher's end of the socket; close it in the stage after the fork."""

    def __init__(self) -> None:
        self._outer, self.inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._outer.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._outer.setblocking(False)
        self._handle: int | None = None
        self.waiting = True

    def fileno(self) -> int:
        """For poll: readable when the launcher is there, or gone."""
        return self._outer.fileno()

    def open(self) -> None:
        """Take hold of the process that wrote, as the kernel names it, and let it go on."""
        self.waiting = False
        try:
            data, ancillary, _, _ = self._outer.recvmsg(16, socket.CMSG_SPACE(_CREDENTIALS.size))
            for level, kind, payload in ancillary:
                if data and level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                    self._handle = os.pidfd_open(_CREDENTIALS.unpack(payload[: _CREDENTIALS.size])[0])
            self._outer.send(b"\n")
        except OSError:
            return  # it is gone already, or the kernel is old: bubblewrap's word has to do

    def died_by_signal(self) -> bool | None:
        """Whether a signal ended the command; None where this kernel does not tell."""
        if self._handle is None:
            return None
        told = bytearray(_INFO.pack(_WITH_EXIT, 0))
        try:
            fcntl.ioctl(self._handle, _GET_INFO, told)
        except OSError:
            return None
        mask, status = _INFO.unpack(told)
        return os.WIFSIGNALED(status) if mask & _WITH_EXIT else None
