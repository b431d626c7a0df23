"""Modules of a pack's guest, for tests of their parsers."""

import importlib
import importlib.util
import sys
from pathlib import Path

CHECKS = Path(__file__).resolve().parents[2] / "checks"


def guest(pack, module):
    """``checks/PACK/guest/MODULE.py``, imported under a name of its own."""
    name = f"guest_of_{pack}"
    if name not in sys.modules:
        folder = CHECKS / pack / "guest"
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        sys.modules[name] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{name}.{module}")
