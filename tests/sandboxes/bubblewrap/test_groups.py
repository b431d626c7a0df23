"""Finding, making and cleaning control groups, on a folder that looks like their file system."""

import os
import subprocess
from pathlib import Path

import pytest

from sandboxes.bubblewrap import cleaning
from sandboxes.bubblewrap.stage import groups, hierarchy


def make_v2(root: Path, active: dict[str, str]) -> None:
    for path, controllers in active.items():
        folder = root / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup.subtree_control").write_text(controllers)


def test_nearest_delegated_ancestor_is_chosen(tmp_path: Path) -> None:
    make_v2(
        tmp_path, {"": "cpu memory pids", "user": "memory pids", "user/app": "memory pids", "user/app/me": ""}
    )
    assert hierarchy._delegated(str(tmp_path), "/user/app/me") == str(tmp_path / "user/app")


def test_controllers_that_are_missing_are_no_delegation(tmp_path: Path) -> None:
    make_v2(tmp_path, {"": "cpu", "user": "cpu pids"})
    assert hierarchy._delegated(str(tmp_path), "/user") is None


@pytest.mark.parametrize(
    ("path", "root", "below"),
    [("/a/b", "/", "/a/b"), ("/", "/", ""), ("/docker/x/y", "/docker/x", "/y"), ("/other", "/docker/x", "")],
)
def test_path_below_the_root_of_a_mount(path: str, root: str, below: str) -> None:
    assert hierarchy._below(path, root) == below


def test_version_2_limits_are_written(tmp_path: Path) -> None:
    class Plain(groups.Group):
        @staticmethod
        def _set(folder: str, name: str, value: object) -> None:
            Path(folder, name).write_text(str(value))

    Plain(hierarchy.Parents(unified=str(tmp_path)), "job", 1 << 20, 7, 1.5)
    written = {path.name: path.read_text() for path in (tmp_path / "job").iterdir()}
    assert written == {
        "memory.max": "1048576", "memory.swap.max": "0", "pids.max": "7", "cpu.max": "150000 100000",
    }  # fmt: skip


def test_a_group_that_cannot_be_limited_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"memory\.max"):
        groups.Group(hierarchy.Parents(unified=str(tmp_path)), "job", 1, 1, 1)
    assert not list(tmp_path.iterdir())


def test_living_owner_is_no_orphan() -> None:
    name = f"{hierarchy.PREFIX}{hierarchy.identity_of(os.getpid())}-77-1"
    assert not cleaning.is_orphan(name)


def test_dead_owner_is_an_orphan() -> None:
    child = subprocess.Popen(["sleep", "60"])
    name = f"{hierarchy.PREFIX}{hierarchy.identity_of(child.pid)}-77-1"
    assert not cleaning.is_orphan(name)
    child.kill()
    child.wait()
    assert cleaning.is_orphan(name)


def test_reused_process_number_is_an_orphan() -> None:
    namespace, pid, start = (hierarchy.identity_of(os.getpid()) or "").split("-")
    assert cleaning.is_orphan(f"{hierarchy.PREFIX}{namespace}-{pid}-{int(start) + 1}-77-1")


def test_owners_elsewhere_and_foreign_names_are_left_alone() -> None:
    assert not cleaning.is_orphan(f"{hierarchy.PREFIX}1-2-3-4-5")
    assert not cleaning.is_orphan("system.slice")
    assert not cleaning.is_orphan(f"{hierarchy.PREFIX}x-y-z-1-2")


def test_clean_removes_only_orphans(tmp_path: Path) -> None:
    own = hierarchy.identity_of(os.getpid()) or ""
    namespace = own.split("-")[0]
    alive, dead = (
        tmp_path / f"{hierarchy.PREFIX}{own}-1-1",
        tmp_path / f"{hierarchy.PREFIX}{namespace}-999999999-5-1-1",
    )
    for folder in (alive, dead, tmp_path / "other"):
        folder.mkdir()
    assert cleaning.clean(hierarchy.Parents(unified=str(tmp_path))) == [str(dead)]
    assert alive.is_dir()
    assert (tmp_path / "other").is_dir()
