import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.change.arrange import empty_tree, folder_tree, paths_where, project_tree, tree_without
from harness.change.git import Shadow
from harness.globs import matches
from tests.support.repositories import Repository

TREE = "HEAD^{tree}"
FILES = {
    "libs/money/money.py": "m",
    "libs/money.txt": "beside",
    "services/billing/app.py": "b",
    "services/billing/.needs/old": "replaced",
    "services/web/app.py": "w",
    "README.md": "r",
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    found = Repository(tmp_path_factory.mktemp("arrange") / "repo")
    found.commit(FILES)
    return found


def listed(shadow: Shadow, tree: str) -> list[str]:
    names = shadow.run("ls-tree", "-r", "-z", "--name-only", tree).decode().split("\0")
    return sorted(name for name in names if name)


def test_a_project_is_the_tree_of_its_folder(repository: Repository) -> None:
    with Shadow(repository.path) as shadow:
        own = folder_tree(shadow, TREE, "services/web")
        assert own
        assert listed(shadow, own) == ["app.py"]
        assert project_tree(shadow, TREE, "services/web", {}) == own
        for absent in ("services/none", "README.md", "libs/mone", "services/web/app.py"):
            assert folder_tree(shadow, TREE, absent) is None


def test_what_a_project_needs_lies_in_its_tree(repository: Repository) -> None:
    needs = {"money": "libs/money", "gone": "libs/gone"}
    with Shadow(repository.path) as shadow:
        made = project_tree(shadow, TREE, "services/billing", needs)
        assert made
        assert listed(shadow, made) == [".needs/money/money.py", "app.py"]
        assert project_tree(shadow, TREE, "services/billing", needs) == made
        assert project_tree(shadow, TREE, "nowhere", needs) is None
        assert listed(shadow, empty_tree(shadow)) == []


@given(gone=st.sets(st.sampled_from(["libs", "services/billing", "services/web", "README.md", "not/there"])))
def test_what_stays_is_what_was_not_taken_out(repository: Repository, gone: set[str]) -> None:
    with Shadow(repository.path) as shadow:
        rest = listed(shadow, tree_without(shadow, TREE, sorted(gone)))
    assert rest == sorted(
        name for name in FILES if not any(name == one or name.startswith(f"{one}/") for one in gone)
    )


@given(
    globs=st.lists(
        st.sampled_from(["*.md", "**/*.py", "libs/**", "services/*/app.py", "**/.needs/**", "**", "x"])
    )
)
def test_what_globs_match_is_taken_out(repository: Repository, globs: list[str]) -> None:
    with Shadow(repository.path) as shadow:
        paths = paths_where(shadow, TREE, lambda path: matches(globs, path))
        rest = listed(shadow, tree_without(shadow, TREE, paths))
    assert rest == sorted(name for name in FILES if not matches(globs, name))


def test_a_folder_that_is_left_empty_is_one_path(repository: Repository) -> None:
    with Shadow(repository.path) as shadow:
        assert paths_where(
            shadow, TREE, lambda path: path.startswith("services/") or path.endswith(".txt")
        ) == ["libs/money.txt", "services"]


def test_names_that_are_no_text_are_taken_out(tmp_path: Path) -> None:
    made = Repository(tmp_path / "repo")
    made.commit({os.fsdecode(b"docs\xff/a.md"): "1", "docs/b.md": "2", "a.py": "3"})
    with Shadow(made.path) as shadow:
        paths = paths_where(shadow, TREE, lambda path: path.endswith(".md"))
        assert listed(shadow, tree_without(shadow, TREE, paths)) == ["a.py"]
