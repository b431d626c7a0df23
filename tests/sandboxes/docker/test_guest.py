"""The parts of the supervisor that need no container: copying the tree, gathering what is left."""

import os

import pytest

from sandboxes.docker.guest.copying import UnreadableError, copy_tree
from sandboxes.docker.guest.leavings import Harvest


def test_a_tree_is_copied_with_links_bits_and_times(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "d" / "e").mkdir(parents=True)
    target.mkdir()
    (source / "d" / "run").write_bytes(b"#!" * 100_000)
    (source / "d" / "run").chmod(0o555)
    os.utime(source / "d" / "run", ns=(10**18, 10**18))
    (source / "d" / "empty").touch()
    (source / "dangling").symlink_to("/no/such")
    (source / "b\udcff").write_text("x")
    os.mkfifo(source / "pipe")
    copy_tree(str(source), str(target))
    copy = target / "d" / "run"
    assert copy.read_bytes() == b"#!" * 100_000
    assert copy.stat().st_mode & 0o777 == 0o755
    assert copy.stat().st_mtime_ns == 10**18
    assert (target / "d" / "empty").read_bytes() == b""
    assert (target / "d" / "e").is_dir()
    assert os.readlink(target / "dangling") == "/no/such"
    assert (target / "b\udcff").read_text() == "x"
    assert not (target / "pipe").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_an_error_and_no_silent_gap(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "target").mkdir()
    (tmp_path / "source" / "secret").touch(mode=0)
    with pytest.raises(UnreadableError, match="1 paths, first secret"):
        copy_tree(str(tmp_path / "source"), str(tmp_path / "target"))


def gather(folder, max_bytes=1000, max_files=10):
    return Harvest(str(folder), max_bytes, max_files).gather()


def test_only_regular_files_with_one_name_are_chosen(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "good").write_text("12345")
    (tmp_path / "d" / "good").chmod(0)
    (tmp_path / "d").chmod(0)
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "twice").write_text("x")
    (tmp_path / "again").hardlink_to(tmp_path / "twice")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "n\udcff").write_text("x")
    harvest = gather(tmp_path)
    assert harvest.files == [("d/good", 5)]
    assert sorted(text.partition(": ")[2] for text in harvest.left_out) == [
        "its name is not UTF-8", "more than one name", "more than one name", "no regular file", "no regular file",
    ]  # fmt: skip


def test_caps_on_count_size_depth_and_entries(tmp_path):
    (tmp_path / "a").write_text("x" * 600)
    (tmp_path / "b").write_text("x" * 600)
    harvest = gather(tmp_path)
    assert harvest.files == [("a", 600)]
    assert harvest.left_out == ["b: too large"]
    assert gather(tmp_path, max_files=1, max_bytes=5000).left_out == ["b: too many files"]

    deep = tmp_path / "deep"
    for _ in range(40):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "f").touch()
    assert any(text.endswith("too deep") for text in gather(tmp_path).left_out)


def test_a_flood_of_names_is_cut_off(tmp_path):
    for number in range(400):
        (tmp_path / f"{number:03}").symlink_to("x")
    harvest = gather(tmp_path, max_files=50)
    assert harvest.files == []
    assert len(harvest.left_out) == 100
    assert harvest.unnamed > 0


def test_a_path_too_long_for_the_kernel_is_left_out(tmp_path):
    here = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(30):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        with open("f", "w"):
            pass
    finally:
        os.chdir(here)
    harvest = gather(tmp_path)
    assert harvest.files == []
    assert harvest.left_out
