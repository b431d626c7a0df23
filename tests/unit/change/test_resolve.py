from pathlib import Path

import pytest

from harness.change.git import Shadow
from harness.change.resolve import resolve_change, unified_diff
from harness.errors import UsageError
from tests.support.repositories import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def test_files_of_a_change(repository: Repository) -> None:
    base = repository.commit(
        {"keep": "1\n", "edit": "1\n2\n", "drop": "1\n", "old/name": "a\nb\nc\nd\n", "bin": b"\0"}
    )
    (repository.path / "drop").unlink()
    (repository.path / "old/name").rename(repository.path / "new name")
    head = repository.commit({"edit": "1\n3\n4\n", "fresh": "x\n", "bin": b"\0\1"})
    with Shadow(repository.path) as shadow:
        change = resolve_change(shadow, base, head)
        diffs = unified_diff(shadow, change)
    found = {
        file.path: (file.status, file.added, file.removed, file.old_path, file.binary)
        for file in change.files
    }
    assert found == {
        "edit": ("modified", 2, 1, None, False),
        "drop": ("deleted", 0, 1, None, False),
        "fresh": ("added", 1, 0, None, False),
        "new name": ("renamed", 0, 0, "old/name", False),
        "bin": ("modified", 0, 0, None, True),
    }
    assert change.base == base
    assert change.head == head
    assert "+3\n" in diffs["edit"]


def test_the_merge_base_with_the_default_branch(repository: Repository) -> None:
    fork = repository.commit({"a": "1"})
    repository.git("checkout", "--quiet", "-b", "topic")
    head = repository.commit({"b": "1"})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"c": "1"})
    repository.git("checkout", "--quiet", "topic")
    with Shadow(repository.path) as shadow:
        change = resolve_change(shadow, None, None)
    assert (change.base, change.head) == (fork, head)
    assert [file.path for file in change.files] == ["b"]
    assert [commit.message for commit in change.commits] == ["Change"]


def test_a_worktree_change_has_untracked_files_but_no_ignored_ones(repository: Repository) -> None:
    head = repository.commit({"a": "1\n", ".gitignore": "*.log\n"})
    repository.write({"a": "2\n", "b": "new\n", "c.log": "noise\n"})
    with Shadow(repository.path) as shadow:
        change = resolve_change(shadow, "HEAD", None, worktree=True)
    assert change.worktree
    assert change.head == head
    assert {file.path: file.status for file in change.files} == {"a": "modified", "b": "added"}


def mistakes(repository: Repository) -> None:
    repository.commit({"a": "1"})


@pytest.mark.parametrize(
    ("base", "head", "words"),
    [
        ("nowhere", None, "There is no commit 'nowhere'"),
        ("HEAD", "HEAD", "The change is empty"),
        (None, None, "head is already part of main"),
        ("main", "gone", "There is no commit 'gone'"),
    ],
)
def test_mistakes_are_sentences(
    repository: Repository, base: str | None, head: str | None, words: str
) -> None:
    repository.commit({"a": "1"})
    with Shadow(repository.path) as shadow, pytest.raises(UsageError, match=words):
        resolve_change(shadow, base, head)


def test_no_commits(repository: Repository) -> None:
    with Shadow(repository.path) as shadow, pytest.raises(UsageError, match="has no commits yet"):
        resolve_change(shadow, None, None)


def test_a_shallow_clone_says_what_to_fetch(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a": "1"})
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit({"b": "1"})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"c": "1"})
    shallow = Repository(tmp_path / "shallow")
    source = f"file://{repository.path}"
    shallow.git("fetch", "--quiet", "--depth=1", source, "main:refs/remotes/origin/main", "topic:topic")
    shallow.git("checkout", "--quiet", "topic")
    with Shadow(shallow.path) as shadow, pytest.raises(UsageError, match="fetch-depth: 0"):
        resolve_change(shadow, None, None)


def test_unrelated_histories_ask_for_a_base(repository: Repository) -> None:
    repository.commit({"a": "1"})
    repository.git("checkout", "--quiet", "--orphan", "island")
    repository.commit({"b": "1"})
    with Shadow(repository.path) as shadow, pytest.raises(UsageError, match="no merge base: pass --base"):
        resolve_change(shadow, None, None)


def test_a_partial_clone_says_what_to_fetch(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a.txt": "one\n"})
    repository.commit({"a.txt": "two\n"})
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git(
        "clone", "--quiet", "--filter=blob:none", f"file://{repository.path}", str(tmp_path / "part")
    )
    with Shadow(tmp_path / "part") as shadow, pytest.raises(UsageError, match="--refetch --no-filter"):
        resolve_change(shadow, "HEAD~1", "HEAD")
