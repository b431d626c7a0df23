"""What the guest sends, decoded strictly: everything in it is hostile."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec

Short = Annotated[str, msgspec.Meta(max_length=400)]
Line = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Kind = Literal["network", "process", "read", "write", "env"]
MAX_EVENTS = 5_000


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """A frame of the tree: path, first line of its code, running line, name of the code."""

    path: Short
    first: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
    line: Line
    name: Short


class Event(msgspec.Struct, frozen=True):
    """One thing that the tree's code did. ``stack`` holds frames of the tree, the innermost first."""

    kind: Kind
    what: Short
    text: Short
    stack: Annotated[tuple[Frame, ...], msgspec.Meta(min_length=1, max_length=20)]
    test: Annotated[str, msgspec.Meta(max_length=2000)] = ""

    @property
    def key(self) -> tuple[str, str]:
        """What is compared between the sides."""
        return self.kind, self.what

    @property
    def at_import(self) -> bool:
        """Whether it happened while a module was imported or run as a script."""
        return any(frame.name == "<module>" for frame in self.stack)


class Facts(msgspec.Struct, frozen=True):
    """How far a run came: tests that passed, modules that could be imported, whether pytest ended."""

    passed: Annotated[tuple[str, ...], msgspec.Meta(max_length=5000)] = ()
    imported: Annotated[tuple[Short, ...], msgspec.Meta(max_length=1000)] = ()
    finished: bool = False


def decode_events(messages: Iterable[Mapping[str, Any]]) -> list[Event]:
    """The well-formed events of all messages."""
    found: list[Event] = []
    for message in messages:
        listed = message.get("events")
        for one in listed if isinstance(listed, list) else ():
            try:
                found.append(msgspec.convert(one, Event))
            except (msgspec.ValidationError, RecursionError):
                continue
            if len(found) >= MAX_EVENTS:
                return found
    return found


def decode_facts(messages: Iterable[Mapping[str, Any]]) -> Facts | None:
    """The one message with the facts, None when there is none or it has another shape."""
    for message in messages:
        try:
            return msgspec.convert(message, Facts)
        except (msgspec.ValidationError, RecursionError):
            return None
    return None
