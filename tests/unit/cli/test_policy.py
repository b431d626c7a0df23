"""``harness policy`` on stored reports."""

from pathlib import Path

import pytest

from harness.cli.main import main
from harness.report import json_report
from tests.unit.report.samples import ordinary, report


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "report.json").write_bytes(json_report.render(ordinary()))
    return tmp_path / "r"


def test_explain_names_rule_findings_and_what_to_change(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "explain", str(stored)]) == 0
    said = capsys.readouterr().out
    assert "Outcome: block (risk 74 of 100, high)" in said
    assert "decided: block by rule 'confirmed-harm'" in said
    assert "F2 critical exploit, confirmed" in said
    assert "  - Mend: F1, F2, F3, F4." in said


def test_explain_shows_hostile_text_without_its_power(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.unit.report.samples import hostile

    (tmp_path / "report.json").write_bytes(json_report.render(hostile("\x1b[31m::set-output x\n::error")))
    assert main(["policy", "explain", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert not [line for line in said.splitlines() if line.startswith("::")]


def test_a_policy_is_tried_on_reports(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "report.json").write_bytes(json_report.render(report()))
    policy = tmp_path / "lax.toml"
    policy.write_text('[policy]\ndefaults = false\n[[policy.block]]\nname = "none"\ncheck = ["absent"]')
    assert main(["policy", "test", "--policy", str(policy), str(stored), str(tmp_path / "q")]) == 0
    said = capsys.readouterr().out
    assert "9c0d77e1b2 block → pass" in said
    assert (
        "On your last 2 changes this policy would have blocked 0 (1 blocked then); 1 outcome would differ."
        in said
    )
    assert "The rule 'none'" in said


def test_the_organisation_stands_above_a_tried_policy(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation, policy = tmp_path / "org.toml", tmp_path / "mine.toml"
    organisation.write_text("")
    policy.write_text('[policy]\ndefaults = false\n[[policy.block]]\nname = "x"\ncheck = ["absent"]')
    monkeypatch.setenv("HARNESS_ORG_POLICY", str(organisation))
    assert main(["policy", "test", "--policy", str(policy), str(stored)]) == 2
    said = capsys.readouterr().err
    assert str(policy) in said
    assert str(organisation) in said


def test_a_missing_organisation_policy_is_an_error_and_never_ignored(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_ORG_POLICY", str(tmp_path / "absent.toml"))
    (tmp_path / "p.toml").write_text("")
    assert main(["policy", "test", "--policy", str(tmp_path / "p.toml"), str(stored)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_review_is_settled_by_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from harness.model.report import Decision

    made = report(outcome="review", decisions=(Decision("risk", "review", "the measured risk is not low"),))
    (tmp_path / "report.json").write_bytes(json_report.render(made))
    assert main(["policy", "explain", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "What settles the review, all of this:\n  - Have a person look" in said
