from typing import Any

import msgspec
import pytest

from harness.config.load import parse_config
from harness.config.schema import PolicyConfig
from harness.errors import ConfigError
from harness.model.finding import Location, Proof
from harness.model.report import Risk, Verdict
from harness.risk.people import People
from harness.risk.policy import decide
from harness.risk.score import assess_risk
from tests.support.values import check, finding, summary


def verdict(
    *findings: Any, policy: PolicyConfig | None = None, assisted: bool = False, checks: Any = ()
) -> Verdict:
    policy = policy or PolicyConfig()
    change = summary(assisted)
    risk = assess_risk(change, findings, checks, [], policy)
    return decide(change, findings, checks, risk, policy)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({}, "block"),
        ({"declared": True}, "review"),
        ({"proof": Proof("unconfirmed")}, "review"),
        ({"severity": "info", "proof": Proof()}, "pass"),
        ({"severity": "low", "proof": Proof(), "category": "static"}, "pass"),
        ({"severity": "medium", "proof": Proof(), "category": "static"}, "review"),
        ({"category": "exploit"}, "block"),
        ({"category": "exploit", "proof": Proof("unconfirmed")}, "review"),
        ({"category": "test-failure"}, "block"),
        ({"category": "test-failure", "declared": True}, "review"),
        ({"category": "test-tampering", "proof": Proof()}, "block"),
        ({"category": "infra", "severity": "critical", "certainty": "certain"}, "block"),
        ({"category": "infra", "severity": "critical", "certainty": "conditional"}, "review"),
        ({"category": "infra", "severity": "low", "proof": Proof()}, "review"),
        ({"category": "data-loss"}, "block"),
        ({"category": "dependency", "severity": "critical", "proof": Proof()}, "block"),
        ({"category": "pipeline", "proof": Proof()}, "block"),
        ({"category": "secret", "proof": Proof()}, "block"),
        ({"category": "untested", "severity": "low", "proof": Proof()}, "pass"),
    ],
)
def test_default_policy(values: dict[str, Any], outcome: str) -> None:
    assert verdict(finding(**values)).outcome == outcome


def test_nothing_found_passes() -> None:
    assert verdict(checks=[check()]) == Verdict("pass")


@pytest.mark.parametrize(
    ("status", "required", "outcome"),
    [
        ("failed", False, "inconclusive"),
        ("failed", True, "inconclusive"),
        ("timed_out", True, "inconclusive"),
        ("timed_out", False, "review"),
        ("skipped", True, "pass"),
        ("passed", True, "pass"),
    ],
)
def test_a_check_that_did_not_complete_is_never_a_pass(status: str, required: bool, outcome: str) -> None:
    assert verdict(checks=[check(status=status, required=required, reason="x")]).outcome == outcome


def test_a_block_stands_even_when_another_check_failed() -> None:
    assert verdict(finding(), checks=[check(status="failed")]).outcome == "block"


def test_an_assisted_change_needs_seniors_by_its_risk() -> None:
    medium = verdict(finding(severity="high", proof=Proof(), category="static"), assisted=True)
    assert [(one.role, one.count) for one in medium.sign_offs] == [("senior", 1)]
    high = verdict(finding(severity="critical"), assisted=True)
    assert [(one.role, one.count) for one in high.sign_offs] == [("senior", 2)]
    assert verdict(finding(severity="critical")).sign_offs == ()


def test_own_rules_stand_besides_the_defaults() -> None:
    policy = parse_config(
        """
        [[policy.block]]
        name = "money"
        paths = ["pay/**"]
        severity = "low"
        [[policy.sign_off]]
        name = "owners"
        role = "owner"
        category = ["static"]
        """,
        "test",
    ).policy
    low = finding(severity="low", category="static", proof=Proof(), location=Location("pay/cents.py"))
    got = verdict(low, policy=policy)
    assert got.outcome == "block"
    assert [decision.rule for decision in got.decisions if decision.action == "block"] == ["money"]
    assert [one.role for one in got.sign_offs] == ["owner"]
    elsewhere = finding(severity="low", category="static", proof=Proof())
    assert verdict(elsewhere, policy=policy).outcome == "review"


def test_without_defaults_only_own_rules_decide() -> None:
    policy = parse_config(
        '[policy]\ndefaults = false\n[[policy.block]]\nname = "x"\ncategory = ["secret"]', "t"
    ).policy
    assert verdict(finding(), policy=policy).outcome == "pass"
    assert verdict(finding(category="secret"), policy=policy).outcome == "block"


def test_a_rule_about_the_risk_alone_needs_no_finding() -> None:
    policy = parse_config('[[policy.review]]\nname = "ai"\nai_assisted = true', "t").policy
    change = summary(assisted=True)
    assert decide(change, [], [], Risk(), policy).outcome == "review"
    assert decide(summary(), [], [], Risk(), policy).outcome == "pass"


def test_a_rule_about_the_assistant() -> None:
    policy = parse_config(
        '[[policy.sign_off]]\nname = "tool"\nai_tools = ["Claude"]\nrole = "owner"\n', "t"
    ).policy
    assert [one.role for one in verdict(policy=policy, assisted=True).sign_offs] == ["owner"]
    assert verdict(policy=policy).outcome == "pass"


def test_a_rule_about_who_wrote_the_change() -> None:
    config = parse_config(
        '[[policy.block]]\nname = "agency"\nauthor_roles = ["agency"]\ncategory = ["static"]\n'
        '[roles]\nagency = ["@eve"]\n',
        "t",
    )
    found = [finding(category="static", severity="low", proof=Proof())]
    risk = assess_risk(summary(), found, [], [], config.policy)
    outcomes = []
    for author in ("12+Eve@users.noreply.github.com", "ann@example.org"):
        change = msgspec.structs.replace(summary(), authors=(author,))
        people = People(config.roles).of
        outcomes.append(decide(change, found, [], risk, config.policy, people).outcome)
    assert outcomes == ["block", "pass"]


def test_a_rule_about_a_role_that_nobody_has_is_an_error() -> None:
    text = '[[policy.block]]\nname = "x"\nauthor_roles = ["agenci"]\n[roles]\nagency = ["@eve"]\n'
    with pytest.raises(ConfigError, match=r"rule 'x' names the role 'agenci'.*did you mean 'agency'\?"):
        parse_config(text, "harness.toml")
