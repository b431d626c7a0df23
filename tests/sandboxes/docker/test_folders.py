"""Measuring, copying and laying out folders of the host."""

import os

import pytest

from tests.sandboxes.docker import module

folders = module("folders")


def test_measure_counts_pages_and_entries_and_follows_no_link(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_bytes(b"x" * 5000)
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("/")
    for path in (tmp_path, tmp_path / "d"):
        path.chmod(0o755)
    for path in (tmp_path / "d" / "a", tmp_path / "empty"):
        path.chmod(0o644)
    found = folders.measure(tmp_path)
    assert (found.extent.size, found.extent.entries, found.open) == (8192, 4, True)


@pytest.mark.parametrize(("name", "mode"), [("d", 0o700), ("d/a", 0o600)])
def test_a_private_path_is_noticed_and_its_copy_is_open(tmp_path, name, mode):
    source = tmp_path / "source"
    (source / "d").mkdir(parents=True)
    (source / "d" / "a").write_text("content")
    (source / "d" / "run").write_text("#!")
    for path in (source, source / "d", source / "d" / "run"):
        path.chmod(0o755)
    (source / "d" / "a").chmod(0o644)
    (source / name).chmod(mode)
    (source / "out").symlink_to("../../secret")
    os.mkfifo(source / "pipe")
    assert not folders.measure(source).open
    folders.copy_open(source, tmp_path / "copy")
    assert folders.measure(tmp_path / "copy").open
    assert (tmp_path / "copy" / "d" / "a").read_text() == "content"
    assert os.access(tmp_path / "copy" / "d" / "run", os.X_OK)
    assert os.readlink(tmp_path / "copy" / "out") == "../../secret"
    assert not (tmp_path / "copy" / "pipe").exists()


def test_inputs_with_places_to_mount_over(tmp_path):
    target = tmp_path / "in"
    folders.write_inputs(target, {"a/b": b"1", "c": b"2"}, [("base", True), ("a/tool", False)])
    assert (target / "a" / "b").read_bytes() == b"1"
    assert (target / "base").is_dir()
    assert (target / "a" / "tool").is_file()
    assert folders.measure(target).open


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a//b", ".", "a\0b"])
def test_a_name_that_escapes_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="no name for an input"):
        folders.write_inputs(tmp_path / "in", {name: b""}, [])
