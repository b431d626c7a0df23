"""Refactored and updated tests raise no alarm; updates declare what they change."""

from pathlib import Path

import pytest

from tests.packs.test_replay import honest, tricks
from tests.packs.test_replay.local import part, verify


@pytest.fixture(autouse=True)
def known_canaries(monkeypatch):
    made = part("canaries").make_canaries(["tests/test_cart.py"], ["test_sum", "test_label"], ["test_*.py"])
    monkeypatch.setattr(
        part("suite"), "make_canaries", lambda *names, **how: CANARIES.setdefault("made", made)
    )


CANARIES: dict = {}


@pytest.mark.parametrize("name", honest.REFACTORS)
def test_a_refactored_test_raises_no_alarm(name: str, tmp_path: Path):
    outcome, _ = verify(tmp_path, tricks.BASE, {**tricks.BASE, **honest.REFACTORS[name]})
    assert not outcome.findings
    assert not outcome.failed


@pytest.mark.parametrize("name", honest.UPDATES)
def test_an_updated_test_raises_no_alarm(name: str, tmp_path: Path):
    outcome, _ = verify(tmp_path, tricks.BASE, {**tricks.BASE, **honest.UPDATES[name]})
    assert not outcome.findings
    assert not outcome.failed


def test_a_fix_is_declared_although_the_file_imports_a_new_function(tmp_path: Path):
    changes = honest.UPDATES["fix-beside-a-new-function"]
    outcome, _ = verify(tmp_path, tricks.BASE, {**tricks.BASE, **changes})
    classes = {
        (one.difference.symbol, one.difference.before, one.difference.after) for one in outcome.declarations
    }
    assert ("shop.cart.total", "value", "value") in classes
    assert ("shop.cart.label", "value", "value") not in classes
