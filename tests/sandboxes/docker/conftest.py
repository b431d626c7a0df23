"""A driver on the real engine; its tests are skipped, with the reason, where there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox.interface import Driver, Settings
from harness.sandbox.registry import load


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    made = load("docker", Settings(state=tmp_path_factory.mktemp("state")))
    state = made.probe()
    if not state.works:
        pytest.skip(f"no Docker sandbox here: {state.reason}; {state.remedy}")
    yield made
    made.shutdown()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "a.py").write_text("A = 1\n")
    (folder / "run.sh").write_text("#!/bin/sh\necho ran\n")
    for path in (tmp_path, folder, folder / "pkg", folder / "run.sh"):
        path.chmod(0o755)
    (folder / "pkg" / "a.py").chmod(0o644)
    return folder
