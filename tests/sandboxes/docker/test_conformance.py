"""The conformance suite on the Docker driver; skipped, with the reason, where no engine answers."""

import pytest

from harness.sandbox.conformance import behaviours
from harness.sandbox.conformance.suite import run_one
from harness.sandbox.interface import Driver, Settings

pytestmark = pytest.mark.docker


@pytest.mark.parametrize("name", behaviours())
def test_behaviour(driver: Driver, tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    settings = Settings(state=tmp_path_factory.getbasetemp())
    verdict = run_one(driver, settings, name, behaviours()[name])
    assert verdict.holds, verdict.problem
