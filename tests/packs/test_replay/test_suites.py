"""Suites of all kinds are replayed, and what cannot be is said with its reason."""

import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

from harness.check.interface import Limits
from tests.packs.test_replay import local
from tests.packs.test_replay.local import replay, verify
from tests.packs.test_replay.suites import LAYOUTS, PACKAGE, RIGHT, TEST, WRONG

SHORT = Limits(wall_seconds=12)


def failing(outcome):
    return [one for one in outcome.findings if one.category == "test-failure"]


def unverified(outcome):
    return "\n".join(f"{one.what}: {one.why}" for one in outcome.unverified)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_suite_is_replayed(name: str, tmp_path: Path):
    path, test, base = LAYOUTS[name]
    head = {**base, path: base[path].replace("value * 2", "value * 3")}
    outcome, context = verify(tmp_path, base, head)
    assert len(failing(outcome)) == 1, outcome
    assert test.partition("::")[0] == failing(outcome)[0].location.path
    assert replay(context, failing(outcome)[0])[0] == {"base": True, "head": False}
    assert not [one for one in outcome.findings if one.category == "test-tampering"]


@pytest.mark.parametrize("name", ["src-layout", "tests-beside-the-code", "namespace-package"])
def test_an_installed_copy_of_the_old_code_is_not_what_is_tested(name: str, tmp_path: Path, monkeypatch):
    path, test, base = LAYOUTS[name]
    monkeypatch.setattr(local, "CACHE", {})
    python = environment_with(tmp_path / "env", base)
    monkeypatch.setattr(local, "interpreter", lambda: python)
    (tmp_path / "trees").mkdir()
    outcome, context = verify(tmp_path / "trees", base, {**base, path: WRONG})
    assert [one.location.path for one in failing(outcome)] == [test.partition("::")[0]], outcome
    assert replay(context, failing(outcome)[0])[0] == {"base": True, "head": False}


def environment_with(place: Path, files: local.Files) -> str:
    """The Python of an environment that has all of this one's packages, and these modules installed."""
    venv.create(place, symlinks=True)
    installed = Path(sysconfig.get_path("purelib", "venv", {"base": str(place)}))
    local.write(installed, {name.removeprefix("src/"): code for name, code in files.items()})
    (installed / "outer.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = str(place / "bin" / "python")
    module = next(name for name in files if name.endswith("pkg/core.py")).removeprefix("src/")
    asked = f"import {module.removesuffix('.py').replace('/', '.')} as module; print(module.__file__)"
    done = subprocess.run([python, "-I", "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(installed / module)
    return python


def broken_with(tests: dict[str, str], place: Path, limits: Limits | None = None):
    base = {**PACKAGE, "tests/test_core.py": TEST, **tests}
    return verify(place, base, {**base, "pkg/core.py": WRONG}, *([limits] if limits else []))


def test_a_test_that_never_ends_is_named(tmp_path: Path):
    endless = "import time\n\n\ndef test_waits():\n    time.sleep(600)\n"
    outcome, _ = broken_with({"tests/test_wait.py": endless}, tmp_path, SHORT)
    assert "the last test was tests/test_wait.py::test_waits" in outcome.failed + unverified(outcome)


def test_a_flood_of_output_hides_no_result(tmp_path: Path):
    loud = "def test_loud():\n    for _ in range(256):\n        print('x' * (1 << 20))\n"
    config = '[tool.pytest.ini_options]\naddopts = "-s"\n'
    outcome, _ = broken_with({"tests/test_loud.py": loud, "pyproject.toml": config}, tmp_path)
    assert [one.location.path for one in failing(outcome)] == ["tests/test_core.py"]


def test_a_daemon_left_behind_keeps_nothing_waiting(tmp_path: Path):
    daemon = (
        "import subprocess\n\n\ndef test_starts():\n"
        "    subprocess.Popen(['sleep', '20'], start_new_session=True)\n"
    )
    outcome, _ = broken_with({"tests/test_daemon.py": daemon}, tmp_path)
    assert [one.location.path for one in failing(outcome)] == ["tests/test_core.py"]
    assert not outcome.failed


def test_a_file_that_cannot_be_collected_on_base_is_said(tmp_path: Path):
    outcome, _ = broken_with(
        {"tests/test_db.py": "import psycopg_of_ours\n\n\ndef test_db(): ...\n"}, tmp_path
    )
    assert "tests/test_db.py: its tests cannot be collected on base: " in unverified(outcome)
    assert "No module named 'psycopg_of_ours'" in unverified(outcome)
    assert [one.location.path for one in failing(outcome)] == ["tests/test_core.py"]


def test_a_test_that_needs_what_is_not_there_is_said_with_the_reason(tmp_path: Path):
    network = (
        "import socket\n\n\ndef test_database():\n    socket.create_connection(('127.0.0.1', 1), timeout=1)\n"
    )
    outcome, _ = broken_with({"tests/test_net.py": network}, tmp_path)
    assert "tests/test_net.py::test_database: it fails on base already: " in unverified(outcome)
    assert "Connection refused" in unverified(outcome)


def test_no_tests_at_all_are_said(tmp_path: Path):
    outcome, _ = verify(tmp_path, PACKAGE, {**PACKAGE, "pkg/core.py": WRONG})
    assert not outcome.findings
    assert unverified(outcome) == "the behaviour of the code: the repository has no tests"


@pytest.mark.parametrize("where", ["tests/test_core.py", "tests/test_other.py"])
def test_a_renamed_or_moved_test_is_no_deletion(where: str, tmp_path: Path):
    base = {**PACKAGE, "tests/test_core.py": TEST}
    head = {**PACKAGE, where: TEST.replace("test_double", "test_twice"), "pkg/more.py": RIGHT}
    outcome, _ = verify(tmp_path, base, head)
    assert not outcome.findings


def test_a_test_that_vanished_with_a_bug_is_told_as_deleted(tmp_path: Path):
    base = {**PACKAGE, "tests/test_core.py": TEST}
    head = {**PACKAGE, "pkg/core.py": WRONG, "tests/test_core.py": "def test_nothing():\n    assert True\n"}
    outcome, _ = verify(tmp_path, base, head)
    assert {"deleted-test"} == {one.rule for one in outcome.findings if one.category == "test-tampering"}
    assert failing(outcome)
