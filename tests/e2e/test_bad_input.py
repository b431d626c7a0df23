"""Wrong usage is one sentence with what to do, exit status 2, and nothing half-written."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Harness
from tests.support.repositories import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    found = Repository(tmp_path / "repo")
    found.commit({"a.py": "def f():\n    return 1\n"})
    found.commit({"a.py": "def f():\n    return 2\n"})
    return found


def refused(harness: Harness, out: Path, *arguments: str | Path) -> str:
    """The one sentence of a refused ``verify``."""
    existed = out.exists()
    done = harness("verify", *arguments, "--out", out)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert out.exists() == existed
    return done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base", "nowhere"], "There is no commit 'nowhere'"),
        (["--base", "HEAD", "--head", "HEAD"], "The change is empty"),
        ([], "head is already part of main. Pass --base REV, such as HEAD~1"),
        (
            ["--base", "HEAD~1", "--only", "statik_scan"],
            "There is no check 'statik_scan'; did you mean 'static_scan'?",
        ),
        (["--base", "HEAD~1", "--sandbox", "chroot"], "There is no sandbox driver 'chroot'"),
        (["--base", "HEAD~1", "--policy", "none.toml"], "none.toml cannot be read"),
        (["--base", "HEAD~1", "--jobs", "0"], "--jobs"),
        (["--base", "HEAD~1", "--python", "/nonexistent/python"], "/nonexistent/python"),
        (["--worktree", "--head", "HEAD"], "cannot be combined"),
    ],
)
def test_wrong_arguments(
    harness: Harness, repository: Repository, tmp_path: Path, arguments: list[str], words: str
) -> None:
    assert words in refused(harness, tmp_path / "out", repository.path, *arguments)


def test_no_repository(harness: Harness, tmp_path: Path) -> None:
    assert "is not a git repository" in refused(harness, tmp_path / "out", tmp_path)
    assert "does not exist" in refused(harness, tmp_path / "out", tmp_path / "nowhere")


def test_a_repository_without_commits(harness: Harness, tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")
    assert "has no commits yet" in refused(harness, tmp_path / "out", empty.path)


def test_a_mistake_in_the_policy_of_base(harness: Harness, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    repository.commit({"a": "1", "harness.toml": "[sandbox]\ndrivr = 'docker'\n"})
    repository.commit({"a": "2"})
    words = refused(harness, tmp_path / "out", repository.path, "--base", "HEAD~1")
    assert "there is no key 'sandbox.drivr'; did you mean 'driver'?" in words


def test_a_folder_that_is_no_report_is_kept(harness: Harness, repository: Repository, tmp_path: Path) -> None:
    out = tmp_path / "precious"
    out.mkdir()
    (out / "thesis.txt").write_text("years")
    refused(harness, out, repository.path, "--base", "HEAD~1")
    assert (out / "thesis.txt").read_text() == "years"


def test_an_out_folder_below_a_file_is_refused(
    harness: Harness, repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    refused(harness, tmp_path / "file" / "out", repository.path, "--base", "HEAD~1")


def test_an_unknown_command_names_the_nearest(harness: Harness) -> None:
    done = harness("verfy")
    assert done.returncode == 2
    assert "did you mean 'verify'?" in done.stderr


@pytest.mark.parametrize("text", [None, "nonsense", "[]", '{"schema_version": "99"}'])
def test_reproducing_from_what_is_no_report(harness: Harness, tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    done = harness("reproduce", tmp_path, "F1")
    assert done.returncode == 2
    assert done.stderr.startswith("harness: ")
    assert "Traceback" not in done.stderr
