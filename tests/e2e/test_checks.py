"""Packs as a security team meets them: begun, tested, named by a policy."""

from pathlib import Path

import pytest

from harness.check.scaffold import KINDS
from tests.e2e.conftest import Harness

pytestmark = pytest.mark.bubblewrap


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_pack_passes_its_own_samples(harness: Harness, tmp_path: Path, kind: str) -> None:
    made = harness("check", "new", "own_check", "--kind", kind, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    done = harness("check", "test", "own_check", "--sandbox", "bubblewrap", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "2 passed, 0 failed" in done.stdout


def test_a_check_that_catches_nothing_fails_its_samples(harness: Harness, tmp_path: Path) -> None:
    harness("check", "new", "own_check", cwd=tmp_path)
    (tmp_path / "own_check" / "check.py").write_text(
        "from harness.check.interface import Outcome\n\ndef check(context):\n    return Outcome()\n"
    )
    done = harness("check", "test", "own_check", "--sandbox", "bubblewrap", cwd=tmp_path)
    assert done.returncode == 1
    assert "the check found nothing" in done.stdout
