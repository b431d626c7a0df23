"""Signed lines between the process that runs the tests and its supervisor.

The tested process gets the writing end and a key before any code of the change runs. Every
line carries a number and a keyed digest, so that a line written by anybody else who finds
the descriptor is recognised as forged instead of believed.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any, Callable

# Taken at import: the code under test may replace these names in their modules.
_digest = hashlib.blake2b
_write = os.write
_getpid = os.getpid
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode

DIGEST_BYTES = 16
MAX_LINE = 8 << 20


def _seal(key: bytes, number: int, body: bytes) -> bytes:
    return _digest(b"%d:" % number + body, key=key, digest_size=DIGEST_BYTES).hexdigest().encode()


def make_sender(descriptor: int, key: bytes) -> Callable[[str, dict[str, Any]], None]:
    """A function ``send(kind, fields)``; it does nothing in a forked child."""
    owner = _getpid()
    state = [0]

    def send(kind: str, fields: dict[str, Any]) -> None:
        if _getpid() != owner:
            return
        body = _encode({"kind": kind, **fields}).encode()
        data = _seal(key, state[0], body) + b" " + body + b"\n"
        state[0] += 1
        while data:
            data = data[_write(descriptor, data) :]

    return send


class Decoder:
    """Takes bytes, gives the messages whose seal is right, counts the lines that are forged."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._rest = b""
        self._number = 0
        self.forged = 0

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The genuine messages completed by ``data``."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE:
            self._rest = b""
            self.forged += 1
        messages = []
        for line in lines:
            message = self._open(line)
            if message is None:
                self.forged += 1
            else:
                messages.append(message)
        return messages

    def _open(self, line: bytes) -> dict[str, Any] | None:
        """The message of a line. A forged piece before a genuine line must not swallow it."""
        at = self._find_seal(line)
        if at is None:
            return None
        self.forged += at > 0
        body = line[at + 2 * DIGEST_BYTES + 1 :]
        self._number += 1
        message = json.loads(body)
        return message if isinstance(message, dict) else None

    def _find_seal(self, line: bytes) -> int | None:
        """Where the genuine line starts, 0 unless forged bytes were put in front of it."""
        at = line.find(b' {"kind":')
        while at >= 0:
            start = at - 2 * DIGEST_BYTES
            if start >= 0 and line[start:at] == _seal(self._key, self._number, line[at + 1 :]):
                return start
            at = line.find(b' {"kind":', at + 1)
        return None
