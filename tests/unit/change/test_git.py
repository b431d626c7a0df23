from pathlib import Path

import pytest

from harness.change.git import Shadow
from harness.change.resolve import resolve_change, worktree_tree
from harness.change.snapshots import SnapshotStore
from harness.errors import UsageError
from tests.support.repositories import Repository


def hostile(repository: Repository, canary: Path) -> None:
    """Configure everything by which git runs commands of a checkout."""
    command = f"sh -c 'echo ran >> {canary}'"
    for key in ("core.fsmonitor", "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.clean",
                "filter.evil.smudge", "filter.evil.process", "core.sshCommand", "core.pager", "core.editor",
                "gpg.program", "core.hooksPath", "uploadpack.packObjectsHook", "remote.origin.uploadpack"):  # fmt: skip
        repository.git("config", key, command)
    for hook in ("post-checkout", "post-index-change", "pre-commit", "reference-transaction"):
        file = repository.path / ".git" / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\necho ran >> {canary}\n")
        file.chmod(0o755)


def test_nothing_of_a_hostile_checkout_is_executed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    base = repository.commit({"a.txt": "one\n", ".gitattributes": "* filter=evil diff=evil\n"})
    head = repository.commit({"a.txt": "two\n"})
    canary = tmp_path / "canary"
    hostile(repository, canary)
    repository.write({"a.txt": "three\n", "new.txt": "new\n"})
    with Shadow(repository.path) as shadow:
        change = resolve_change(shadow, base, head)
        store = SnapshotStore(tmp_path / "store")
        assert store.materialise(shadow, change.head_tree).read_text("a.txt") == "two\n"
        tree = worktree_tree(shadow, head)
        assert store.materialise(shadow, tree).read_text("new.txt") == "new\n"
    assert not canary.exists()


def test_the_shadow_is_removed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    repository.commit({"a": "1"})
    with Shadow(repository.path) as shadow:
        place = shadow.path
        assert place.is_dir()
    assert not place.exists()


def test_a_linked_worktree_and_a_folder_below_are_found(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    repository.commit({"deep/a": "1"})
    repository.git("branch", "other")
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "other")
    linked = Repository.__new__(Repository)
    linked.path = tmp_path / "linked"
    commit = linked.commit({"deep/a": "2"})
    with Shadow(tmp_path / "linked" / "deep") as shadow:
        assert shadow.resolve("HEAD") == commit
        assert shadow.worktree == tmp_path / "linked"


def test_packed_refs_tags_and_relative_revisions_resolve(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    first = repository.commit({"a": "1"})
    repository.git("tag", "-a", "v1", "-m", "one")
    second = repository.commit({"a": "2"})
    repository.git("pack-refs", "--all")
    with Shadow(repository.path) as shadow:
        assert shadow.resolve("v1") == first
        assert shadow.resolve("HEAD~1") == first
        assert shadow.resolve("main") == second
        assert shadow.resolve(second[:12]) == second


@pytest.mark.parametrize("revision", ["nowhere", "--output=/tmp/x", "", "a\0b", "HEAD~9"])
def test_what_is_no_revision_resolves_to_none(tmp_path: Path, revision: str) -> None:
    repository = Repository(tmp_path / "repo")
    repository.commit({"a": "1"})
    with Shadow(repository.path) as shadow:
        assert shadow.resolve(revision) is None


def test_no_repository_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a git repository"):
        Shadow(tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        Shadow(tmp_path / "nowhere")
