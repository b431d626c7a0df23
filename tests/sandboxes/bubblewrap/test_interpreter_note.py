"""The report says which packages an interpreter lacks and where they come from instead."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

from harness.sandbox.registry import available, driver_module


def part(name: str) -> ModuleType:
    return driver_module(next(one for one in available() if one.name == "bubblewrap"), name)


def test_borrowed_packages_are_named() -> None:
    borrowed = part("diagnosis").borrowed
    assert borrowed((3, 11), ()) == []
    assert borrowed((3, 11), ("pytest", "hypothesis")) == [
        "pytest, hypothesis come from the harness's own environment: the interpreter has none"
    ]
    assert "too old" in borrowed((3, 9), ("pytest",))[0]


def test_an_interpreter_says_what_it_lacks(tmp_path: Path) -> None:
    resolve = part("interpreter").resolve
    assert resolve(Path(sys.executable)).lacks == ()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    assert resolve(tmp_path / "bare" / "bin" / "python").lacks == ("pytest", "hypothesis", "coverage")
