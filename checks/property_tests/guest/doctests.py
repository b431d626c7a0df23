"""Runs the examples of docstrings and documents, ``>>> call``, as tests for the recorder."""

from __future__ import annotations

import ast
import contextlib
import doctest
import glob
import importlib
import io
import os
import time
import typing

from guestlib.record import Recorder

SECONDS = 5.0
MAX_DOCUMENTS = 30
MAX_FILE = 300_000
MAX_EXAMPLES = 400
DOCUMENTS = ("*.md", "*.rst", "*.txt", "docs/*.md", "docs/*.rst", "doc/*.rst", "docs/*/*.rst", "docs/*/*.md")


def run(tree: str, symbols: typing.Sequence[str], recorder: Recorder) -> int:
    """Run what the modules of the symbols and the documents of the tree show; how many texts had examples.

    What an example gives is not compared: it shows how the code is called, and that is all that counts.
    """
    end = time.monotonic() + SECONDS
    count = 0
    for name in sorted({found for found in map(module_of, symbols) if found}):
        module = importlib.import_module(name)
        for label, text in docstrings(getattr(module, "__file__", None) or ""):
            count += _example("%s %s" % (name, label), text, dict(vars(module)), recorder, end)
    for path in documents(tree):
        count += _example(os.path.relpath(path, tree), _read(path), {}, recorder, end)
    return count


def module_of(symbol: str) -> str | None:
    """The longest beginning of a dotted symbol that can be imported."""
    parts = symbol.split(".")
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(name)
            return name
    return None


def docstrings(path: str) -> list[tuple[str, str]]:
    """Docstrings of a file that hold examples, with the names of what they document."""
    try:
        parsed = ast.parse(_read(path))
    except (SyntaxError, ValueError, RecursionError):
        return []
    found = []
    for node in ast.walk(parsed):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node) or ""
            if ">>>" in text:
                found.append((getattr(node, "name", "module"), text))
    return found


def documents(tree: str) -> list[str]:
    """Documents of the tree that hold examples."""
    found: list[str] = []
    for pattern in DOCUMENTS:
        found += [path for path in sorted(glob.glob(os.path.join(tree, pattern))) if ">>>" in _read(path)]
    return found[:MAX_DOCUMENTS]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(MAX_FILE)
    except OSError:
        return ""


def _example(name: str, text: str, names: dict[str, typing.Any], recorder: Recorder, end: float) -> bool:
    """Run the examples of one text in one namespace; errors of single examples end nothing."""
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return False
    names["__name__"] = "__doctest__"
    for example in examples[:MAX_EXAMPLES]:
        if time.monotonic() > end:
            break
        with contextlib.suppress(Exception, SystemExit), contextlib.redirect_stdout(io.StringIO()):
            code = compile(example.source, "<example of %s>" % name, "single")
            recorder.begin("example of " + name)
            try:
                exec(code, names)
            finally:
                recorder.stop()
    return bool(examples)
