"""Finding, loading and choosing drivers."""

import sys
from pathlib import Path

import pytest

from harness.errors import PackError, SandboxUnavailableError
from harness.sandbox import registry
from harness.sandbox.interface import Driver, Settings

_DRIVER = """
from harness.sandbox.interface import Availability
from .helper import WORKS

class Fake:
    name = {name!r}
    def probe(self): return Availability(WORKS, "" if WORKS else "It is broken.", "" if WORKS else "Mend it.")
    def describe(self): return ()
    def python_version(self): return (3, 11)
    def image(self): return None
    def start(self, job): ...
    def run(self, job): ...
    def shutdown(self): ...
    def clean(self): return ()

def create(settings): return Fake()
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "drivers_root", lambda: tmp_path)
    for name in [name for name in sys.modules if name.startswith("harness_sandboxes")]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


def add(root: Path, name: str, works: bool, code: str = _DRIVER) -> None:
    folder = root / name
    folder.mkdir()
    (folder / "sandbox.toml").write_text(f'api = 1\nname = "{name}"\ntitle = "T"\ndescription = "D"\n')
    (folder / "driver.py").write_text(code.replace("{name!r}", repr(name)))
    (folder / "helper.py").write_text(f"WORKS = {works}\n")


def settings(root: Path) -> Settings:
    return Settings(state=root / "state")


def test_a_driver_is_loaded_from_its_folder_without_touching_the_path(root: Path) -> None:
    add(root, "alpha", works=True)
    before = list(sys.path)
    loaded = registry.load("alpha", settings(root))
    assert isinstance(loaded, Driver)
    assert loaded.name == "alpha"
    assert sys.path == before


def test_auto_takes_docker_before_bubblewrap(root: Path) -> None:
    add(root, "bubblewrap", works=True)
    add(root, "docker", works=True)
    assert registry.choose("auto", settings(root)).name == "docker"


def test_auto_falls_to_what_works(root: Path) -> None:
    add(root, "bubblewrap", works=True)
    add(root, "docker", works=False)
    assert registry.choose("auto", settings(root)).name == "bubblewrap"


def test_nothing_works_says_why_and_what_to_do_for_each(root: Path) -> None:
    add(root, "bubblewrap", works=False)
    add(root, "docker", works=False)
    with pytest.raises(SandboxUnavailableError) as caught:
        registry.choose("auto", settings(root))
    text = str(caught.value)
    assert "docker: It is broken. Mend it." in text
    assert "bubblewrap: It is broken. Mend it." in text
    assert caught.value.exit_status == 2


def test_a_named_driver_that_does_not_work_is_not_replaced(root: Path) -> None:
    add(root, "bubblewrap", works=True)
    add(root, "docker", works=False)
    with pytest.raises(SandboxUnavailableError, match="docker"):
        registry.choose("docker", settings(root))


def test_unknown_driver_names_the_known_ones(root: Path) -> None:
    add(root, "alpha", works=True)
    with pytest.raises(PackError, match="alpha"):
        registry.load("beta", settings(root))


def test_driver_that_lacks_methods_is_refused(root: Path) -> None:
    add(root, "alpha", works=True, code="def create(settings): return object()\n")
    with pytest.raises(PackError, match="lacks methods"):
        registry.load("alpha", settings(root))


def test_driver_that_cannot_be_imported_is_said(root: Path) -> None:
    add(root, "alpha", works=True, code="import nothing_of_that_name\n")
    with pytest.raises(PackError, match="nothing_of_that_name"):
        registry.load("alpha", settings(root))


@pytest.mark.parametrize("text", ["api = 2\nname = 'alpha'", "api = 1\nname = 'beta'", "api = ", "\x00"])
def test_broken_manifest_is_said(root: Path, text: str) -> None:
    (root / "alpha").mkdir()
    (root / "alpha/sandbox.toml").write_text(text)
    with pytest.raises(PackError, match=r"sandbox\.toml"):
        registry.available()


def test_built_in_drivers_are_there() -> None:
    assert {"bubblewrap", "docker"} <= {info.name for info in registry.available()}
