"""The installed wheel works outside the checkout and finds its own packs and drivers."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.conftest import Harness

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own."""
    place = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(place),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
    return place / "site"


def test_nothing_lies_at_the_top_but_the_one_package(installed: Path) -> None:
    assert {entry.name for entry in installed.iterdir() if not entry.name.endswith(".dist-info")} == {
        "harness"
    }


def test_packs_and_drivers_are_found_in_the_installation(
    harness: Harness, installed: Path, tmp_path: Path
) -> None:
    done = harness("check", "list", "--json", cwd=tmp_path, PYTHONPATH=str(installed))
    folders = [Path(pack["folder"]) for pack in json.loads(done.stdout)]
    assert len(folders) >= 4
    assert {folder.parent for folder in folders} == {installed / "harness" / "_builtin" / "checks"}


@pytest.mark.bubblewrap
def test_the_installed_harness_verifies(harness: Harness, installed: Path, tmp_path: Path) -> None:
    done = harness("demo", "--sandbox", "bubblewrap", "--only", "property_tests", "--only", "infra_plan",
                   cwd=tmp_path, PYTHONPATH=str(installed))  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "harness-report" / "report.json").read_text())
    assert report["outcome"] == "block"


def test_a_new_pack_can_be_begun_from_the_installation(
    harness: Harness, installed: Path, tmp_path: Path
) -> None:
    done = harness("check", "new", "own", cwd=tmp_path, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stderr
    assert 'id = "own"' in (tmp_path / "own" / "check.toml").read_text()
