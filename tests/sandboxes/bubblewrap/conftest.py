"""A driver on this machine; its tests are skipped, with the reason, where it does not work."""

from collections.abc import Iterator

import pytest

from harness.sandbox.interface import Driver, Settings
from harness.sandbox.registry import load


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(state=tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def driver(settings: Settings) -> Iterator[Driver]:
    made = load("bubblewrap", settings)
    state = made.probe()
    if not state.works:
        pytest.skip(f"no bubblewrap sandbox here: {state.reason} {state.remedy}")
    yield made
    made.shutdown()
