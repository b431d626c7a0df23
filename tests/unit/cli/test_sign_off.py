"""``harness sign-off verify`` as a required status would use it."""

import base64
import json
from pathlib import Path

import msgspec
import pytest

from harness.attest import keys
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


@pytest.fixture
def pairs(tmp_path: Path) -> dict[str, tuple[Path, Path]]:
    return {name: keys.write_pair(tmp_path / name) for name in ("ann", "mallory")}


def signed(stored: Path, pairs: dict[str, tuple[Path, Path]], by: str) -> Path:
    file = stored / f"{by}.json"
    assert main(["sign-off", "sign", str(stored), "--key", str(pairs[by][0]), "--out", str(file)]) == 0
    return file


def trusting(stored: Path, file: Path, *owners: str) -> int:
    given = [word for owner in owners for word in ("--key", owner)]
    return main(["sign-off", "verify", str(stored), "--signed", str(file), *given])


def test_a_signed_approval_counts_for_the_owner_of_the_key(
    stored: Path, pairs: dict[str, tuple[Path, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    mallory, ann = (f"@{name}={pairs[name][1]}" for name in ("mallory", "ann"))
    assert trusting(stored, signed(stored, pairs, "ann"), mallory, ann) == 0
    assert "given: senior by @ann" in capsys.readouterr().out
    assert trusting(stored, signed(stored, pairs, "mallory"), mallory, ann) == 1
    assert "missing: 1 approval for senior" in capsys.readouterr().out


def test_a_signed_approval_of_a_stranger_or_altered_is_refused(
    stored: Path, pairs: dict[str, tuple[Path, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    ann = f"@ann={pairs['ann'][1]}"
    assert trusting(stored, signed(stored, pairs, "mallory"), ann) == 1
    assert "signed by another key" in capsys.readouterr().err
    file = signed(stored, pairs, "ann")
    table = json.loads(file.read_text())
    table["payload"] = base64.b64encode(
        b'{"commit":"%s","policy_digest":"","outcome":"pass"}' % (b"0" * 40)
    ).decode()
    file.write_text(json.dumps(table))
    assert trusting(stored, file, ann) == 1
    assert "altered after it was signed" in capsys.readouterr().err
    file.write_bytes(b"[" * 9000)
    assert trusting(stored, file, ann) == 1
    assert trusting(stored, file) == 2


def test_a_signed_approval_of_an_older_commit_is_void(
    stored: Path, pairs: dict[str, tuple[Path, Path]]
) -> None:
    file = signed(stored, pairs, "ann")
    newer = report(outcome="review", sign_offs=(SignOff("senior", 1, "high risk", ("@ann",)),))
    change = msgspec.structs.replace(newer.change, head=BASE)
    (stored / "report.json").write_bytes(json_report.render(msgspec.structs.replace(newer, change=change)))
    assert trusting(stored, file, f"@ann={pairs['ann'][1]}") == 1
