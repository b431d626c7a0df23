from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.config.load import parse_config
from harness.config.schema import Config, PolicyConfig
from harness.model.finding import SEVERITIES, Proof
from harness.model.report import Report, SandboxInfo
from harness.risk.explain import RANK, explain, never_spoke, rerun
from harness.risk.policy import decide
from harness.risk.score import assess_risk
from tests.support.values import check, finding, summary


def report(
    *findings: Any, checks: Any = (), assisted: bool = False, policy: PolicyConfig | None = None
) -> Report:
    change = summary(assisted)
    policy = policy or PolicyConfig()
    risk = assess_risk(change, findings, checks, [], policy)
    verdict = decide(change, findings, checks, risk, policy)
    return Report(
        change=change, outcome=verdict.outcome, risk=risk, sign_offs=verdict.sign_offs, decisions=verdict.decisions,
        checks=tuple(checks), findings=findings, sandbox=SandboxInfo("scripted"),
    )  # fmt: skip


def test_the_blocking_rule_decides_and_names_its_findings() -> None:
    why = explain(
        report(finding(id="F1"), finding(id="F2", category="static", proof=Proof(), severity="medium"))
    )
    assert [one.rule for one in why.deciding] == ["undeclared-regression"]
    assert why.deciding[0].findings == ("F1",)
    assert "any-finding" in [one.rule for one in why.silent]


def test_a_regression_may_be_declared_and_an_exploit_only_mended() -> None:
    [declared] = explain(report(finding())).steps
    assert "commit a test that states the new behaviour" in declared.what
    [mended] = explain(report(finding(category="exploit"))).steps
    assert mended.what == "Mend: F1."


def test_what_remains_decides_the_outcome_afterwards() -> None:
    other = finding(id="F2", category="static", proof=Proof(), severity="medium")
    assert explain(report(finding(id="F1"), other)).afterwards == "review"


def test_a_failed_check_is_to_be_made_to_complete() -> None:
    why = explain(report(checks=[check(status="failed", reason="no interpreter")]))
    assert why.outcome == "inconclusive"
    assert "no interpreter" in why.steps[0].what


def test_a_passing_report_needs_no_step() -> None:
    why = explain(report(checks=[check()]))
    assert (why.steps, why.deciding, why.afterwards) == ((), (), "pass")


def test_an_asked_sign_off_is_a_step() -> None:
    policy = parse_config('[[policy.sign_off]]\nname = "own"\nrole = "owner"\nai_assisted = true', "t").policy
    steps = explain(report(assisted=True, policy=policy)).steps
    assert [one.what for one in steps] == [
        "Get the approval of 1 × owner on this head commit; `harness sign-off verify` checks it."
    ]


@given(st.lists(st.tuples(st.sampled_from(SEVERITIES), st.booleans()), max_size=5), st.booleans())
def test_the_outcome_afterwards_is_never_worse(kinds: list[tuple[Any, bool]], assisted: bool) -> None:
    findings = [finding(id=f"F{n}", severity=s, declared=d) for n, (s, d) in enumerate(kinds)]
    why = explain(report(*findings, assisted=assisted))
    assert RANK[why.afterwards] <= RANK[why.outcome]
    assert bool(why.deciding) == (why.outcome != "pass")


def test_a_report_comes_out_anew_under_another_policy() -> None:
    stored = report(finding(category="static", severity="medium", proof=Proof()))
    config = parse_config('[[policy.block]]\nname = "own"\ncategory = ["static"]', "t")
    trial = rerun(stored, config)
    assert (trial.then, trial.now) == ("review", "block")
    assert [one.rule for one in trial.deciding] == ["own"]


def test_the_same_policy_gives_the_same_outcome() -> None:
    for stored in (report(), report(finding()), report(finding(declared=True), assisted=True)):
        assert rerun(stored, Config()).now == stored.outcome


def test_required_checks_are_those_of_the_new_policy() -> None:
    stored = report(checks=[check(status="timed_out", reason="slow")])
    assert stored.outcome == "review"
    assert rerun(stored, parse_config('[run]\nalso_required = ["property_tests"]', "t")).now == "inconclusive"
    required = report(checks=[check(status="timed_out", reason="slow", required=True)])
    assert rerun(required, parse_config("[run]\nrequired = []", "t")).now == "review"


def test_a_rule_that_never_spoke_is_named() -> None:
    text = (
        '[[policy.block]]\nname = "a"\ncategory = ["regression"]\n[[policy.block]]\nname = "b"\ncheck = ["x"]'
    )
    config = parse_config(text, "t")
    assert never_spoke([rerun(report(finding()), config)], config) == ("b",)
