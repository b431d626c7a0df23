"""From a running frame back to the function that it runs."""

from __future__ import annotations

import gc
import types
import typing


def function_object(code: types.CodeType, frame: types.FrameType | None = None) -> typing.Any:
    """The function that a frame runs, found among the references to its code; None without one.

    Several closures may share one code; the one whose cells hold the frame's values is taken.
    """
    found = [item for item in gc.get_referrers(code) if isinstance(item, types.FunctionType)]
    if len(found) < 2 or frame is None:
        return found[0] if found else None
    values = frame.f_locals
    for function in found:
        cells = zip(code.co_freevars, function.__closure__ or ())
        if all(name in values and values[name] is _content(cell) for name, cell in cells):
            return function
    return found[0]


def _content(cell: typing.Any) -> typing.Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
