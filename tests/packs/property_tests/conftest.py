"""Fixtures of this pack's tests."""

import importlib
import sys

import pytest

from .local import PACK, ROOT


@pytest.fixture
def guest(monkeypatch):
    """Modules of the guest by name, imported the way the sandbox does."""
    monkeypatch.syspath_prepend(str(ROOT / "harness" / "guest"))
    monkeypatch.syspath_prepend(str(PACK))
    yield importlib.import_module
    for name in [name for name in sys.modules if name == "guest" or name.startswith("guest.")]:
        del sys.modules[name]
