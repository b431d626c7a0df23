from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from harness.config.schema import PolicyConfig
from harness.model.finding import Category, Finding, Location, Proof, ProofStatus, Severity
from harness.model.report import Unverified
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


def score(found: list[Finding], policy: PolicyConfig = POLICY) -> int:
    return assess_risk(summary(), found, [], [], policy).score


@given(findings, findings)
def test_adding_findings_never_lowers_the_score(some: list[Finding], more: list[Finding]) -> None:
    policy = PolicyConfig(critical_paths=("pay/**",))
    assert 0 <= score(some, policy) <= score(some + more, policy) <= 100


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


def test_levels_follow_the_policy() -> None:
    assert [level_of(points, POLICY) for points in (0, 24, 25, 49, 50, 74, 75, 100)] == [
        "low", "low", "medium", "medium", "high", "high", "critical", "critical",
    ]  # fmt: skip


def test_a_clean_small_change_scores_nothing() -> None:
    risk = assess_risk(summary(), [], [check()], [], POLICY)
    assert (risk.score, risk.level, risk.factors) == (0, "low", ())
