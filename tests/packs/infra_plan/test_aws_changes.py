"""The AWS provider where this machine has one, and the files alone everywhere."""

from pathlib import Path

import pytest

from checks.infra_plan.tools import find_binary, find_mirrors
from tests.packs.infra_plan.aws_changes import CLEAN, HARM, HEADER
from tests.packs.two_trees import verdicts, verify

HERE = [
    m
    for m in [*find_mirrors({}), Path("/opt/tf-plugins")]
    if (m / "registry.terraform.io/hashicorp/aws").is_dir()
]
with_provider = [
    pytest.mark.terraform,
    pytest.mark.skipif(not HERE or find_binary({}) is None, reason="no AWS provider in a mirror here"),
]


def found(outcome):
    return sorted({(one.rule.removeprefix("infra-"), one.location.symbol) for one in outcome.findings})


def run(place, base, head, settings):
    return verify(
        "infra_plan", place, {"infra/main.tf": HEADER + base}, {"infra/main.tf": HEADER + head}, settings
    )


@pytest.mark.parametrize("case", HARM)
def test_harm_is_found_in_the_files_alone(tmp_path, monkeypatch, case):
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    base, head, expected = HARM[case]
    outcome, _ = run(tmp_path, base, head or "# gone\n", {})
    assert found(outcome) == [expected]


@pytest.mark.parametrize("case", CLEAN)
def test_a_clean_change_is_silent_by_the_files_alone(tmp_path, monkeypatch, case):
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    outcome, _ = run(tmp_path, *CLEAN[case], {})
    assert found(outcome) == []


def whole(cases):
    return "".join(case[0] for case in cases.values()), "".join(case[1] for case in cases.values())


class TestWithTheProvider:
    pytestmark = with_provider

    def test_all_harm_at_once(self, tmp_path):
        outcome, context = run(tmp_path, *whole(HARM), {"mirror": str(HERE[0])})
        assert any("plan-on-plan replay" in note for note in outcome.notes), outcome.unverified
        assert found(outcome) == sorted(expected for _, _, expected in HARM.values())
        lost = [one for one in outcome.findings if one.rule in ("infra-replace", "infra-destroy")]
        assert {(one.certainty, one.severity) for one in lost} <= {
            ("certain", "critical"),
            ("certain", "high"),
        }
        encrypted = next(one for one in lost if one.location.symbol == "aws_db_instance.orders")
        assert "With storage_encrypted left as it is, the plan leaves it in place" in encrypted.message
        proven = next(one for one in lost if one.location.symbol == "aws_dynamodb_table.carts")
        assert verdicts(context, proven) == {"base": True, "head": False}

    def test_all_clean_changes_at_once(self, tmp_path):
        outcome, _ = run(tmp_path, *whole(CLEAN), {"mirror": str(HERE[0])})
        assert any("plan-on-plan replay" in note for note in outcome.notes), outcome.unverified
        assert found(outcome) == []
