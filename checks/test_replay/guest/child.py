"""The process that runs the tests: ``python -I -B child.py``, its options on standard input.

Everything that decides about results is loaded before the tree can be imported. Afterwards
this library is taken out of ``sys.modules``, so that it hides no module of the tree.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

GUEST = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Plugins of the environment that change the order or the process in which tests run.
PARTS = ("pipe", "plugin", "integrity", "shim", "persistent")
UNWANTED = ("randomly", "random_order", "xdist.looponfail", "flakefinder")


def read_options() -> dict[str, Any]:
    """The options; standard input is the null device afterwards."""
    options = json.loads(sys.stdin.buffer.read())
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    assert isinstance(options, dict)
    return options


def load_plugins() -> list[str]:
    """Import the pytest plugins of the environment now, and name them for later."""
    from importlib import metadata

    points: Any = metadata.entry_points()
    chosen = points.select(group="pytest11") if hasattr(points, "select") else points.get("pytest11", ())
    names = []
    for point in chosen:
        if point.name in UNWANTED:
            continue
        try:
            point.load()
        except Exception:  # a broken plugin of the environment is not the change's fault
            continue
        names.append(point.name)
    return sorted(set(names))


def arguments(options: dict[str, Any], plugins: list[str]) -> list[str]:
    """Command line of pytest; ``options["addopts"]`` holds the project's own, filtered."""
    args = ["--rootdir", options["tree"], "-o", "addopts=", "-p", "no:cacheprovider"]
    args += ["--assert=plain", "--capture=sys", "--tb=short", "-q", "--continue-on-collection-errors"]
    for name in plugins:
        args += ["-p", name]
    for path in options.get("ignore", ()):
        args += ["--ignore", path]
    return [*args, *options.get("addopts", ()), *options.get("paths", ())]


def main() -> None:
    options = read_options()
    sys.path.insert(0, GUEST)
    roots: Any = importlib.import_module("guestlib.roots")
    roots.add_support()
    import pytest

    modules = {name: importlib.import_module("pack." + name) for name in PARTS}
    recorder = importlib.import_module("pack.recording").start(options) if options.get("record") else None
    send = modules["pipe"].make_sender(options["descriptor"], bytes.fromhex(options["key"]))
    plugins, bare = load_plugins(), importlib.import_module("guestlib.bare").plugins()
    importlib.import_module("unittest.mock")
    integrity = modules["integrity"]
    before = integrity.snapshot()
    if options.get("lenient"):
        modules["shim"].install(options["tree"], options["lenient"])
    leave(options["tree"])
    roots.install(options["tree"])
    sys.argv = ["pytest"]
    going_on = modules["persistent"].persistent if options.get("record") == "outcomes" else None
    collector = modules["plugin"].Collector(send, {**options, "recorder": recorder, "going_on": going_on})
    status: Any = None
    escaped = ""
    try:
        status = int(pytest.main(arguments(options, plugins), [collector, *bare]))
    except BaseException as problem:
        escaped = type(problem).__name__
    send("finish", summary(integrity, before, options["tree"], collector, status, escaped))
    sys.stdout.flush()
    sys.exit(options["status"])


def leave(tree: str) -> None:
    """Take this library out of the way of the tree's own modules."""
    sys.path.remove(GUEST)
    for name in [name for name in sys.modules if name.split(".")[0] in ("pack", "guestlib")]:
        del sys.modules[name]
    os.chdir(tree)
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"


def summary(
    integrity: Any, before: Any, tree: str, collector: Any, status: Any, escaped: str
) -> dict[str, Any]:
    """What the supervisor is told at the end."""
    manager = getattr(collector.config, "pluginmanager", None)
    try:
        hooks = integrity.hooks(manager, tree) if manager is not None else []
    except Exception:  # plugins of the tree may be anything
        hooks = []
    return {
        "status": status,
        "escaped": escaped,
        "replaced": integrity.replaced(before, tree),
        "foreign": integrity.foreign_modules(tree),
        "hooks": hooks,
    }


if __name__ == "__main__":
    main()
