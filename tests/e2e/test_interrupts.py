"""Ctrl-C and SIGTERM take down everything that a command started on a Docker engine."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox.interface import Settings
from harness.sandbox.registry import load
from tests.support.repositories import Repository

pytestmark = pytest.mark.docker


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Folders for the command's caches and temporary files: what it leaves behind is in them."""
    state = load("docker", Settings(state=tmp_path / "probe")).probe()
    if not state.works:
        pytest.skip(f"no Docker sandbox here: {state.reason}; {state.remedy}")
    for name in ("cache", "temporary"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit(
        {"shop.py": "A = 1\n", "tests/test_shop.py": "import time\n\ndef test_a():\n    time.sleep(300)\n"}
    )
    made.commit({"shop.py": "A = 2\n"})
    return made


def begin(place: Path, *arguments: object) -> "subprocess.Popen[str]":
    environment = {"XDG_CACHE_HOME": str(place / "cache"), "TMPDIR": str(place / "temporary")}
    return subprocess.Popen(
        [sys.executable, "-m", "harness", *map(str, arguments)], env=os.environ | environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def containers(process: int) -> list[Any]:
    """Containers whose labels say that this process made them."""
    import docker

    everything = docker.from_env().api.containers(all=True, filters={"label": "change-harness.owner"})
    return [one for one in everything if f"/{process}/" in one["Labels"]["change-harness.owner"]]


def mounts(place: Path) -> list[str]:
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(place) in line]


def interrupt(process: "subprocess.Popen[str]", place: Path, number: int) -> str:
    """Send the signal while a container runs; what the command said. Nothing may be left then."""
    end = time.monotonic() + 60
    while not any(one["State"] == "running" for one in containers(process.pid)):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.1)
    assert os.geteuid() != 0 or mounts(place)
    process.send_signal(number)
    words, _ = process.communicate(timeout=60)
    assert process.returncode == 130, words
    assert containers(process.pid) == []
    assert mounts(place) == []
    assert list((place / "temporary").iterdir()) == []
    kept = [path for path in (place / "cache").rglob("*") if "live" in path.parts or path.name[:5] == "tree-"]
    assert [path for path in kept if path.name != "live"] == []
    return words


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_nothing(place: Path, number: int) -> None:
    tree = place / "tree"
    tree.mkdir()
    (tree / "a").write_text("a")
    process = begin(place, "sandbox", "run", "--sandbox", "docker", "--tree", tree, "--", "sh", "-c",
                    "echo ready; exec sleep 600")  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    assert interrupt(process, place, number) == "harness: interrupted; the sandbox was ended.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_verification_leaves_nothing(place: Path, repository: Repository, number: int) -> None:
    process = begin(place, "verify", repository.path, "--base", "HEAD~1", "--sandbox", "docker", "--only",
                    "test_replay", "--out", place / "report")  # fmt: skip
    assert process.stdout is not None
    while "test_replay" not in process.stdout.readline():
        assert process.poll() is None
    assert "interrupted; every sandbox was ended" in interrupt(process, place, number)
    assert not (place / "report").exists()
