"""What a behaviour works with: the driver, a scratch folder, and short ways to run things."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.sandbox.interface import Driver, Ended, Job, Limits, Result, Settings

LIMITS = Limits(wall_seconds=60, cpu_seconds=30, memory_bytes=512 << 20, disk_bytes=64 << 20)


class ViolationError(Exception):
    """A behaviour does not hold."""


@dataclass(frozen=True)
class World:
    """Given to each behaviour."""

    driver: Driver
    settings: Settings
    folder: Path

    def job(self, argv: Sequence[str], limits: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        """A job with the suite's modest limits, some of them changed."""
        return Job(argv=argv, limits=replace(LIMITS, **(limits or {})), **fields)

    def run(self, *argv: str, limits: Mapping[str, Any] | None = None, **fields: Any) -> Result:
        """Run a command."""
        return self.driver.run(self.job(argv, limits, **fields))

    def python(self, code: str, **fields: Any) -> Result:
        """Run Python code."""
        return self.run("{python}", "-c", code, **fields)

    def shell(self, code: str, **fields: Any) -> Result:
        """Run shell code."""
        return self.run("sh", "-c", code, **fields)

    def make_tree(self, files: Mapping[str, str]) -> Path:
        """A folder with these text files, as an engine's snapshot would be."""
        root = self.folder / "snapshot"
        root.mkdir()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return root


Behaviour = Callable[[World], None]
BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(name: str) -> Callable[[Behaviour], Behaviour]:
    """Register a behaviour. Names are unique: ``area: what holds``."""

    def register(function: Behaviour) -> Behaviour:
        if name in BEHAVIOURS and BEHAVIOURS[name] is not function:
            raise ValueError(f"two behaviours are called {name!r}")
        BEHAVIOURS[name] = function
        return function

    return register


def expect(condition: object, problem: str) -> None:
    """Raise ViolationError with a sentence unless the condition holds."""
    if not condition:
        raise ViolationError(problem)


def equal(found: object, wanted: object, what: str) -> None:
    """Raise ViolationError unless both are equal."""
    expect(found == wanted, f"{what}: expected {wanted!r}, found {_short(found)}")


def succeeded(result: Result) -> Result:
    """The result, when the command ended with status 0."""
    error = result.stderr.decode("utf-8", "replace")[-400:]
    expect(result.end == Ended(0), f"the command ended with {result.end}: {error}")
    return result


def says(result: Result, wanted: str) -> None:
    """The command succeeded and printed exactly this line."""
    equal(succeeded(result).stdout.decode("utf-8", "replace").strip(), wanted, "printed")


def refused(result: Result, what: str) -> None:
    """The command ended by itself with an error."""
    expect(isinstance(result.end, Ended) and result.end.status != 0, f"{what} was possible ({result.end})")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 300 else text[:300] + "…"
