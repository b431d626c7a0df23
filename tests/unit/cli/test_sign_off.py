"""``harness sign-off verify`` as a required status would use it."""

import json
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.model.report import SignOff
from harness.report import json_report
from tests.unit.report.samples import BASE, HEAD, report


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    made = report(outcome="review", sign_offs=(SignOff("senior", 1, "high risk", ("@ann", "@bo")),))
    (tmp_path / "report.json").write_bytes(json_report.render(made))
    return tmp_path


def verify(stored: Path, rows: object, *more: str, form: str = "--approvals") -> int:
    (stored / "a.json").write_text(json.dumps(rows))
    return main(["sign-off", "verify", str(stored), form, str(stored / "a.json"), *more])


def test_an_approval_of_the_head_commit_is_given(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(stored, [{"who": "@ann", "commit": HEAD, "state": "approved"}]) == 0
    assert "given: senior by @ann" in capsys.readouterr().out


def test_a_push_voids_an_approval(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"state": "APPROVED", "user": {"login": "ann"}, "commit_id": BASE}]
    assert verify(stored, rows, form="--github") == 1
    said = capsys.readouterr().out
    assert "missing: 1 approval for senior; given by nobody, possible by @ann, @bo" in said
    assert "does not count: @ann approved another commit" in said


def test_who_opened_the_request_cannot_sign(stored: Path) -> None:
    rows = [{"who": "@ann", "commit": HEAD}]
    assert verify(stored, rows, "--author", "ann") == 1


def test_gitlab_needs_the_commit(stored: Path) -> None:
    rows = {"approved_by": [{"user": {"username": "bo"}}]}
    assert verify(stored, rows, form="--gitlab") == 2
    assert verify(stored, rows, "--gitlab-head", HEAD, form="--gitlab") == 0
    assert verify(stored, rows, "--gitlab-head", BASE, form="--gitlab") == 1


def test_approvals_must_be_given_and_readable(stored: Path) -> None:
    assert main(["sign-off", "verify", str(stored)]) == 2
    assert main(["sign-off", "verify", str(stored), "--approvals", str(stored / "absent")]) == 2
    assert verify(stored, {"message": "Bad credentials"}, form="--github") == 2
