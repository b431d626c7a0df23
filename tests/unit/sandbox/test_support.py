"""Packages for guest code."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.sandbox import support


def test_folder_is_complete_on_its_own(tmp_path: Path) -> None:
    folder = support.support_folder(tmp_path)
    assert folder is not None
    code = "import sys; sys.path.append(sys.argv[1]); import pytest, hypothesis, coverage; print(pytest.__file__)"
    done = subprocess.run(
        [sys.base_prefix + "/bin/python3", "-I", "-S", "-c", code, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(folder))


def test_second_call_finds_the_first_folder(tmp_path: Path) -> None:
    first = support.support_folder(tmp_path)
    assert support.support_folder(tmp_path) == first
    assert [p.name for p in (tmp_path / "support").iterdir()] == [first.name if first else ""]


def test_requirements_are_followed() -> None:
    assert {"pytest", "pluggy", "iniconfig"} <= set(support.closure(["pytest"]))


def test_what_is_not_installed_is_left_out() -> None:
    assert support.closure(["no-such-distribution-anywhere"]) == {}


def test_none_without_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "WANTED", ("no-such-distribution-anywhere",))
    assert support.support_folder(tmp_path) is None


def test_failure_leaves_no_half_made_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(support, "_copy", fail)
    with pytest.raises(OSError, match="disk full"):
        support.support_folder(tmp_path)
    assert not list((tmp_path / "support").iterdir())
