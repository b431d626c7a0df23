"""What the shell scripts of ci/ do with the outcomes of a verification."""

import subprocess
from pathlib import Path

import pytest

CI = Path(__file__).resolve().parents[3] / "ci"
COMMIT = "1" * 40


@pytest.fixture
def run(tmp_path):
    """Runs a script with a harness that ends with a given status and notes its arguments."""

    def act(script, status=0, outcome="pass", given="", **environment):
        program = tmp_path / "harness"
        program.write_text(
            f'#!/bin/sh\nif [ "$1" = ci ]; then echo "outcome={outcome}"; exit 0; fi\n'
            f'printf "%s\\n" "$*" >> {tmp_path}/calls\nexit {status}\n'
        )
        program.chmod(0o755)
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
        return subprocess.run(
            ["bash", CI / script], input=given, text=True, capture_output=True, check=False, cwd=tmp_path,
            env={**path, **environment},
        )  # fmt: skip

    return act


@pytest.mark.parametrize(
    ("status", "outcome", "fail_on", "expected"),
    [
        (0, "pass", None, 0), (0, "review", None, 0), (1, "block", None, 1), (3, "inconclusive", None, 3),
        (0, "review", "block,review", 1), (1, "block", "inconclusive", 0), (1, "block", "never", 0),
        (3, "inconclusive", "block", 0), (2, "", "never", 2), (130, "", None, 130), (1, "block", "block, review", 1),
    ],
)  # fmt: skip
def test_what_fails_is_chosen(run, status, outcome, fail_on, expected):
    more = {} if fail_on is None else {"HARNESS_FAIL_ON": fail_on}
    assert run("shell/verify.sh", status, outcome, **more).returncode == expected


def test_a_misspelt_outcome_is_a_mistake(run, tmp_path):
    done = run("shell/verify.sh", 1, "block", HARNESS_FAIL_ON="blocks")
    assert done.returncode == 2
    assert "'blocks'" in done.stderr
    assert not (tmp_path / "calls").exists()


def test_values_become_options(run, tmp_path):
    run("shell/verify.sh", HARNESS_BASE="main; x", HARNESS_BUDGET="60", HARNESS_SANDBOX="docker")
    assert (tmp_path / "calls").read_text() == (
        "verify . --out harness-report --base main; x --sandbox docker --budget 60\n"
    )


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)


PUSH = f"refs/heads/a {COMMIT} refs/heads/a {'0' * 40}\n"


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("status", "strict", "expected"), [(0, "0", 0), (1, "0", 1), (3, "0", 0), (3, "1", 1), (2, "0", 0)]
)
def test_a_block_stops_a_push(run, tmp_path, status, strict, expected):
    done = run("hooks/pre-push", status, given=PUSH, HARNESS_STRICT=strict)
    assert done.returncode == expected
    assert (tmp_path / "calls").read_text().startswith(f"verify --head {COMMIT} --budget 120 --out ")


@pytest.mark.usefixtures("repository")
def test_deletions_and_tags_are_pushed_unverified(run, tmp_path):
    gone = f"(delete) {'0' * 40} refs/heads/a {COMMIT}\nrefs/tags/v1 {COMMIT} refs/tags/v1 {'0' * 40}\n"
    assert run("hooks/pre-push", 1, given=gone).returncode == 0
    assert not (tmp_path / "calls").exists()
