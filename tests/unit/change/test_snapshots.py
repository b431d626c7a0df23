import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.change.git import Shadow
from harness.change.paths import link_refusal, refusal
from harness.change.snapshots import SnapshotStore
from harness.model.snapshot import Snapshot
from tests.support.repositories import Repository


def materialise(repository: Repository, commit: str, root: Path) -> Snapshot:
    with Shadow(repository.path) as shadow:
        tree = shadow.resolve(commit, "tree")
        assert tree
        return SnapshotStore(root).materialise(shadow, tree)


def test_contents_modes_and_links(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    repository.write({"run.sh": "#!/bin/sh\n", "data/a.bin": bytes(range(256)), "empty": ""})
    (repository.path / "run.sh").chmod(0o755)
    (repository.path / "link").symlink_to("data/a.bin")
    snapshot = materialise(repository, repository.commit({}), tmp_path / "store")
    assert (snapshot.path / "data/a.bin").read_bytes() == bytes(range(256))
    assert (snapshot.path / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (snapshot.path / "empty").stat().st_mode & 0o777 == 0o644
    assert (snapshot.path / "link").readlink() == Path("data/a.bin")
    assert snapshot.read_text("link") is None
    assert {entry.path: entry.kind for entry in snapshot.entries}["link"] == "symlink"


def test_one_tree_is_written_once(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    commit = repository.commit({"a": "1"})
    first = materialise(repository, commit, tmp_path / "store")
    before = (first.path / "a").stat().st_ino
    assert (materialise(repository, commit, tmp_path / "store").path / "a").stat().st_ino == before
    assert [name for name in os.listdir(tmp_path / "store") if name.startswith(".new")] == []


def test_a_damaged_snapshot_is_written_again(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    commit = repository.commit({"a": "1"})
    first = materialise(repository, commit, tmp_path / "store")
    (first.path.parent / "entries.json").write_text("nonsense")
    assert materialise(repository, commit, tmp_path / "store").read_text("a") == "1"


def test_hostile_names_and_links_are_left_out_with_a_reason(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    commit = repository.raw_commit(
        {
            b"..": ("100644", "blob", b"x"),
            b".git": ("100644", "blob", b"x"),
            b".GIT ": ("100644", "blob", b"x"),
            b"a\nb": ("100644", "blob", b"x"),
            b"good": ("100644", "blob", b"fine"),
            b"link": ("120000", "blob", b"../../outside"),
            b"etc": ("120000", "blob", b"/etc/passwd"),
            b"sub": ("160000", "commit", b"a" * 40),
            b"caf\xe9": ("100644", "blob", b"latin"),
            b"lfs": ("100644", "blob", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
        }
    )
    snapshot = materialise(repository, commit, tmp_path / "store")
    reasons = {entry.path: entry.left_out for entry in snapshot.entries}
    assert reasons == {
        "..": "the path escapes its folder",
        ".git": "the path lies in a git folder",
        ".GIT ": "the path lies in a git folder",
        "a\nb": "the path holds control characters",
        "good": None,
        "link": "the symbolic link points outside the tree",
        "etc": "the symbolic link points outside the tree",
        "sub": "a submodule is not fetched",
        "caf\\xe9": None,
        "lfs": "only a pointer of Git LFS, its content is not fetched",
    }
    assert sorted(os.listdir(os.fsencode(snapshot.path))) == [b"caf\xe9", b"good", b"lfs"]
    assert not (tmp_path / "store" / "outside").exists()


def test_a_tree_that_names_a_path_twice_writes_nothing_through_a_link(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    inner = repository.git("hash-object", "-w", "--stdin", stdin=b"evil")
    target = repository.git("hash-object", "-w", "--stdin", stdin=b"good")
    folder = b"100644 passwd\0" + bytes.fromhex(inner)
    folder_id = repository.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=folder)
    tree = b"120000 d\0" + bytes.fromhex(target) + b"40000 d\0" + bytes.fromhex(folder_id)
    tree_id = repository.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=tree)
    snapshot = materialise(repository, repository.git("commit-tree", tree_id, "-m", "x"), tmp_path / "store")
    assert not (snapshot.path / "d").is_symlink()
    assert (snapshot.path / "d" / "passwd").read_bytes() == b"evil"


@given(st.lists(st.sampled_from([b"..", b".", b"a", b"b", b""]), min_size=1, max_size=6))
def test_a_link_is_accepted_only_when_it_stays_inside(parts: list[bytes]) -> None:
    target = b"/".join(parts)
    if link_refusal(b"one/two/link", target) is None:
        place = os.path.normpath(os.path.join(b"/root/one/two", target))
        assert place == b"/root" or place.startswith(b"/root/")


@given(st.binary(min_size=1, max_size=30))
def test_an_accepted_path_stays_below_its_folder(name: bytes) -> None:
    if refusal(name) is None:
        place = os.path.normpath(os.path.join(b"/root", name))
        assert place.startswith(b"/root/")
        assert b".git" not in name.lower().split(b"/")


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", ""])
def test_reading_never_leaves_the_snapshot(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "tree").mkdir()
    assert Snapshot("0" * 40, tmp_path / "tree").read_text(name) is None


def test_head_shares_what_base_has_and_nothing_else(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    (repository.path / "keep").mkdir()
    before = {"keep/same": "1", "keep/other": "1", "mode": "#!/bin/sh\n", "gone": "1"}
    base = repository.commit(before)
    (repository.path / "gone").unlink()
    (repository.path / "mode").chmod(0o755)
    head = repository.commit({"keep/other": "2", "new": "1"})
    store = SnapshotStore(tmp_path / "store")
    with Shadow(repository.path) as shadow:
        trees = [shadow.resolve(commit, "tree") or "" for commit in (base, head)]
        old = store.materialise(shadow, trees[0])
        new = store.materialise(shadow, trees[1], like=old)
        alone = SnapshotStore(tmp_path / "alone").materialise(shadow, trees[1])
    assert (old.path / "keep/same").samefile(new.path / "keep/same")
    for name in ("keep/other", "mode"):
        assert not (old.path / name).samefile(new.path / name)
    assert old.read_text("keep/other") == "1"
    assert new.read_text("keep/other") == "2"
    assert sorted(new.entries, key=lambda entry: entry.path) == sorted(
        alone.entries, key=lambda entry: entry.path
    )
    for file in alone.path.rglob("*"):
        twin = new.path / file.relative_to(alone.path)
        assert twin.lstat().st_mode == file.lstat().st_mode
        assert not file.is_file() or twin.read_bytes() == file.read_bytes()
    assert len(list(new.path.rglob("*"))) == len(list(alone.path.rglob("*")))


def test_missing_content_does_not_shift_the_others(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    commit = repository.commit({f"f{number:03}": f"content {number}" for number in range(300)})
    for number in (0, 150, 299):
        blob = repository.git("rev-parse", f"HEAD:f{number:03}")
        place = repository.path / ".git" / "objects" / blob[:2] / blob[2:]
        place.chmod(0o644)
        place.unlink()
    snapshot = materialise(repository, commit, tmp_path / "store")
    missing = {entry.path for entry in snapshot.entries if entry.kind == "unreadable"}
    assert missing == {"f000", "f150", "f299"}
    assert snapshot.read_text("f001") == "content 1"
    assert snapshot.read_text("f298") == "content 298"
