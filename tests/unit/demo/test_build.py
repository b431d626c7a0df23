"""The demonstration: believable, the same everywhere, wrong in exactly the four ways it says."""

import os
import shutil
import subprocess
import sys

import pytest

from harness.demo.build import build_demo, tree_files
from harness.errors import UsageError


def git(folder, *arguments):
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def unpack(folder, code, tests):
    """The service with the code of one side and the tests of the other."""
    both = {"base": tree_files("base"), "head": tree_files("base") | tree_files("head")}
    files = {name: content for name, content in both[code].items() if not name.startswith("tests/")}
    files |= {name: content for name, content in both[tests].items() if name.startswith("tests/")}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def run_tests(folder):
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED")]


def evaluate(folder, expression):
    done = subprocess.run(
        [sys.executable, "-B", "-c", f"from moorings import fees, logbook, refunds; print({expression})"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def test_ids_are_the_same_everywhere(tmp_path, monkeypatch):
    first = build_demo(tmp_path / "a")
    hostile = tmp_path / "config"
    hostile.write_text("[user]\nname = Somebody\n[core]\nautocrlf = true\n[commit]\ngpgsign = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(hostile))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert build_demo(tmp_path / "b") == first
    assert not (tmp_path / "elsewhere").exists()


def test_two_commits_on_main_and_a_clean_worktree(tmp_path):
    base, head = build_demo(tmp_path / "demo")
    assert git(tmp_path / "demo", "rev-list", "--reverse", "main").split() == [base, head]
    assert git(tmp_path / "demo", "status", "--porcelain") == ""
    assert "Co-Authored-By: Claude" in git(tmp_path / "demo", "log", "-1", "--format=%B")


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match="is not empty"):
        build_demo(tmp_path)


def test_missing_git_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="install git"):
        build_demo(tmp_path / "demo")


@pytest.mark.parametrize(
    ("code", "tests", "failed"),
    [
        ("base", "base", []),
        ("head", "head", []),
        ("base", "head", []),
        ("head", "base", ["tests/test_refunds.py::test_two_days_before_is_still_early"]),
    ],
)
def test_only_the_loosened_test_notices(tmp_path, code, tests, failed):
    assert run_tests(unpack(tmp_path, code, tests)) == failed


@pytest.mark.parametrize(
    ("expression", "base", "head"),
    [
        ("fees.billable_metres(930)", "10", "9"),
        ("fees.billable_metres(870)", "9", "9"),
        ("refunds.refund(20_000, 48)", "20000", "10000"),
        ("refunds.refund(20_000, 49)", "20000", "20000"),
    ],
)
def test_what_the_change_does(tmp_path, expression, base, head):
    assert evaluate(unpack(tmp_path / "base", "base", "base"), expression) == base
    assert evaluate(unpack(tmp_path / "head", "head", "head"), expression) == head


def test_the_boat_reaches_a_shell_on_head_only(tmp_path):
    for side in ("base", "head"):
        folder = unpack(tmp_path / side, side, side)
        (folder / "radio.log").write_text("Gannet\n")
        evaluate(folder, "logbook.last_call('$(touch pwned)', 'radio.log')")
        assert (folder / "pwned").exists() == (side == "head")


@pytest.mark.terraform
def test_the_database_is_replaced_and_nothing_guards_it(tmp_path):
    terraform = shutil.which("terraform") or shutil.which("tofu")
    if terraform is None:
        pytest.skip("neither terraform nor tofu is on the PATH")
    infra = unpack(tmp_path, "base", "base") / "infra"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"}

    def run(*arguments):
        command = [terraform, *arguments, "-input=false", "-no-color"]
        return subprocess.run(
            command, cwd=infra, env=environment, capture_output=True, text=True, check=False
        )

    assert run("init").returncode == 0
    assert run("apply", "-auto-approve").returncode == 0
    unpack(tmp_path, "head", "head")
    planned = run("plan")
    assert planned.returncode == 0
    assert "terraform_data.bookings must be replaced" in planned.stdout
