"""Replays a proof: runs the one test of a proof file and sends a verdict."""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import pathlib
import tempfile
import traceback
import typing

from guestlib import roots
from guestlib.channel import Channel

from .process import Ended, python

TREE = "/tree"


def main(request: dict[str, typing.Any], channel: Channel) -> None:
    """``request``: ``test`` (source), ``seconds`` (CPU limit), ``instead`` (other texts of files).

    A test that never ends has failed.
    """
    path = os.path.join(tempfile.mkdtemp(), "test_proof.py")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(request["test"])
    tree = request.get("tree") or TREE
    for name, text in request.get("instead", {}).items():
        with open(os.path.join(tree, name), "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
    seconds = float(request["seconds"])
    try:
        reply = _tested(tree, path, seconds)
    except Ended as ended:
        how = "did not return" if ended.kind == "hangs" else "ended the process"
        channel.send({"type": "verdict", "passed": False, "observed": how})
        return
    if "error" in reply:
        channel.send({"type": "broken", "why": str(reply["error"])[:500]})
        return
    channel.send(
        {
            "type": "verdict",
            "passed": reply.get("passed") is True,
            "observed": str(reply.get("observed"))[:500],
        }
    )


def _tested(tree: str, path: str, seconds: float, again: bool = True) -> dict[str, typing.Any]:
    """What the child says. Raises Ended; a process that something else killed has a second chance."""
    process = python(["pack.prove", tree, path], hash_seed=0)
    try:
        return process.receive(seconds, seconds * 3)
    except Ended as ended:
        if ended.struck and again:
            return _tested(tree, path, seconds, again=False)
        raise
    finally:
        process.kill()


def boot(arguments: list[str]) -> None:
    """The child: imports the file, runs its test, says how it went."""
    tree, path, writing = arguments[0], arguments[1], int(arguments[3])
    roots.install(tree)
    os.chdir(tree)
    os.write(writing, json.dumps(_run(path)).encode() + b"\n")
    os._exit(0)


class Moving:
    """What proofs use of pytest's ``monkeypatch``; this process ends with the test."""

    chdir = staticmethod(os.chdir)
    setenv = staticmethod(os.environ.__setitem__)


def _fixtures(test: typing.Any) -> dict[str, typing.Any]:
    known: dict[str, typing.Callable[[], typing.Any]] = {
        "tmp_path": lambda: pathlib.Path(tempfile.mkdtemp()), "monkeypatch": Moving,
    }  # fmt: skip
    return {name: known[name]() for name in inspect.signature(test).parameters if name in known}


def _run(path: str) -> dict[str, typing.Any]:
    try:
        spec = importlib.util.spec_from_file_location("test_proof", path)
        if spec is None or spec.loader is None:
            return {"error": "the test file is not importable"}
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        tests = [item for name, item in vars(module).items() if name.startswith("test_") and callable(item)]
    except BaseException as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}
    if len(tests) != 1:
        return {"error": "a proof has one test"}
    try:
        tests[0](**_fixtures(tests[0]))
    except BaseException as error:
        return {
            "passed": False,
            "observed": "".join(traceback.format_exception_only(type(error), error)).strip(),
        }
    return {"passed": True, "observed": "passed"}
