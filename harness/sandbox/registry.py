"""Finds sandbox drivers, loads them and chooses one."""

import importlib
import importlib.machinery
import importlib.util
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from harness.errors import PackError, SandboxUnavailableError
from harness.sandbox.interface import Driver, Settings

AUTO = "auto"
API_VERSION = 1
_PACKAGE = "harness_sandboxes"
_PREFERENCE = ("docker", "bubblewrap")
_PACKAGE_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class DriverInfo:
    """The manifest ``sandbox.toml`` of a driver and its folder."""

    name: str
    title: str
    description: str
    folder: Path


def drivers_root() -> Path:
    """The folder of the drivers that came with the installation."""
    installed = _PACKAGE_ROOT / "_builtin" / "sandboxes"
    return installed if installed.is_dir() else _PACKAGE_ROOT.parent / "sandboxes"


def available() -> Sequence[DriverInfo]:
    """All installed drivers by name. Raises PackError for a broken manifest."""
    return [_read(manifest) for manifest in sorted(drivers_root().glob("*/sandbox.toml"))]


def _read(manifest: Path) -> DriverInfo:
    folder = manifest.parent
    try:
        values = tomllib.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(f"{manifest} cannot be read ({error}). Mend it or reinstall the harness.") from error
    if values.get("api") != API_VERSION or values.get("name") != folder.name:
        raise PackError(
            f"{manifest} must say api = {API_VERSION} and name = {folder.name!r}. "
            "Mend it or remove the driver's folder."
        )
    return DriverInfo(folder.name, str(values.get("title", "")), str(values.get("description", "")), folder)


def load(name: str, settings: Settings) -> Driver:
    """The driver of that name. Raises PackError when there is none or it cannot be loaded."""
    known = {info.name: info for info in available()}
    if name not in known:
        raise PackError(f"There is no sandbox driver {name!r}. Choose one of: {', '.join(sorted(known))}.")
    try:
        module = driver_module(known[name])
    except ImportError as error:
        raise PackError(
            f"The sandbox driver {name} cannot be loaded ({error}). Reinstall the harness."
        ) from error
    driver = module.create(settings)
    if not isinstance(driver, Driver):
        raise PackError(f"The sandbox driver {name} lacks methods of the interface; update it.")
    return driver


def driver_module(info: DriverInfo, module: str = "driver") -> ModuleType:
    """A module of a driver's folder, imported as ``harness_sandboxes.NAME.MODULE``.

    Nothing is put on ``sys.path``. Raises ImportError.
    """
    _add_package(_PACKAGE, [])
    _add_package(f"{_PACKAGE}.{info.name}", [str(info.folder)])
    return importlib.import_module(f"{_PACKAGE}.{info.name}.{module}")


def _add_package(name: str, path: list[str]) -> None:
    if name in sys.modules:
        return
    spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = path
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, package)


def choose(name: str, settings: Settings) -> Driver:
    """The driver of that name, or for ``auto`` the first that works here; it has been probed.

    Raises SandboxUnavailableError with reason and remedy for each driver that does not work.
    """
    names = preferred() if name == AUTO else [name]
    refusals = []
    for candidate in names:
        driver = load(candidate, settings)
        state = driver.probe()
        if state.works:
            return driver
        driver.shutdown()
        refusals.append(f"{candidate}: {_sentence(state.reason)} {_sentence(state.remedy)}".rstrip())
    raise SandboxUnavailableError("No sandbox works on this machine. " + " ".join(refusals))


def _sentence(text: str) -> str:
    """With a capital and a full stop; drivers give their reasons with or without."""
    return text and f"{text[0].upper()}{text[1:].rstrip('.')}."


def preferred() -> list[str]:
    """Names of all drivers in the order in which ``auto`` tries them."""
    known = [info.name for info in available()]
    first = [name for name in _PREFERENCE if name in known]
    return first + [name for name in known if name not in first]
