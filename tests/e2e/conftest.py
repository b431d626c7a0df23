"""What the end-to-end tests share: the command itself, and a state folder of their own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Harness = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder shared by the end-to-end tests, apart from the user's own."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def environment(state: Path) -> dict[str, str]:
    """The environment of the command: no terminal, no colour, its own cache."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "GITHUB_", "HARNESS_"))
    }
    kept.pop("VIRTUAL_ENV", None)
    return kept | {"XDG_CACHE_HOME": str(state), "COLUMNS": "100"}


@pytest.fixture(scope="session")
def harness(environment: dict[str, str]) -> Harness:
    """Runs ``harness …`` and returns the completed process with its texts."""

    def run(
        *arguments: str | Path, cwd: Path | None = None, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "harness", *map(str, arguments)]
        return subprocess.run(
            command, cwd=cwd, env=environment | extra, capture_output=True, text=True, timeout=600, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run
