"""What of the host an interpreter needs."""

import sys
import venv
from pathlib import Path

import pytest

from harness.errors import SandboxUnavailableError
from harness.sandbox.interface import Driver, Job, Settings
from harness.sandbox.registry import load
from sandboxes.bubblewrap import interpreter
from tests.support import interpreters
from tests.support.interpreters import SUITES


def make_venv(folder: Path) -> Path:
    venv.EnvBuilder(with_pip=False).create(folder)
    return folder / "bin/python"


def test_virtual_environment_names_itself_and_its_base(tmp_path: Path) -> None:
    found = interpreter.resolve(make_venv(tmp_path / "env"))
    assert found.version == sys.version_info[:2]
    assert found.environment == str(tmp_path / "env")
    inside = [path for _, path in found.binds]
    assert str(tmp_path / "env") in inside
    assert sys.base_prefix.startswith("/usr") or any(p.startswith(sys.base_prefix) for p in inside)


def test_only_an_environments_parts_of_a_project_folder(tmp_path: Path) -> None:
    python = make_venv(tmp_path)
    (tmp_path / "secret.txt").write_text("secret")
    found = interpreter.resolve(python)
    shown = {source for source, _ in found.binds}
    assert str(tmp_path) not in shown
    assert str(tmp_path / "lib") in shown
    assert not any("secret" in path for path in shown)


@pytest.mark.bubblewrap
def test_environment_in_the_temporary_folder_works_inside(
    driver: Driver, settings: Settings, tmp_path: Path
) -> None:
    own = load("bubblewrap", Settings(state=settings.state, python=make_venv(tmp_path / "env")))
    try:
        result = own.run(Job(["{python}", "-c", "import sys; print(sys.prefix)"]))
    finally:
        own.shutdown()
    assert result.stdout.decode().strip() == str(tmp_path / "env"), result


@pytest.mark.parametrize("reserved", ["/tree", "/in", "/out", "/guest", "/support"])
def test_reserved_folders_are_refused(reserved: str) -> None:
    with pytest.raises(SandboxUnavailableError, match="somewhere else"):
        interpreter._bind(f"{reserved}/env", {})


def test_no_interpreter_is_said(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailableError, match="does not run"):
        interpreter.resolve(tmp_path / "python")


def test_a_program_that_is_no_python_is_said() -> None:
    with pytest.raises(SandboxUnavailableError, match="does not answer like a Python"):
        interpreter.resolve(Path("/bin/true"))


def test_active_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = make_venv(tmp_path)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    assert interpreter.default_interpreter() == python
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "gone"))
    assert interpreter.default_interpreter() == Path(sys.executable)


@pytest.mark.parametrize("version", SUITES)
def test_another_version_than_the_harness_own_runs_inside(
    settings: Settings, driver: Driver, version: str
) -> None:
    other = load("bubblewrap", Settings(python=Path(interpreters.interpreter(version)), state=settings.state))
    assert driver.probe().works
    try:
        result = other.run(
            Job(["{python}", "-c", "import sqlite3, sys; print(*sys.version_info[:2], sep='.')"])
        )
        assert result.stdout.decode().strip() == version, result
        assert ".".join(map(str, other.python_version())) == version
    finally:
        other.shutdown()
