"""One run of a script in one world, and the calls that it issued."""

import ctypes
import json
import os
import resource
import signal
import subprocess
import time
from typing import Any, Dict, List, Tuple

from .stage import Stage

MAX_CALLS = 400
MAX_LOG = 5 << 20
MAX_OUTPUT = 1 << 20
SECONDS = 6.0
SECONDS_AFTER_HANGS = 2.0
PR_SET_CHILD_SUBREAPER = 36


def run(stage: Stage, scenario: Dict[str, Any], seconds: float = SECONDS) -> Tuple[List[Dict[str, Any]], str]:
    """(calls in order, how the script ended). It is stopped after ``seconds`` of wall time.

    One that something else killed, such as a machine short of memory, is run once more.
    """
    found = _run_once(stage, scenario, seconds)
    return _run_once(stage, scenario, seconds) if found[1] == "status %d" % -signal.SIGKILL else found


def _run_once(stage: Stage, scenario: Dict[str, Any], seconds: float) -> Tuple[List[Dict[str, Any]], str]:
    world = scenario["world"]
    work = stage.fresh(world)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    answers = os.path.join(stage.place, "answers")
    with open(answers, "w", encoding="utf-8") as stream:
        stream.write((world["answer"] + "\n") * 200 if world["answer"] else "")
    output = os.path.join(stage.place, "output")
    with open(answers, "rb") as stdin, open(output, "wb") as out:
        process = subprocess.Popen(
            scenario["argv"], cwd=os.path.join(work, scenario.get("folder", "")), stdin=stdin, stdout=out,
            stderr=subprocess.STDOUT, env=stage.environment(world["env"]), start_new_session=True,
            preexec_fn=_limited,
        )  # fmt: skip
        ended = _wait(process, seconds)
    _kill_all(process.pid)
    return _calls(stage), ended


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, 8 << 20))


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = process.poll()
        if status is not None:
            return "status %d" % status
        time.sleep(0.005)
    return "stopped after %d seconds" % seconds


def _kill_all(group: int) -> None:
    """Everything that the script started: its group, then whatever was handed to us."""
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
    for _ in range(200):
        for pid in _children():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _children() -> List[int]:
    own = os.getpid()
    found = []
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                with open("/proc/%s/stat" % name, encoding="ascii", errors="replace") as stream:
                    if int(stream.read().rpartition(")")[2].split()[1]) == own:
                        found.append(int(name))
            except (OSError, ValueError, IndexError):
                continue
    return found


def _calls(stage: Stage) -> List[Dict[str, Any]]:
    path = os.path.join(stage.place, "calls.jsonl")
    found: List[Dict[str, Any]] = []
    if not os.path.isfile(path) or os.path.islink(path):
        return found
    with open(path, "rb") as stream:
        text = stream.read(MAX_LOG)
    for line in text.splitlines()[:MAX_CALLS]:
        try:
            call = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if _well_formed(call):
            found.append(call)
    return found


def _well_formed(call: Any) -> bool:
    return (
        isinstance(call, dict)
        and all(isinstance(call.get(name), str) for name in ("tool", "stdin", "cwd"))
        and isinstance(call.get("argv"), list)
        and all(isinstance(word, str) for word in call["argv"])
        and isinstance(call.get("files"), dict)
        and all(isinstance(text, str) for text in call["files"].values())
    )
