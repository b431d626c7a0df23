"""A private copy of any folder."""

import os
import subprocess
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.sandbox import staging
from harness.sandbox.staging import remove_leftovers, staged


def test_copy_holds_files_folders_and_links(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "d").mkdir(parents=True)
    (source / "d/f").write_bytes(b"content")
    (source / "run").write_text("#!/bin/sh\n")
    (source / "run").chmod(0o700)
    (source / "l").symlink_to("/etc/passwd")
    with staged(source, tmp_path / "state") as copy:
        assert (copy.path / "d/f").read_bytes() == b"content"
        assert os.access(copy.path / "run", os.X_OK)
        assert (copy.path / "l").readlink() == Path("/etc/passwd")
        assert copy.missing == 0
        (copy.path / "d/f").write_text("changed")
    assert (source / "d/f").read_bytes() == b"content"
    assert not list((tmp_path / "state").iterdir())


def test_special_files_are_left_out_and_named(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    os.mkfifo(source / "pi\npe")
    with staged(source, tmp_path / "state") as copy:
        assert copy.missing == 1
        assert copy.named == ["pi\\npe: not a file, folder or symbolic link"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_files_are_left_out(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "secret").write_text("s")
    (source / "secret").chmod(0)
    with staged(source, tmp_path / "state") as copy:
        assert copy.named == ["secret: Permission denied"]


def test_half_made_snapshots_of_dead_runs_are_removed(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    for owner in (dead.pid, os.getpid()):
        (tmp_path / f"snapshots/.new-{owner}-x/tree").mkdir(parents=True)
    assert remove_leftovers(tmp_path) == [str(tmp_path / f"snapshots/.new-{dead.pid}-x")]


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "missing"):
        with pytest.raises(UsageError, match="Name a folder"), staged(place, tmp_path / "state"):
            pass


def test_too_large_a_folder_is_refused_and_nothing_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(5):
        (source / str(number)).write_bytes(bytes(10))
    monkeypatch.setattr(staging, "MAX_ENTRIES", 3)
    with pytest.raises(UsageError, match="entries"), staged(source, tmp_path / "state"):
        pass
    assert not list((tmp_path / "state").iterdir())


def test_read_only_content_is_removed_again(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with staged(source, tmp_path / "state") as copy:
        (copy.path / "d").mkdir()
        (copy.path / "d/f").write_text("x")
        (copy.path / "d").chmod(0o555)
    assert not list((tmp_path / "state").iterdir())


def test_leftovers_of_the_dead_are_removed_and_others_not(tmp_path: Path) -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    dead, alive = tmp_path / f"tree-{child.pid}-x", tmp_path / f"tree-{os.getpid()}-x"
    for place in (dead, alive, tmp_path / "snapshots"):
        place.mkdir()
    assert remove_leftovers(tmp_path) == [str(dead)]
    assert alive.is_dir()
    assert (tmp_path / "snapshots").is_dir()
