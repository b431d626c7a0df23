"""Runs in a process of its own: reads [[name, app, text], …] and prints what each would execute."""

import json
import os
import sys
from typing import Any, Dict, List

from .alembic_ops import Operations, sqlalchemy
from .anything import Module, install
from .django_ops import Writer, django

MAX_STATEMENTS = 2000


class Record:
    """Statements of the file that is running, with the line of the file that asked for each."""

    def __init__(self) -> None:
        self.file = ""
        self.line = 0
        self.found: List[List[Any]] = []

    def here(self) -> int:
        """The line of the migration's file that is being executed."""
        frame = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.file:
            frame = frame.f_back  # type: ignore[assignment]
        return frame.f_lineno if frame is not None else 1

    def emit(self, statement: str) -> None:
        if len(self.found) < MAX_STATEMENTS:
            self.found.append([self.line or self.here(), statement])


def main() -> None:
    """Print one JSON list: {"name", "statements": [[line, sql]], "why": …} a file."""
    kind, files = sys.argv[1], json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    record = Record()
    writer = Writer(record.emit)
    _prepare(kind, record)
    results = []
    for name, app, text in files:
        record.file, record.found, record.line = "<%s>" % name, [], 0
        writer.app = app
        why = ""
        try:
            why = _run(kind, text, record, writer)
        except BaseException as error:  # whatever a migration raises
            why = "%s: %s" % (type(error).__name__, error)
        results.append({"name": name, "statements": record.found, "why": why[:300]})
    json.dump(results, out)
    out.close()


def _prepare(kind: str, record: Record) -> None:
    if kind == "alembic":
        operations = Operations(record.emit)
        package, context = Module("alembic"), Module("alembic.context")
        vars(package).update(op=operations, context=context)
        package.__path__ = []
        install([package, context, *sqlalchemy()])
        sys.modules["alembic.op"] = operations  # type: ignore[assignment]
    else:
        install(django(record.here))


def _run(kind: str, text: str, record: Record, writer: Writer) -> str:
    space: Dict[str, Any] = {"__name__": "migration", "__file__": record.file}
    exec(compile(text, record.file, "exec"), space)
    if kind == "alembic":
        space["upgrade"]()
        return ""
    why = ""
    for operation in space["Migration"].operations:
        record.line = operation.line
        if operation.kind == "RunPython":
            why = why if operation.code is None else "it runs Python (line %d)" % operation.line
        else:
            writer.apply(operation)
    return why


if __name__ == "__main__":
    main()
