from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from harness.config.schema import PolicyConfig
from harness.model.finding import Category, Finding, Location, Proof, ProofStatus, Severity
from harness.model.report import RiskWeight, Unverified
from harness.risk.score import assess_risk, level_of
from tests.support.values import check, finding, summary

POLICY = PolicyConfig()
findings = st.lists(
    st.builds(
        lambda category, severity, status, declared, path: finding(
            category=category,
            severity=severity,
            proof=Proof(status),
            declared=declared,
            location=Location(path),
        ),
        st.sampled_from(get_args(Category)),
        st.sampled_from(get_args(Severity)),
        st.sampled_from(get_args(ProofStatus)),
        st.booleans(),
        st.sampled_from(["src/a.py", "pay/b.py"]),
    ),
    max_size=12,
)


weights = st.lists(
    st.builds(
        RiskWeight, st.just("measured"), st.floats(-2, 2, allow_nan=False), st.just("because of a figure")
    ),
    max_size=4,
)


def score(
    found: list[Finding], policy: PolicyConfig = POLICY, measured: list[RiskWeight] | None = None
) -> int:
    return assess_risk(summary(), found, [], [], policy, measured or []).score


@given(findings, findings, weights, st.booleans())
def test_adding_findings_never_lowers_the_score(
    some: list[Finding], more: list[Finding], measured: list[RiskWeight], critical: bool
) -> None:
    policy = PolicyConfig(critical_paths=("src/**",) if critical else ())
    assert 0 <= score(some, policy, measured) <= score(some + more, policy, measured) <= 100


@given(findings)
def test_the_score_is_the_capped_sum_of_its_factors(found: list[Finding]) -> None:
    risk = assess_risk(summary(), found, [check(status="failed")], [Unverified("x", "y")], POLICY)
    assert risk.score == min(100, sum(factor.points for factor in risk.factors))
    assert all(factor.because for factor in risk.factors)


def test_many_small_findings_do_not_outweigh_one_proven_outage() -> None:
    small = [finding(severity="low", proof=Proof(), category="static")] * 200
    outage = [finding(severity="critical", category="infra")]
    assert score(small) < score(outage)


def test_a_declared_difference_weighs_less_than_an_undeclared_one() -> None:
    assert score([finding(declared=True)]) < score([finding()])


def test_impact_multiplies_what_is_likely() -> None:
    found = [finding(severity="medium")]
    reach = RiskWeight("blast radius", 0.4, "9 modules depend on it")
    risk = assess_risk(summary(), found, [], [], POLICY, [reach])
    assert [(one.name, one.points) for one in risk.factors] == [("regression", 15), ("blast radius", 6)]
    assert assess_risk(summary(), [], [], [], POLICY, [reach]).factors == ()


def test_protection_takes_away_a_share_and_never_more_than_its_bound() -> None:
    found = [finding(severity="high")]
    covered = RiskWeight("covered", -0.1, "every changed line is run")
    assert score(found) == 40
    assert score(found, measured=[covered]) == 36
    assert score(found, measured=[covered] * 9) == 28


def test_what_a_revert_does_not_bring_back_weighs_more() -> None:
    risk = assess_risk(summary(), [finding(id="F7", category="data-loss")], [], [], POLICY)
    assert [(one.name, one.points, one.findings) for one in risk.factors] == [
        ("data-loss", 40, ("F7",)), ("lasting harm", 10, ("F7",)),
    ]  # fmt: skip


def test_a_critical_path_counts_even_without_a_finding() -> None:
    assert score([], PolicyConfig(critical_paths=("src/**",))) == 10


def test_levels_follow_the_policy() -> None:
    assert [level_of(points, POLICY) for points in (0, 24, 25, 49, 50, 74, 75, 100)] == [
        "low", "low", "medium", "medium", "high", "high", "critical", "critical",
    ]  # fmt: skip


def test_a_clean_small_change_scores_nothing() -> None:
    risk = assess_risk(summary(), [], [check()], [], POLICY)
    assert (risk.score, risk.level, risk.factors) == (0, "low", ())
