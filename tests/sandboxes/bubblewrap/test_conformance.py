"""The conformance suite on the bubblewrap driver."""

import pytest

from harness.sandbox.conformance import behaviours
from harness.sandbox.conformance.suite import run_one
from harness.sandbox.interface import Driver, Settings

pytestmark = pytest.mark.bubblewrap


@pytest.mark.parametrize("name", behaviours())
def test_behaviour(driver: Driver, settings: Settings, name: str) -> None:
    verdict = run_one(driver, settings, name, behaviours()[name])
    assert verdict.holds, verdict.problem


def test_suite_is_large_enough() -> None:
    assert len(behaviours()) >= 60
