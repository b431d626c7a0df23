"""Which step of a scenario does what it shows."""

from typing import Any


def acting(steps: list[Any], at: int) -> int:
    """The step, or the one before it where it only does something with what that gave or was given."""
    while at >= 0 and steps[at][0] in ("@emptied", "@emptied inside", "@taken"):
        at -= 1
    return at


def method_of(step: list[Any]) -> str:
    """Name of the method that a step calls or of what it sets, of calls at once the first, of a body its manager."""
    if step[0] == "@within":
        return str(step[1][0] or step[1][2])
    if step[0] != "@together":
        return str(step[0]).rstrip("=")
    calls = step[1]
    first = calls[0][1] if isinstance(calls, list) and calls and isinstance(calls[0], list) else None
    return str(first[0]) if isinstance(first, list) and first else "@together"
