"""Taking files out of a folder that hostile code filled."""

import os
import socket
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.sandbox.harvest import Harvest, harvest_folder, is_plain_name, readable


def harvest(folder: Path, max_files: int = 100, max_bytes: int = 1 << 20) -> Harvest:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return harvest_folder(descriptor, max_files, max_bytes)
    finally:
        os.close(descriptor)


def test_regular_files_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c").write_bytes(b"deep")
    (tmp_path / "top").write_bytes(bytes(range(256)))
    found = harvest(tmp_path)
    assert found.files == {"a/b/c": b"deep", "top": bytes(range(256))}
    assert not found.left_out


def test_symbolic_links_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("key")
    out = tmp_path / "out"
    out.mkdir()
    (out / "file").symlink_to(secret / "key")
    (out / "folder").symlink_to(secret)
    found = harvest(out)
    assert not found.files
    assert len(found.left_out) == 2


def test_second_name_of_a_file_is_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key")
    (tmp_path / "out").mkdir()
    os.link(secret, tmp_path / "out/innocent")
    assert not harvest(tmp_path / "out").files


def test_pipes_and_sockets_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
    finally:
        os.chdir(here)
    found = harvest(tmp_path)
    assert not found.files
    assert len(found.left_out) == 2


def test_bounds_on_number_and_size(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}").write_bytes(bytes(100))
    assert len(harvest(tmp_path, max_files=5).files) == 5
    limited = harvest(tmp_path, max_bytes=750)
    assert sum(map(len, limited.files.values())) <= 750
    assert len(limited.left_out) == 13


def test_sparse_giant_is_never_read(tmp_path: Path) -> None:
    with (tmp_path / "giant").open("wb") as stream:
        stream.truncate(1 << 40)
    assert not harvest(tmp_path).files


def test_depth_is_bounded(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(60):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "f").write_text("f")
    found = harvest(tmp_path)
    assert not found.files
    assert "nested too deeply" in found.left_out[0]


def test_odd_names_are_left_out_readably(tmp_path: Path) -> None:
    for name in (b"\xff", b"new\nline", b"esc\x1b[31m", "bidi\u202e".encode()):
        (tmp_path / os.fsdecode(name)).write_text("x")
    found = harvest(tmp_path)
    assert not found.files
    assert len(found.left_out) == 4
    assert all(sentence.isprintable() for sentence in found.left_out)


def test_descriptors_are_closed(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    harvest(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@given(st.text())
def test_names_that_are_taken_stay_below_the_folder(name: str) -> None:
    if is_plain_name(name):
        assert not os.path.isabs(name)
        assert ".." not in name.split("/")
        assert os.path.normpath(name) == name
        name.encode("utf-8")


@given(st.text(alphabet=st.characters()))
def test_readable_names_are_printable(name: str) -> None:
    assert readable(name).isprintable() or not readable(name)
