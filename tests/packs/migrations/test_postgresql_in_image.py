"""PostgreSQL in the image that ``harness sandbox build`` makes: its server needs nothing of this machine."""

import pytest

from tests.packs.migrations.test_postgresql import LOSSES, SILENT, run
from tests.packs.sandboxed import PROVEN, driver, verdicts

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module", autouse=True)
def docker():
    state = driver("docker").probe()
    if not state.works:
        pytest.skip(f"no Docker sandbox here: {state.reason} {state.remedy}")
    yield
    driver("docker").shutdown()
    driver.cache_clear()


def test_a_loss_is_found_and_proven(tmp_path):
    second, expected = LOSSES["types narrowed"]
    outcome, context = run(tmp_path, second, by="docker")
    assert {(f.rule, f.location.symbol) for f in outcome.findings if "loses" in f.rule} == expected
    assert verdicts(context, outcome.findings[0]) == PROVEN
    assert outcome.unverified == []


def test_a_legitimate_migration_is_silent(tmp_path):
    outcome, _ = run(tmp_path, SILENT["split"], by="docker")
    assert outcome.findings == []
    assert "PostgreSQL" in outcome.notes[0]
