"""The policy that a run uses: of base or a file, under the organisation's; owners as on base."""

from pathlib import Path

import pytest

from harness.config.organisation import VARIABLE
from harness.errors import ConfigError
from harness.model.snapshot import Snapshot
from harness.replay.prepare import read_owners, read_policy
from harness.risk.owners import owners_of
from tests.support.values import change


def snapshot(folder: Path, **files: str) -> Snapshot:
    for name, text in files.items():
        (folder / name).write_text(text)
    return Snapshot("c" * 40, folder)


def test_the_organisation_stands_above_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "org.toml").write_text('[run]\nrequired = ["secrets"]')
    base = snapshot(tmp_path / "base")
    (base.path / "harness.toml").write_text("[policy]\nlevels = { medium = 90, high = 95, critical = 99 }")
    plain, source = read_policy(None, base, change("a.py"))
    assert (plain.policy.levels.medium, source) == (90, "harness.toml at aaaaaaaaaa")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "org.toml"))
    config, source = read_policy(None, base, change("a.py"))
    assert config.run.also_required == ("secrets",)
    assert config.policy.levels.medium == 25
    assert source == f"harness.toml at aaaaaaaaaa, tightened by {tmp_path / 'org.toml'}"


def test_it_stands_above_a_named_file_and_the_defaults_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "org.toml").write_text('[run]\nrequired = ["secrets"]')
    (tmp_path / "mine.toml").write_text('[run]\nskip = ["secrets"]')
    base = snapshot(tmp_path / "base")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "org.toml"))
    assert read_policy(None, base, change("a.py"))[0].run.also_required == ("secrets",)
    with pytest.raises(ConfigError, match="skips the check 'secrets'"):
        read_policy(tmp_path / "mine.toml", base, change("a.py"))


def test_an_organisation_policy_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "absent.toml"))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_policy(None, snapshot(tmp_path), change("a.py"))


def test_owners_are_those_of_base(tmp_path: Path) -> None:
    assert read_owners(snapshot(tmp_path)) == ()
    assert owners_of(read_owners(snapshot(tmp_path, CODEOWNERS="* @ann")), ["x.py"]) == ("@ann",)
