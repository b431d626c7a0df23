"""What one call did, as a JSON object that two sides can compare.

An outcome has these keys:

=========  ====================================================================================
kind       ``value``, ``raises X`` (X the class name of the exception), ``hangs``; a supervisor
           adds ``crashes`` for a process that died in the call
text       canonical text of the value (``value`` only)
loose      loose canonical text, present only where it differs from ``text``
plain      loose text with instances of subclasses of built-in types written as these, present only
           where there are such instances
group      coarse type of the value: none, bool, number, text, collection, object
origin     for an exception: ``purpose`` (a raise statement of the tree), ``data`` (implicit, but
           of a class that values cause, such as ValueError or KeyError), ``garbage`` (implicit
           TypeError, AttributeError, NameError, assert …: the call was wrong)
site       for ``purpose``: the function that raised and its raise statement, without the line number
bases      class names of the exception's ancestors, up to Exception
message    text of the exception, for people: it is never compared
where      module and qualified name of the exception's class, null when it cannot be imported
mutated    canonical text of the watched arguments after the call, present only when it changed
printed    what was printed, present only when something was
written    canonical text of the files that the call wrote or removed in the folder of its scenario
           (:mod:`guestlib.files`) or of those that its arguments name, present only when there are such
=========  ====================================================================================

**Class of a difference** (``Difference.before``, ``.after``, ``.narrow`` of the report), used
alike by every check, in this order:

1. the kinds differ: before and after are the two kinds (``value`` → ``raises KeyError``). Where base
   raised on purpose and head does not raise, narrow is base's ``site``: of two refusals in one
   function each is a class of its own;
2. both are ``value`` and ``loose`` (or ``text`` without one) differs: ``value`` → ``value``,
   narrow is ``group→group`` (such as ``number→none``). It does not differ where base's text is
   head's ``plain`` one: an instance of a subclass may stand for one of the class;
3. ``mutated`` differs: a side that mutated is ``mutates``, a side that did not is its kind;
4. ``printed`` differs: a side that printed is ``prints``, a side that did not is its kind;
5. ``written`` differs: both are ``writes``, also a side that left everything as it was.

Anything else is equal.
"""

from __future__ import annotations

import dis
import linecache
import sys
import types
import typing

from guestlib import files
from guestlib.aio import finished
from guestlib.canon import Drained, Shapes, canon, canon_texts, drain, group, is_iterator
from guestlib.guard import Hang, captured, cpu_limit, steady
from guestlib.recipes import importable

Outcome = typing.Dict[str, typing.Any]

RAISE = dis.opmap["RAISE_VARARGS"]
WATCHER: list[typing.Callable[..., typing.Any] | None] = [None]
"""A trace function for what :func:`observe` calls, and not for what is written down of it; one for the process."""
DATA_ERRORS = (ValueError, LookupError, ArithmeticError, EOFError, OSError, StopIteration)


def observe(
    call: typing.Callable[[], typing.Any],
    watched: typing.Sequence[object] = (),
    seconds: float = 0.5,
    shapes: Shapes | None = None,
    root: str = "/tree",
) -> Outcome:
    """Run ``call`` under a CPU limit and say what it did.

    ``watched`` are the arguments whose mutation counts. Iterators among the results are
    drained; an error at their first item counts as an error of the call.
    """
    before = _state(watched, shapes, root)
    lying = files.state()
    steady()
    with captured() as printed:
        outcome = _run(call, seconds, shapes, root)
    if before is not None and outcome["kind"] != "hangs":
        after = _state(watched, shapes, root)
        if after is not None and after != before:
            outcome["mutated"] = after
    if printed.size:
        outcome["printed"] = printed.text()
    written = files.changes(lying)
    if written:
        outcome["written"] = files.told(written)
    return outcome


def _state(watched: typing.Sequence[object], shapes: Shapes | None, root: str) -> str | None:
    """Canonical text of the arguments, None when reading them would use them up or fails."""
    if not watched or any(is_iterator(value) for value in watched):
        return None
    try:
        return canon(tuple(watched), loose=True, shapes=shapes, root=root, numeric=True)
    except Exception:
        return None


def _run(call: typing.Callable[[], typing.Any], seconds: float, shapes: Shapes | None, root: str) -> Outcome:
    watcher = WATCHER[0]
    try:
        with cpu_limit(seconds):
            if watcher is not None:
                sys.settrace(watcher)
            value = _drained(finished(call()))
            if watcher is not None:
                sys.settrace(None)
            return _told(value, shapes, root)
    except Hang:
        return {"kind": "hangs"}
    except BaseException as error:
        return error_outcome(error, root)
    finally:
        if watcher is not None:
            sys.settrace(None)


def value_outcome(value: typing.Any, shapes: Shapes | None = None, root: str = "/tree") -> Outcome:
    """The outcome of a call that returned ``value``. Runs iterators of the code under test.

    An error on purpose after some items belongs to what the iterator gives; an accidental one is the
    outcome: how many items came before nonsense was noticed is nobody's contract.
    """
    return _told(_drained(value), shapes, root)


def _drained(value: typing.Any) -> typing.Any:
    return _first_error_at_the_call(value) if is_iterator(value) else value


def _told(value: typing.Any, shapes: Shapes | None, root: str) -> Outcome:
    if isinstance(value, Drained) and value.error is not None and origin(value.error, root) != "purpose":
        return error_outcome(value.error, root)
    return {"kind": "value", **canon_texts(value, shapes, root), "group": group(value)}


def _first_error_at_the_call(iterator: typing.Any) -> Drained:
    try:
        first = next(iterator)
    except StopIteration:
        return Drained([], "end")
    rest = drain(iterator)
    return Drained([first, *rest.items], rest.end, rest.error)


def error_outcome(error: BaseException, root: str = "/tree") -> Outcome:
    """The outcome of a call that raised ``error``."""
    if isinstance(error, Hang):
        return {"kind": "hangs"}
    bases = [kind.__name__ for kind in type(error).__mro__[1:] if kind not in (BaseException, object)]
    outcome: Outcome = {
        "kind": "raises " + type(error).__name__,
        "origin": origin(error, root),
        "bases": bases,
    }
    if outcome["origin"] == "purpose":
        outcome["site"] = site(error)
    try:
        outcome["message"] = str(error)[:300]
    except Exception:
        outcome["message"] = ""
    outcome["where"] = importable(type(error))
    return outcome


def _innermost(error: BaseException) -> types.TracebackType | None:
    trace = error.__traceback__
    last = None
    while trace is not None:
        last, trace = trace, trace.tb_next
    return last


def site(error: BaseException) -> str:
    """``function: statement`` of the innermost frame of an exception."""
    last = _innermost(error)
    if last is None:
        return ""
    code = last.tb_frame.f_code
    return code.co_name + ": " + linecache.getline(code.co_filename, last.tb_lineno).strip()[:120]


def origin(error: BaseException, root: str) -> str:
    """Where an exception comes from: ``purpose``, ``data`` or ``garbage`` (see the module)."""
    last = _innermost(error)
    if last is not None and not isinstance(error, AssertionError):
        code = last.tb_frame.f_code
        at = last.tb_lasti
        if (
            code.co_filename.startswith(root + "/")
            and 0 <= at < len(code.co_code)
            and code.co_code[at] == RAISE
        ):
            return "purpose"
    return "data" if isinstance(error, DATA_ERRORS) else "garbage"
