"""Reads the stage's report: how a job ended."""

from collections.abc import Mapping
from typing import Any, cast

from harness.sandbox.interface import End, Ended, Failed, Limited, LimitName
from harness.sandbox.streams import Capture

_SIGKILL = 9
_FATAL_SIGNALS = frozenset((*range(1, 16), 24, 25, 31))
_LIMITS = ("wall", "cpu", "memory", "output", "disk", "processes")


def end_of(report: Mapping[str, Any] | None, capture: Capture, *, killed: bool) -> End:
    """The end by the stage's report (None when it sent none) and by what was captured.

    ``killed``: the harness gave the order to kill.
    """
    if report is None:
        return Failed("the process that keeps the sandbox ended without a word; run it again")
    if capture.flooded:
        return Limited("output")
    kind = report["end"]
    if kind == "limited" and report["limit"] in _LIMITS:
        return Limited(cast(LimitName, report["limit"]))
    if kind == "killed" or (killed and kind == "failed"):
        return Ended(-_SIGKILL)
    if kind == "ended" and isinstance(report["status"], int):
        return Ended(status_of(report["status"], report.get("signalled")))
    said = capture.kept("stderr").decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
    reason = str(report.get("reason") or "the sandbox could not be set up")
    return Failed(f"{reason}: {said}" if said else reason)


def status_of(code: int, signalled: bool | None) -> int:
    """bubblewrap tells a death by signal N as status 128+N, as shells do: undo that.

    ``signalled`` is the kernel's word on it. Kernels before 6.15 have none (None): then a
    command that itself ends with such a status cannot be told apart.
    """
    if signalled is not None:
        return 128 - code if signalled and code > 128 else code
    return 128 - code if code - 128 in _FATAL_SIGNALS else code
