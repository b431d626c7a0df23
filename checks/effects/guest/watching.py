"""Runs code of the tree under the hook, in processes of their own, and collects the events."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any, Dict, List, Optional, Tuple

import guestlib.bare
import guestlib.roots

HERE = os.path.dirname(os.path.abspath(__file__))
SITE = "import _effects_hook\n_effects_hook.HOOK = _effects_hook.start()\n"
PLUGIN = """
import _effects_bare
import _effects_hook


def pytest_configure(config):
    for plugin in _effects_bare.plugins():
        config.pluginmanager.register(plugin)


def pytest_runtest_logreport(report):
    hook = _effects_hook.HOOK
    if hook is not None and (report.when == "call" or report.outcome == "failed"):
        hook.say({"kind": "ran", "test": report.nodeid, "ok": report.outcome == "passed"})


def pytest_sessionfinish(session):
    if _effects_hook.HOOK is not None:
        _effects_hook.HOOK.say({"kind": "finished", "count": session.testscollected})
"""
IMPORTER = """
import importlib, sys
import _effects_hook
for name in sys.argv[1:]:
    done = True
    try:
        importlib.import_module(name)
    except BaseException:
        done = False
    if _effects_hook.HOOK is not None:
        _effects_hook.HOOK.say({"kind": "imported", "module": name, "ok": done})
"""
MAX_BYTES = 8_000_000


def import_modules(tree: str, names: List[str], seconds: float) -> List[Dict[str, Any]]:
    """Lines of a process that imports the modules in turn."""
    return _run(tree, ["importer.py", *names], seconds)


def run_tests(tree: str, tests: Optional[List[str]], seconds: float) -> List[Dict[str, Any]]:
    """Lines of a run of pytest over the tree, or over the tests given."""
    options = [
        "-m", "pytest", "-p", "_effects_plugin", "-p", "no:cacheprovider", "-q", "--rootdir", tree, "-o",
        "addopts=", "--assert=plain", "--continue-on-collection-errors", "--capture=sys",
    ]  # fmt: skip
    return _run(tree, [*options, *(tests or [])], seconds)


def _run(tree: str, arguments: List[str], seconds: float) -> List[Dict[str, Any]]:
    """Run once; again when something else killed it, such as a machine short of memory."""
    lines, struck = _run_once(tree, arguments, seconds)
    return _run_once(tree, arguments, seconds)[0] if struck else lines


def _run_once(tree: str, arguments: List[str], seconds: float) -> Tuple[List[Dict[str, Any]], bool]:
    struck = False
    folder = tempfile.mkdtemp(prefix="effects-")
    shutil.copyfile(os.path.join(HERE, "hook.py"), os.path.join(folder, "_effects_hook.py"))
    shutil.copyfile(guestlib.bare.__file__, os.path.join(folder, "_effects_bare.py"))
    for name, text in (("sitecustomize.py", SITE), ("_effects_plugin.py", PLUGIN), ("importer.py", IMPORTER)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)
    pipe = os.path.join(folder, "pipe")
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reading, True)
    keeper = os.open(pipe, os.O_WRONLY)
    reader = _Reader(reading)
    reader.start()
    if arguments[0] == "importer.py":
        arguments = [os.path.join(folder, "importer.py"), *arguments[1:]]
    process = subprocess.Popen(
        [sys.executable, "-B", "-s", *arguments], cwd=tree, env=_environment(tree, folder, pipe),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        struck = process.wait(max(1.0, seconds)) == -signal.SIGKILL
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
    time.sleep(0.05)
    os.write(keeper, b'\n{"kind": "end"}\n')
    reader.join(5.0)
    os.close(keeper)
    shutil.rmtree(folder, ignore_errors=True)
    return reader.lines, struck


class _Reader(threading.Thread):
    """Decodes the lines of the pipe as they come, until the line that only the supervisor writes last."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self.descriptor = descriptor
        self.lines: List[Dict[str, Any]] = []

    def run(self) -> None:
        total, rest = 0, b""
        while total < MAX_BYTES:
            data = os.read(self.descriptor, 1 << 16)
            if not data:
                return
            total += len(data)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                try:
                    item = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(item, dict):
                    if item == {"kind": "end"}:
                        return
                    self.lines.append(item)


def _environment(tree: str, folder: str, pipe: str) -> Dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    roots: Any = guestlib.roots
    path = [folder, *roots.import_roots(tree), roots.SUPPORT]
    fixed = {
        "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(path), "EFFECTS_PIPE": pipe, "EFFECTS_TREE": tree,
    }  # fmt: skip
    return {**kept, **fixed}
