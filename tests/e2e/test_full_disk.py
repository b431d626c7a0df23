"""A disk that is full: a sentence and exit 2, nothing half-written, and the next run works."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repositories import Repository

pytestmark = [
    pytest.mark.bubblewrap,
    pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted by root"),
]
ROOM = "Make room there"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "small", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "large").write_bytes(os.urandom(12 << 20))
    return folder


def harness(*arguments: object, **environment: Path) -> "subprocess.CompletedProcess[str]":
    given = {name: str(value) for name, value in environment.items()}
    return subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)], capture_output=True, text=True, check=False,
        env=os.environ | given, stdin=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip


def run(*arguments: object, **environment: Path) -> "subprocess.CompletedProcess[str]":
    return harness("sandbox", "run", "--sandbox", "bubblewrap", *arguments, **environment)


def left(disk: Path) -> list[Path]:
    """Files on the disk."""
    return [path for path in disk.rglob("*") if not path.is_dir()]


def test_a_tree_that_does_not_fit_is_not_run_in_part(disk: Path, tree: Path) -> None:
    done = run("--tree", tree, "--", "ls", XDG_CACHE_HOME=disk)
    assert (done.returncode, done.stdout) == (2, "")
    assert ROOM in done.stderr
    assert left(disk) == []


def test_a_snapshot_that_does_not_fit_is_not_kept_in_part(disk: Path, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    first = repository.commit(
        {"large.bin": os.urandom(12 << 20), "a.py": "def one() -> int:\n    return 1\n"}
    )
    repository.commit({"a.py": "def one() -> int:\n    return int('1')\n"})
    verify = ["verify", repository.path, "--base", first, "--sandbox", "bubblewrap", "--only", "secrets",
              "--out", tmp_path / "report"]  # fmt: skip
    done = harness(*verify, XDG_CACHE_HOME=disk)
    assert done.returncode == 2, done
    assert "The snapshot of" in done.stderr
    assert ROOM in done.stderr
    assert left(disk) == []
    assert not (tmp_path / "report").exists()
    subprocess.run(["mount", "-o", "remount,size=256m", disk], check=True)
    assert harness(*verify, XDG_CACHE_HOME=disk).returncode == 0


def test_a_full_disk_is_no_reason_to_loosen_the_sandbox(disk: Path) -> None:
    (disk / "fill").write_bytes(bytes(shutil.disk_usage(disk).free))
    for driver in ("bubblewrap", "docker"):
        done = harness("sandbox", "run", "--sandbox", driver, "--", "true", XDG_CACHE_HOME=disk, TMPDIR=disk)
        assert "seccomp=unconfined" not in done.stderr
        assert done.returncode == 2
    assert ROOM in run("--", "true", XDG_CACHE_HOME=disk, TMPDIR=disk).stderr


def test_what_does_not_fit_is_not_handed_out_in_part(disk: Path) -> None:
    done = run("--out", disk / "left", "--", "sh", "-c", "head -c 12000000 /dev/zero > /out/x")
    assert done.returncode == 2
    assert "/out cannot be written" in done.stderr
    assert left(disk) == []


def test_a_disk_that_is_full_during_the_run_costs_the_report_or_nothing(disk: Path, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    first = repository.commit({"a.py": "def one() -> int:\n    return 1\n"})
    repository.commit({"a.py": "def one() -> int:\n    return int('1')\n"})
    (disk / "fill").write_bytes(bytes((8 << 20) - 16384))
    verify = ["verify", repository.path, "--base", first, "--sandbox", "bubblewrap", "--only", "secrets"]
    done = harness(*verify, "--out", disk / "report")
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert [path.name for path in left(disk)] == ["fill"]
    (disk / "fill").unlink()
    assert harness(*verify, "--out", disk / "report").returncode == 0
