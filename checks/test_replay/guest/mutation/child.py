"""The process that imports the change: ``python -I -B child.py``, options on standard input."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

GUEST = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main() -> None:
    sys.path.insert(0, GUEST)
    outer: Any = importlib.import_module("pack.child")
    options = outer.read_options()
    roots: Any = importlib.import_module("guestlib.roots")
    roots.add_support()
    import pytest

    send = importlib.import_module("pack.pipe").make_sender(
        options["descriptor"], bytes.fromhex(options["key"])
    )
    part = importlib.import_module("pack.mutation." + options["mode"])
    plugin = part.make_plugin(options, send)
    plugins, bare = outer.load_plugins(), importlib.import_module("guestlib.bare").plugins()
    outer.leave(options["tree"])
    roots.install(options["tree"])
    sys.argv = ["pytest"]
    for extra in options["addopts"] or [[]]:
        status = int(pytest.main(outer.arguments({**options, "addopts": extra}, plugins), [plugin, *bare]))
        if status != 4:  # a usage error: options of a plugin that is not there
            break
    plugin.finish()
    send("finish", {"status": status})
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
