"""Packs as a security team meets them: begun, tested, named by a policy."""

import json
import shutil
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


def test_everything_about_a_check_is_shown(harness: Harness, tmp_path: Path) -> None:
    harness("check", "new", "own_check", "--kind", "rules", cwd=tmp_path)
    done = harness("check", "show", "own_check", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Nothing prints" in done.stdout
    assert "samples that it must pass: 1" in done.stdout
    table = json.loads(harness("check", "show", "secrets", "--json").stdout)
    assert {"id", "categories", "languages", "limits", "documentation", "samples"} <= set(table)
    wrong = harness("check", "show", "secrts")
    assert wrong.returncode == 2
    assert "did you mean 'secrets'?" in wrong.stderr


@pytest.mark.parametrize("kind", ["catches", "passes"])
def test_a_pack_without_samples_of_a_kind_is_refused(harness: Harness, tmp_path: Path, kind: str) -> None:
    harness("check", "new", "own_check", "--kind", "rules", cwd=tmp_path)
    shutil.rmtree(tmp_path / "own_check" / "samples" / kind)
    done = harness("check", "test", "own_check", "--sandbox", "bubblewrap", cwd=tmp_path)
    assert done.returncode == 1
    assert f"add samples/{kind}/NAME" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("pattern: print(...)", "pattern: print(...", "own.yaml:3: rule 'own_check-print' cannot be used"),
        ("pattern: print", "patern: print", "has the unknown key 'patern'; did you mean 'pattern"),
        ("[python]", "[pyton]", "own.yaml:3: rule 'own_check-print' is for an unknown language: pyton."),
        ("[python]", "[python", "own.yaml:5 is not valid YAML"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_rule_is_said_with_file_and_line(
    harness: Harness, tmp_path: Path, old: str, new: str, words: str
) -> None:
    harness("check", "new", "own_check", "--kind", "rules", cwd=tmp_path)
    rules = tmp_path / "own_check" / "rules" / "own.yaml"
    rules.write_text(rules.read_text().replace(old, new))
    done = harness("check", "test", "own_check", "--sandbox", "bubblewrap", cwd=tmp_path)
    assert done.returncode == 1
    assert words in " ".join(done.stdout.split())
