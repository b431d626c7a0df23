"""Collects the behaviours and runs them."""

import importlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.conformance.world import BEHAVIOURS, Behaviour, ViolationError, World
from harness.sandbox.interface import Driver, Settings

_AREAS = ("ends", "streams", "files", "tree", "limits", "isolation", "network", "kernel", "lifecycle")


@dataclass(frozen=True)
class Verdict:
    """Whether one behaviour holds; ``problem`` is a sentence when it does not."""

    name: str
    holds: bool
    problem: str
    seconds: float


def behaviours() -> dict[str, Behaviour]:
    """All behaviours by name (``area: what holds``)."""
    for area in _AREAS:
        importlib.import_module(f"harness.sandbox.conformance.{area}")
    return dict(BEHAVIOURS)


def run_suite(driver: Driver, settings: Settings, only: str | None = None) -> Iterator[Verdict]:
    """Run them one after another; those whose name contains ``only`` if given."""
    for name, function in behaviours().items():
        if only is None or only.lower() in name.lower():
            yield run_one(driver, settings, name, function)


def run_one(driver: Driver, settings: Settings, name: str, function: Behaviour) -> Verdict:
    """One behaviour in a scratch folder of its own."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        Path(folder).chmod(0o755)
        try:
            function(World(driver, settings, Path(folder)))
        except ViolationError as violation:
            return Verdict(name, False, str(violation), time.monotonic() - started)
    return Verdict(name, True, "", time.monotonic() - started)
