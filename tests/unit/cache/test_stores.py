"""What a store gives back: what was put, or nothing; never anything else, and never an error."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cache.choose import store_for
from harness.cache.disk import DiskStore
from harness.cache.entry import pack, unpack
from harness.cache.interface import MAX_ENTRY, Nowhere
from harness.cache.shared import Layered, SharedStore
from harness.config.schema import CacheConfig
from harness.errors import UsageError


def key(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


@given(st.binary(max_size=2000))
def test_an_entry_holds_its_content(content: bytes) -> None:
    assert unpack(pack(content)) == content


@given(st.binary(min_size=1, max_size=300), st.data())
def test_an_entry_that_was_cut_or_altered_is_none(content: bytes, data: st.DataObject) -> None:
    entry = bytearray(pack(content))
    place = data.draw(st.integers(0, len(entry) - 1))
    assert unpack(bytes(entry[:place])) is None
    entry[place] ^= data.draw(st.integers(1, 255))
    assert unpack(bytes(entry)) in (None, content)  # a bit of the compressed form may mean nothing


def test_a_bomb_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.cache.entry.MAX_ENTRY", 1000)
    assert unpack(pack(b"0" * 1000)) == b"0" * 1000
    assert unpack(pack(b"0" * 1001)) is None


def test_a_folder_keeps_what_is_put(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "a" / "b")
    assert store.get(key(1)) is None
    store.put(key(1), b"one")
    store.put(key(1), b"another")
    assert store.get(key(1)) == b"one"
    assert DiskStore(tmp_path / "a" / "b").get(key(1)) == b"one"
    assert store.problems() == ()


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "G" * 64, "a" * 64 + "\n"])
def test_a_name_that_is_no_key_is_nowhere(tmp_path: Path, name: str) -> None:
    store = DiskStore(tmp_path)
    store.put(name, b"x")
    assert store.get(name) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage", [b"", b"hello", pack(b"one")[:-1], b"change-harness result 9\n" + b"0" * 99]
)
def test_a_damaged_entry_is_removed_and_made_anew(tmp_path: Path, damage: bytes) -> None:
    store = DiskStore(tmp_path)
    store.put(key(1), b"one")
    [file] = tmp_path.glob("??/*")
    file.write_bytes(damage)
    assert store.get(key(1)) is None
    store.put(key(1), b"one")
    assert store.get(key(1)) == b"one"


def test_a_place_that_cannot_be_written_costs_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = DiskStore(tmp_path / "file")
    store.put(key(1), b"one")
    store.put(key(2), b"two")
    assert store.get(key(1)) is None
    assert store.problems() == (f"results cannot be kept in {tmp_path / 'file'}: Not a directory",)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    store = DiskStore(tmp_path)
    store.put(key(1), b"one")
    assert [place for place in tmp_path.rglob("*") if place.is_file()] == []
    assert "No space left" in store.problems()[0]


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    for number in range(10):
        store.put(key(number), os.urandom(10_000))
        [file] = tmp_path.glob(f"??/{key(number)}")
        os.utime(file, (1000 + number, 1000 + number))
    assert store.get(key(0)) is not None  # used just now
    size = store.usage().bytes
    removed = store.prune(size // 2)
    assert removed.entries == 10 - store.usage().entries
    assert store.usage().bytes <= size // 2
    assert store.get(key(0)) is not None
    assert store.get(key(1)) is None
    assert store.get(key(9)) is not None


def test_writing_beyond_the_cap_prunes(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, max_bytes=100_000)
    for number in range(40):
        store.put(key(number), os.urandom(10_000))
    assert store.usage().bytes <= 115_000
    assert store.get(key(39)) is not None


def test_what_killed_runs_left_is_removed_and_strangers_are_not(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.put(key(1), b"one")
    [file] = tmp_path.glob("??/*")
    old, new, stranger = (file.parent / name for name in (".new-old", ".new-new", "notes.txt"))
    for place in (old, new, stranger):
        place.write_text("x")
    past = time.time() - 7200
    os.utime(old, (past, past))
    store.prune(0)
    assert not old.exists()
    assert new.exists()
    assert stranger.exists()
    assert not file.exists()


def test_two_processes_write_the_same_entries_at_once(tmp_path: Path) -> None:
    program = (
        "import hashlib, sys; from pathlib import Path; from harness.cache.disk import DiskStore\n"
        "store = DiskStore(Path(sys.argv[1]), max_bytes=20_000)\n"
        "for n in range(200):\n"
        "    k = hashlib.sha256(str(n % 20).encode()).hexdigest()\n"
        "    store.put(k, k.encode() * 40); found = store.get(k)\n"
        "    assert found in (None, k.encode() * 40), found\n"
        "assert store.problems() == (), store.problems()\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]


def test_too_large_is_not_kept(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.put(key(1), bytes(MAX_ENTRY + 1))
    assert store.get(key(1)) is None


def test_a_shared_place_is_read_and_written_only_where_that_is_allowed(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/shared"
    reader, writer = SharedStore(url, writes=False), SharedStore(url, writes=True)
    reader.put(key(1), b"one")
    assert writer.get(key(1)) is None
    writer.put(key(1), b"one")
    assert reader.get(key(1)) == b"one"
    assert (*reader.problems(), *writer.problems()) == ()


def test_what_the_shared_place_has_is_kept_near(tmp_path: Path) -> None:
    far = SharedStore("memory://results", writes=True)
    far.put(key(1), b"one")
    near = DiskStore(tmp_path)
    assert Layered(near, far).get(key(1)) == b"one"
    assert near.get(key(1)) == b"one"
    Layered(near, far).put(key(2), b"two")
    assert far.get(key(2)) == b"two"


def test_a_poisoned_shared_entry_is_none(tmp_path: Path) -> None:
    store = SharedStore(f"file://{tmp_path}", writes=True)
    store.put(key(1), b"one")
    [file] = tmp_path.glob("??/*")
    file.write_bytes(file.read_bytes()[:-2])
    assert store.get(key(1)) is None


def test_a_shared_place_that_fails_costs_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = SharedStore(f"file://{tmp_path}/file", writes=True)
    store.put(key(1), b"one")
    assert store.get(key(1)) is None
    assert any("the shared cache was not written" in said for said in store.problems())


def test_a_shared_place_that_cannot_be_is_a_sentence() -> None:
    with pytest.raises(UsageError, match=r"carrier-pigeon://coop cannot be used"):
        SharedStore("carrier-pigeon://coop", writes=False)


def test_choosing(tmp_path: Path) -> None:
    assert isinstance(store_for(CacheConfig(), tmp_path, None, off=True), Nowhere)
    store = store_for(CacheConfig(max_mb=3), tmp_path, None, off=False)
    assert isinstance(store, DiskStore)
    assert (store.root, store.max_bytes) == (tmp_path / "results", 3 << 20)
    assert isinstance(store_for(CacheConfig(url="memory://x"), tmp_path, tmp_path / "c", off=False), Layered)
