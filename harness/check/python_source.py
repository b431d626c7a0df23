"""Python sources as syntax trees, read by one thread at a time.

CPython 3.11 mixes up the depths of trees that two threads read at once (SystemError: AST constructor
recursion depth mismatch), and every check of a run has a thread. So packs read here.
"""

import ast
import threading
import time
from typing import Literal, overload

_ONE_READER = threading.Lock()
_TRIES, _PAUSE = 20, 0.01


@overload
def read_python(text: str, mode: Literal["exec"] = "exec") -> ast.Module: ...


@overload
def read_python(text: str, mode: Literal["eval"]) -> ast.Expression: ...


def read_python(text: str, mode: Literal["exec", "eval"] = "exec") -> ast.AST:
    """``ast.parse``. Raises SyntaxError, ValueError, RecursionError or MemoryError for what is no Python.

    Threads that read elsewhere can still disturb it; then it is read again.
    """
    with _ONE_READER:
        for _ in range(_TRIES):
            try:
                return ast.parse(text, mode=mode)
            except SystemError:
                time.sleep(_PAUSE)
        return ast.parse(text, mode=mode)
