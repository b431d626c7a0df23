"""The attacked host, the drivers, and a tree."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox.interface import Driver, Settings
from harness.sandbox.registry import load
from tests.sandboxes.hostile.host import Host, host


@pytest.fixture(scope="module")
def attacked() -> Iterator[Host]:
    folder = Path("/var/tmp") / f"attacked-{os.getpid()}"
    folder.mkdir()
    try:
        with host(folder) as made:
            yield made
    finally:
        shutil.rmtree(folder)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
        pytest.param("docker", marks=pytest.mark.docker),
    ],
)
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    made = load(request.param, Settings(state=tmp_path_factory.mktemp("state")))
    state = made.probe()
    if not state.works:
        pytest.skip(f"no {request.param} sandbox here: {state.reason} {state.remedy}")
    yield made
    made.shutdown()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    folder.chmod(0o755)
    (folder / "file").write_text("file")
    return folder
