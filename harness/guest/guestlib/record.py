"""Records the calls of the tree's own functions while tests run.

A :class:`Recorder` traces with ``sys.settrace`` (it must know which exception left a call,
which ``sys.setprofile`` does not tell), so it cannot share a process with a coverage
measurement that traces too. It asks for no line events: a test suite runs at about half
speed.

Each record is a JSON object:

========  ===============================================================================
symbol    ``module.qualname`` of the function, such as ``shop.cart.Cart.add``
test      what :attr:`Recorder.test` was: the id of the test that was running
index     number of this call among the calls of the same symbol in the same test, from 0
nested    the caller was a function of the tree as well (not the test itself)
key       canonical text of the arguments at the call, ``self`` included
args      recipes of the positional arguments, without ``self`` or ``cls``; null without one
kwargs    ``[[name, recipe], …]``
receiver  recipe of ``self``, null for functions or when there is none
serial    number of the receiver object in its test, to put calls on one object in sequence
outcome   as :mod:`guestlib.outcome` has it (``value``, ``raises X``; no ``printed``); of the kind
          ``suspended`` where the call gave a generator, a coroutine or an iterator; the value of a
          constructor is the object that it made
========  ===============================================================================
"""

from __future__ import annotations

import dis
import inspect
import sys
import threading
import types
import typing

from guestlib import files
from guestlib.canon import Shapes, canon, canon_texts, group, is_iterator
from guestlib.outcome import error_outcome
from guestlib.recipes import History, Recipe, UnwritableError, recipe_of
from guestlib.symbols import Symbols
from guestlib.wrappers import Wrappers

Record = typing.Dict[str, typing.Any]
GENERATOR_FLAGS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class Recorder:
    """Collects records in :attr:`records`; at most ``per_symbol`` a symbol and test, ``total`` in all.

    ``lazy``: keep calls of generators and coroutines, and those that return iterators, too, with
    the outcome ``suspended``. ``files``: see :class:`guestlib.recipes.History`.

    ``wanted``: keep calls of these symbols only, without ``key``, with nothing but the kind of the
    outcome, and with what callers give to a decorator's wrapper rather than what that hands on.
    """

    def __init__(
        self,
        tree: str,
        per_symbol: int = 200,
        total: int = 20_000,
        shapes: Shapes | None = None,
        lazy: bool = False,
        files: bool = False,
        wanted: typing.Callable[[str], bool] | None = None,
    ) -> None:
        self.wanted = wanted
        self.tree = tree
        self.symbols = Symbols(tree)
        self.wrappers = Wrappers(self.symbols)
        self.shapes = shapes or Shapes()
        self.per_symbol = per_symbol
        self.total = total
        self.records: list[Record] = []
        self.history = History(files)
        self.test = ""
        self.dropped = 0
        self.counts: dict[tuple[str, str], int] = {}
        self.serials: dict[int, tuple[object, int]] = {}
        self.busy = False
        self.lazy = lazy

    def start(self) -> None:
        """Trace this thread and those started from now on."""
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)

    def stop(self) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def begin(self, test: str) -> None:
        """Later records belong to ``test``. Also resumes tracing that the test's code ended."""
        self.test = test
        self.counts.clear()
        self.serials.clear()
        self.start()

    def _on_call(self, frame: types.FrameType, event: str, arg: object) -> typing.Any:
        if self.busy or event != "call":
            return None
        code = frame.f_code
        if self.wanted is not None and code.co_freevars:
            code = self.wrappers.of(frame) or code
        symbol = self.symbols.of(code)
        if symbol is None or (
            frame.f_lasti > 0 and frame.f_code.co_flags & GENERATOR_FLAGS and _resumed(frame)
        ):
            return None
        key = (symbol, self.test)
        index = self.counts.get(key, 0)
        self.counts[key] = index + 1
        if index >= self.per_symbol or len(self.records) >= self.total:
            self.dropped += 1
            return None
        self.busy = True
        try:
            if self.wanted is not None and code is frame.f_code and self.wrappers.hands_on_to(frame):
                return None
            return self._open(frame, code, symbol, index)
        except Exception:
            self.dropped += 1
            return None
        finally:
            self.busy = False

    def _open(self, frame: types.FrameType, code: types.CodeType, symbol: str, index: int) -> typing.Any:
        receiver, args, kwargs = split(frame, symbol, code)
        every = [*([] if receiver is None else [receiver]), *args, *kwargs.values()]
        record: Record = {"symbol": symbol, "test": self.test, "index": index, "args": None, "kwargs": []}
        record["nested"] = frame.f_back is not None and self.symbols.of(frame.f_back.f_code) is not None
        constructor = code.co_name == "__init__"
        brief = self.wanted is not None
        readable = not brief and not any(is_iterator(value) for value in every)
        shown = every[1:] if constructor else every
        if not brief:
            record["key"] = canon(tuple(shown), shapes=self.shapes, root=self.tree) if readable else None
        record["receiver"] = None
        record["serial"] = self._serial(receiver)
        try:
            record["args"] = [recipe_of(value, self.history) for value in args]
            record["kwargs"] = [[name, recipe_of(value, self.history)] for name, value in kwargs.items()]
            if receiver is not None and not constructor:
                record["receiver"] = recipe_of(receiver, self.history)
        except UnwritableError as error:
            record["unwritable"] = str(error)
        if receiver is not None:
            self._remember(frame, receiver, record, constructor)
        if self.wanted is not None and not self.wanted(symbol):
            return None
        watched = tuple(every) if readable and not constructor else ()
        made = receiver if constructor and not brief else None
        return _Open(self, record, watched, frame.f_code, made).on_event

    def _remember(self, frame: types.FrameType, receiver: object, record: Record, constructor: bool) -> None:
        writable = record["args"] is not None and "unwritable" not in record
        if constructor and writable:
            self.history.add(receiver, record["args"], record["kwargs"])
        elif not constructor and not _calls_itself(frame, receiver):
            name = record["symbol"].rpartition(".")[2]
            if isinstance(inspect.getattr_static(type(receiver), name, None), property):
                if record["args"] == []:
                    return  # reading it is nothing that happens to the object
                name += "="
            self.history.step(receiver, [name, record["args"], record["kwargs"]] if writable else None)

    def _serial(self, receiver: object) -> int | None:
        if receiver is None:
            return None
        known = self.serials.get(id(receiver))
        if known is None or known[0] is not receiver:
            known = self.serials[id(receiver)] = (receiver, len(self.serials))
        return known[1]


UNREAD: typing.Dict[str, typing.Any] = {"kind": "suspended"}
ANSWERED: typing.Dict[str, typing.Any] = {"kind": "value"}


class _Open:
    """One call that has begun: waits for its return or for the exception that leaves it."""

    def __init__(
        self,
        recorder: Recorder,
        record: Record,
        watched: tuple[object, ...],
        code: types.CodeType,
        made: object = None,
    ) -> None:
        self.made = made
        self.recorder = recorder
        self.record = record
        self.watched = watched
        self.before = self._state()
        self.lying = files.named(watched)
        self.lazy = bool(code.co_flags & GENERATOR_FLAGS)
        self.error: BaseException | None = None

    def _state(self) -> str | None:
        if not self.watched:
            return None
        return canon(
            self.watched, loose=True, shapes=self.recorder.shapes, root=self.recorder.tree, numeric=True
        )

    def on_event(self, frame: types.FrameType, event: str, arg: typing.Any) -> typing.Any:
        frame.f_trace_lines = False
        if event == "exception":
            self.error = arg[1] if arg[1] is None or arg[1].__traceback__ else arg[1].with_traceback(arg[2])
        elif event == "return" and not self.recorder.busy:
            self.recorder.busy = True
            try:
                self._close(frame, arg)
            except Exception:
                self.recorder.dropped += 1
            finally:
                self.recorder.busy = False
            return None
        return self.on_event

    def _close(self, frame: types.FrameType, value: object) -> None:
        recorder = self.recorder
        unread = self.lazy and self.error is None
        if unread:
            outcome = UNREAD  # a generator's or a coroutine's first suspension says nothing about its outcome
        elif value is None and self.error is not None and not _returned(frame):
            outcome = error_outcome(self.error, recorder.tree)
        elif is_iterator(value):
            unread, outcome = True, UNREAD  # reading it would take the items away from the test
        elif recorder.wanted is not None:
            outcome = ANSWERED
        else:
            value = value if self.made is None else self.made
            texts = canon_texts(value, recorder.shapes, recorder.tree)
            outcome = {"kind": "value", **texts, "group": group(value)}
        if unread and not recorder.lazy:
            return
        after = self._state()
        if after != self.before:
            outcome = {**outcome, "mutated": after}
        written = files.changed(self.lying, files.named(self.watched))
        if written:
            outcome = {**outcome, "written": files.told(written)}
        self.record["outcome"] = outcome
        recorder.records.append(self.record)


def _returned(frame: types.FrameType) -> bool:
    """Whether the frame stands at a return instruction, that is, handled its last exception."""
    code = frame.f_code.co_code
    at = frame.f_lasti
    return 0 <= at < len(code) and dis.opname[code[at]].startswith(("RETURN", "YIELD", "INSTRUMENTED_RETURN"))


def _resumed(frame: types.FrameType) -> bool:
    """Whether a generator frame goes on after a yield rather than begins.

    Since Python 3.11 both stand at a RESUME; its argument's low bits are 0 at the beginning.
    """
    if frame.f_lasti <= 0 or not frame.f_code.co_flags & GENERATOR_FLAGS:
        return False

    code = frame.f_code.co_code
    at = frame.f_lasti
    if not 0 <= at < len(code) - 1:
        return False
    name = dis.opname[code[at]]
    return name in ("YIELD_VALUE", "YIELD_FROM", "SEND") or (name == "RESUME" and code[at + 1] & 3 != 0)


def split(
    frame: types.FrameType, symbol: str, meant: types.CodeType | None = None
) -> tuple[typing.Any, list[typing.Any], dict[str, typing.Any]]:
    """Receiver, positional and keyword arguments of a frame that has just been entered.

    ``meant`` is the code of the function that a wrapper's frame stands for.
    """
    code = frame.f_code
    names = code.co_varnames
    local = frame.f_locals
    positional = [local[name] for name in names[: code.co_argcount]]
    at = code.co_argcount + code.co_kwonlyargcount
    keywords = {name: local[name] for name in names[code.co_argcount : at]}
    if code.co_flags & inspect.CO_VARARGS:
        positional += local[names[at]]
        at += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        keywords.update(local[names[at]])
    first = (meant or code).co_varnames[0] if (meant or code).co_argcount else ""
    if positional and first in ("self", "cls") and "." in symbol:
        receiver = positional.pop(0)
        return (None if isinstance(receiver, type) and first == "cls" else receiver), positional, keywords
    return None, positional, keywords


def _calls_itself(frame: types.FrameType, receiver: object) -> bool:
    """Whether a method of the same object made this call."""
    back = frame.f_back
    return back is not None and back.f_code.co_argcount > 0 and back.f_locals.get("self") is receiver


def sequence_of(records: typing.Sequence[Record]) -> list[list[typing.Any]]:
    """Steps ``[method, args, kwargs]`` of records on one receiver, outermost calls only."""
    steps: list[list[Recipe]] = []
    for record in records:
        if not record["nested"] and record["args"] is not None and "unwritable" not in record:
            steps.append([record["symbol"].rpartition(".")[2], record["args"], record["kwargs"]])
    return steps
