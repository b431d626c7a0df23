"""Other versions of CPython than the one that runs the tests, where there are any."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("HARNESS_TEST_PYTHONS", "/opt/pythons"))
SUITES = {"3.9": "bullseye", "3.13": "trixie", "3.14": "sid"}
"""Version to the suite of Debian that has it."""


def interpreter(version: str) -> str:
    """Path of an interpreter of that version; skips the test where there is none."""
    own = FOLDER / version / "bin" / "python"
    place = str(own) if own.exists() else shutil.which(f"python{version}")
    if place is None or subprocess.run([place, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(
            f"no CPython {version} here: tests/support/pythons.sh {FOLDER} {version} {SUITES[version]}"
        )
    return place
