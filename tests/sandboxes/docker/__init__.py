"""Tests of the Docker driver; the modules of its folder are imported as the registry does."""

from types import ModuleType

from harness.sandbox.registry import available, driver_module


def module(name: str) -> ModuleType:
    """A module of ``sandboxes/docker``."""
    info = next(info for info in available() if info.name == "docker")
    return driver_module(info, name)
