"""``harness attest`` from keys to gate."""

import datetime
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.report import json_report
from tests.unit.report.samples import ordinary, report


@pytest.fixture
def place(tmp_path: Path) -> Path:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    for name, made in (("good", report(started=now)), ("bad", ordinary())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_bytes(json_report.render(made))
    assert main(["attest", "keygen", "--out", str(tmp_path / "k")]) == 0
    for name in ("good", "bad"):
        assert main(["attest", "sign", str(tmp_path / name), "--key", str(tmp_path / "k.key")]) == 0
    return tmp_path


def gate(place: Path, name: str, *more: str) -> int:
    envelope = place / name / "attestation.intoto.jsonl"
    return main(["attest", "verify", str(envelope), "--key", str(place / "k.pub"), *more])


def test_a_passed_commit_goes_through_the_gate(place: Path) -> None:
    more = ("--report", str(place / "good"), "--require", "outcome=pass", "--max-age", "7d")
    assert gate(place, "good", *more) == 0


def test_a_blocked_and_an_old_one_do_not(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate(place, "bad") == 0
    assert gate(place, "bad", "--require", "outcome=pass") == 1
    assert gate(place, "bad", "--max-age", "7d") == 1
    said = capsys.readouterr().err
    assert "The outcome is block" in said
    assert "too old" in said


def test_another_report_does_not(place: Path) -> None:
    assert gate(place, "good", "--report", str(place / "bad")) == 1


def test_wrong_usage_has_a_status_of_its_own(place: Path) -> None:
    assert gate(place, "good", "--max-age", "soon") == 2
    assert gate(place, "good", "--require", "colour=red") == 2
    assert main(["attest", "verify", str(place / "absent"), "--key", str(place / "k.pub")]) == 2
