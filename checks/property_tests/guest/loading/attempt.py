"""One import in this very process: what it raised, where, and what it asked of its surroundings."""

from __future__ import annotations

import importlib
import os
import socket
import subprocess
import sys
import typing

from ..environment import watch

Attempt = typing.Dict[str, typing.Any]
MAX_MESSAGE = 300
MAX_NAMES = 20


def attempt(tree: str, name: str, value: str) -> Attempt:
    """Import a module. Environment variables that are not set have ``value``, unless it is empty."""
    asked: dict[str, None] = {}

    def note(variable: str) -> str:
        asked.setdefault(variable)
        return value

    watch(note, tree)
    sys.argv = [name]
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        said = _failure(error, tree)
    else:
        place = os.path.abspath(getattr(module, "__file__", None) or "")
        said = {"kind": "value" if place.startswith(tree + os.sep) else "elsewhere"}
    said["variables"] = list(asked)[:MAX_NAMES]
    return said


def _failure(error: BaseException, tree: str) -> Attempt:
    said: Attempt = {"kind": "raises " + type(error).__name__}
    said["builtin"] = type(error).__module__ == "builtins"
    try:
        said["message"] = str(error)[:MAX_MESSAGE]
    except Exception:
        said["message"] = ""
    places = list(_places(error, tree))
    if isinstance(error, SyntaxError) and isinstance(error.filename, str):
        below = _below(error.filename, tree)
        places += [[below, error.lineno or 1]] if below else []
    said["places"] = places[-MAX_NAMES:]
    if isinstance(error, ImportError):
        said["missing"] = error.name if isinstance(error, ModuleNotFoundError) else None
        said["lacks"] = _below(error.path or "", tree)
    said["needs"] = _needs(error, tree)
    return said


def _places(error: BaseException, tree: str) -> typing.Iterator[list[typing.Any]]:
    """Path below the tree and line of each frame in the tree, innermost last."""
    trace = error.__traceback__
    while trace is not None:
        below = _below(trace.tb_frame.f_code.co_filename, tree)
        if below:
            yield [below, trace.tb_lineno]
        trace = trace.tb_next


def _below(path: str, tree: str) -> str | None:
    full = os.path.abspath(path) if path else ""
    return os.path.relpath(full, tree) if full.startswith(tree + os.sep) else None


def _needs(error: BaseException, tree: str) -> str:
    """What of the surroundings is missing, empty where the tree's own code is at fault."""
    seen: BaseException | None = error
    for _ in range(5):
        if seen is None:
            break
        if isinstance(seen, (socket.gaierror, ConnectionError, TimeoutError, subprocess.TimeoutExpired)):
            return "a network"
        if isinstance(seen, PermissionError):
            return "a permission"
        if isinstance(seen, FileNotFoundError) and isinstance(seen.filename, (str, bytes)):
            name = os.fsdecode(seen.filename)
            if _of_subprocess(seen):
                return "the program " + name[:200]
            if not _below(name, tree):
                return "the file " + name[:200]
        seen = seen.__cause__ or seen.__context__
    return ""


def _of_subprocess(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == subprocess.__file__
