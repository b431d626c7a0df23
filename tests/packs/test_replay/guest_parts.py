"""Loads modules of the pack's guest code for tests; the product never does."""

import importlib.util
import sys
import types

from tests.packs.test_replay.local import PACK, ROOT

NAME = "test_replay_guest"


def guest(name: str) -> types.ModuleType:
    """A module of ``guest/``, with the guest library importable as ``guestlib``."""
    library = str(ROOT / "harness" / "guest")
    if library not in sys.path:
        sys.path.append(library)
    if NAME not in sys.modules:
        package = types.ModuleType(NAME)
        package.__path__ = [str(PACK / "guest")]
        sys.modules[NAME] = package
    return importlib.import_module(f"{NAME}.{name}")
