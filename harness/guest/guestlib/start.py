"""First code inside the sandbox: opens the channel, then runs the entry of a pack's guest.

``python -I -B start.py ENTRY``: ENTRY is a file name in ``/guest/pack`` that defines
``main(request, channel)``. ``request`` is the probe's request with ``side`` added.
"""

from __future__ import annotations

import importlib
import os
import sys

GUEST = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(entry: str) -> None:
    """Run ``main`` of the entry and close the channel with the library's last message."""
    sys.path.insert(0, GUEST)
    from guestlib.channel import open_channel, protect

    protect()
    envelope, channel = open_channel()
    request = dict(envelope.get("request") or {})
    request["side"] = envelope.get("side")
    module = importlib.import_module("pack." + entry[: -len(".py")].replace("/", "."))
    module.main(request, channel)
    channel.send({"type": "closed"})


if __name__ == "__main__":
    run(sys.argv[1])
