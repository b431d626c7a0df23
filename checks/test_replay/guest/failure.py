"""What an exception that ended a test says: kind, place, and the values that were compared."""

from __future__ import annotations

import ast
import linecache
import traceback
from types import FrameType, TracebackType
from typing import Any

from _pytest.outcomes import Exit, Skipped, XFailed

MAX_TEXT = 400

_OPERATORS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def describe(problem: BaseException, tree: str, explain: bool) -> dict[str, Any]:
    """``{"outcome", "type", "text", "path", "line", "deepest"}`` of an exception.

    ``path`` and ``line`` are the first place inside the tree (the test), ``deepest`` the last
    (``path:line``). With ``explain`` the two sides of a failed comparison are worked out again
    in the frame of the test, which may repeat its side effects.
    """
    places = _places(problem.__traceback__, tree)
    first = places[0] if places else (None, 0, None)
    text = _text(problem)
    if isinstance(problem, AssertionError) and first[2] is not None:
        text = _assertion(places[-1], text, explain)
    return {
        "outcome": _outcome(problem),
        "type": type(problem).__name__[:100],
        "text": text[:MAX_TEXT],
        "path": first[0],
        "line": first[1],
        "deepest": "%s:%d" % (places[-1][0], places[-1][1]) if places else None,
    }


def _outcome(problem: BaseException) -> str:
    if isinstance(problem, Skipped) or type(problem).__name__ == "SkipTest":
        return "skipped"
    if isinstance(problem, XFailed):
        return "xfailed"
    return "exit" if isinstance(problem, Exit) else "failed"


def _text(problem: BaseException) -> str:
    try:
        return str(problem)[:MAX_TEXT]
    except BaseException:  # the code under test may have written __str__
        return ""


Place = "tuple[str | None, int, FrameType | None]"


def _places(trace: TracebackType | None, tree: str) -> list[Any]:
    """(path, line, frame) of the frames inside the tree, outermost first."""
    prefix = tree.rstrip("/") + "/"
    found = []
    count = 0
    while trace is not None and count < 10_000:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(prefix):
            found.append((file[len(prefix) :], trace.tb_lineno, trace.tb_frame))
        trace = trace.tb_next
        count += 1
    return found


def _assertion(place: Any, text: str, explain: bool) -> str:
    """The source of the failed assertion, with the values that it compared."""
    _, line, frame = place
    statement = _statement(frame.f_code.co_filename, line)
    if statement is None:
        return text
    source = "assert " + ast.unparse(statement.test)
    if explain and isinstance(statement.test, ast.Compare) and len(statement.test.ops) == 1:
        values = _values(statement.test, frame)
        if values is not None:
            operator = _OPERATORS[type(statement.test.ops[0])]
            source += ", but it was: %s %s %s" % (values[0], operator, values[1])
    return source + (" (" + text + ")" if text else "")


def _statement(file: str, line: int) -> ast.Assert | None:
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.lineno <= line <= (node.end_lineno or node.lineno):
            return node
    return None


def _values(compare: ast.Compare, frame: FrameType) -> tuple[str, str] | None:
    """repr of both sides of a comparison, worked out again in the frame."""
    texts = []
    for side in (compare.left, compare.comparators[0]):
        try:
            code = compile(ast.Expression(side), "<assert>", "eval")
            texts.append(repr(eval(code, frame.f_globals, frame.f_locals))[:150])
        except BaseException:
            return None
    return texts[0], texts[1]


def last_lines(problem: BaseException) -> str:
    """The end of the traceback of an exception, for a person."""
    return "".join(traceback.format_exception(type(problem), problem, problem.__traceback__))[-2000:]
