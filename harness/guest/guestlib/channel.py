"""JSON lines between a guest and the outside.

The outside sends one envelope line (``{"protocol": 1, "side": …, "request": …}``), then,
in a session, further lines. The guest answers with one object a line on the descriptor
that was standard output when it started; the code under test never gets that descriptor.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
import typing

PROTOCOL = 1
PR_SET_DUMPABLE = 4


class Channel:
    """The guest's end. ``send`` may be called from any thread."""

    def __init__(self, reader: typing.BinaryIO, descriptor: int) -> None:
        self._reader = reader
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def send(self, message: typing.Mapping[str, typing.Any]) -> None:
        """Send one dict. A forked child that inherited the channel is refused."""
        if os.getpid() != self._owner:
            raise RuntimeError("only the process that opened the channel may send")
        data = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]

    def receive(self) -> typing.Any:
        """The next message of the outside, None at the end of its input."""
        line = self._reader.readline()
        return json.loads(line) if line.strip() else None

    def close_in_child(self) -> None:
        """Drop the descriptors in a forked child that goes on to run code under test."""
        os.close(self._descriptor)
        self._reader.close()


def protect() -> None:
    """Make this process unreadable to others of the same uid.

    A process of the code under test could otherwise open ``/proc/PID/fd`` of its parent
    and write into the channel, or read its memory.
    """
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def open_channel() -> tuple[dict[str, typing.Any], Channel]:
    """Take over standard input and output: (envelope, channel).

    Afterwards descriptor 0 is ``/dev/null`` and descriptor 1 is standard error, so that
    stray prints are diagnostics and never protocol.
    """
    reading = os.fdopen(os.dup(0), "rb")
    writing = os.dup(1)
    os.set_inheritable(writing, False)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    channel = Channel(reading, writing)
    envelope = channel.receive()
    if not isinstance(envelope, dict) or envelope.get("protocol") != PROTOCOL:
        sys.exit("guest: the outside speaks another protocol")
    return envelope, channel
