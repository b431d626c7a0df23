"""Decoding what a guest sends. Every byte of it is hostile input."""

from collections.abc import Mapping
from typing import Any

import msgspec

from harness.check.interface import Message, Side

PROTOCOL = 1
MAX_LINE = 8 << 20
MAX_MESSAGES = 200_000
CLOSED = "closed"


def envelope(side: Side, request: Mapping[str, Any]) -> bytes:
    """The first line a guest receives."""
    return msgspec.json.encode({"protocol": PROTOCOL, "side": side.value, "request": request}) + b"\n"


def encode(message: Mapping[str, Any]) -> bytes:
    """A later line for a guest."""
    return msgspec.json.encode(message) + b"\n"


def decode(line: bytes) -> Message | None:
    """One message, None when the line is no JSON object or is too long or too deep."""
    if len(line) > MAX_LINE:
        return None
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return value if isinstance(value, dict) else None


class Decoder:
    """Collects messages line by line; ``closed`` once the library's last message was seen."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.malformed = 0
        self.closed = False

    def feed(self, line: bytes) -> Message | None:
        """The message in a line, None when there is none to hand on."""
        if not line.strip():
            return None
        message = decode(line)
        if message is None or len(self.messages) >= MAX_MESSAGES:
            self.malformed += 1
            return None
        # Anything after the closing message was written by somebody else.
        if self.closed:
            self.malformed += 1
            return None
        if message == {"type": CLOSED}:
            self.closed = True
            return None
        self.messages.append(message)
        return message
