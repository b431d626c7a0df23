"""The risk score: explained arithmetic from 0 to 100, likelihood times impact.

**Likelihood** is a sum of points: one factor a category of findings (each finding weighs by
severity, proof and declaration), and what nobody vouches for. Within a category the heaviest
finding counts whole, the next one half, the third a quarter, so that a hundred small findings
never outweigh one proven outage.

**Impact** multiplies: how far harm would reach adds a share of those points (critical paths, state
that a revert does not bring back, exposure to strangers, dependents), and what protects takes a
share away. Every factor is shown with its points, so the score is their sum. Adding a finding
never lowers it.
"""

from collections.abc import Sequence

from harness.config.schema import PolicyConfig
from harness.globs import matches
from harness.model.finding import SEVERITIES, Finding
from harness.model.report import ChangeSummary, CheckResult, Level, Risk, RiskFactor, RiskWeight, Unverified

SEVERITY_POINTS = {"info": 0, "low": 4, "medium": 15, "high": 40, "critical": 70}
PROOF_SHARE = {"confirmed": 1.0, "unconfirmed": 0.6, "none": 0.7}
DECLARED_SHARE = 0.25
FACTOR_CEILING = 90

CRITICAL_SHARE, CRITICAL_LEAST = 0.5, 10
STATE_SHARE = 0.25
EXPOSURE_SHARE = 0.15
MOST_IMPACT, MOST_PROTECTION = 0.5, 0.3
"""Bounds of what one check's weight may add, and of what all protection together may take away."""
_STATEFUL = frozenset({"infra", "data-loss", "ops"})
_EXPOSED = frozenset({"exploit", "secret", "pipeline"})


def assess_risk(
    change: ChangeSummary,
    findings: Sequence[Finding],
    checks: Sequence[CheckResult],
    unverified: Sequence[Unverified],
    policy: PolicyConfig,
    weights: Sequence[RiskWeight] = (),
) -> Risk:
    """The score, its level by the policy, and every factor with its reason and findings."""
    likely = [*_finding_factors(findings), *_change_factors(change, checks, unverified)]
    points = sum(factor.points for factor in likely)
    factors = [
        *likely,
        *_impact_factors(points, change, findings, policy, weights),
        *_protections(points, weights),
    ]
    factors.sort(key=lambda factor: (-factor.points, factor.name))
    score = min(100, sum(factor.points for factor in factors))
    return Risk(score, level_of(score, policy), tuple(factors))


def level_of(score: int, policy: PolicyConfig) -> Level:
    """The level of a score by the policy's thresholds."""
    levels = policy.levels
    if score >= levels.critical:
        return "critical"
    if score >= levels.high:
        return "high"
    return "medium" if score >= levels.medium else "low"


def weight(finding: Finding) -> float:
    """Points of one finding taken alone."""
    points = SEVERITY_POINTS[finding.severity] * PROOF_SHARE[finding.proof.status]
    return points * DECLARED_SHARE if finding.declared else points


def combine(weights: Sequence[float], ceiling: float = FACTOR_CEILING) -> int:
    """The heaviest counts whole, the next one half, the third a quarter, and so on.

    So the sum is below twice the heaviest, and inserting a weight never lowers it.
    """
    ordered = sorted(weights, reverse=True)
    total: float = sum(value * 0.5**place for place, value in enumerate(ordered))
    return round(min(ceiling, total))


def _finding_factors(findings: Sequence[Finding]) -> list[RiskFactor]:
    factors = []
    for category in sorted({finding.category for finding in findings}):
        group = [finding for finding in findings if finding.category == category]
        points = combine([weight(finding) for finding in group])
        if points:
            proven = sum(finding.proof.status == "confirmed" for finding in group)
            declared = sum(finding.declared for finding in group)
            said = f"{len(group)} finding{'s' if len(group) > 1 else ''}, {proven} confirmed by replay"
            said += f", {declared} declared by the change's tests" if declared else ""
            factors.append(RiskFactor(category, points, said, tuple(finding.id for finding in group)))
    return factors


def _change_factors(
    change: ChangeSummary, checks: Sequence[CheckResult], unverified: Sequence[Unverified]
) -> list[RiskFactor]:
    factors = []
    lines = sum(file.added + file.removed for file in change.files)
    size = min(8, lines // 150 + len(change.files) // 10)
    if size:
        factors.append(RiskFactor("size", size, f"{lines} changed lines in {len(change.files)} files"))
    incomplete = [check.id for check in checks if check.status in ("failed", "timed_out")]
    if incomplete:
        because = f"not completed: {', '.join(incomplete)}"
        factors.append(RiskFactor("incomplete checks", min(20, 10 * len(incomplete)), because))
    if unverified:
        because = f"{len(unverified)} thing(s) could not be verified"
        factors.append(RiskFactor("unverified", min(10, 2 * len(unverified)), because))
    return factors


def _impact_factors(
    points: int,
    change: ChangeSummary,
    findings: Sequence[Finding],
    policy: PolicyConfig,
    weights: Sequence[RiskWeight],
) -> list[RiskFactor]:
    factors = []
    critical = [file.path for file in change.files if matches(policy.critical_paths, file.path)]
    if critical:
        because = f"touches {len(critical)} critical file(s) by policy, such as {critical[0]}"
        most = max(CRITICAL_LEAST, round(CRITICAL_SHARE * points))
        factors.append(RiskFactor("critical paths", most, because))
    lasting = _heavy(findings, _STATEFUL)
    if lasting:
        because = "reverting the change does not bring back what it destroys"
        factors.append(RiskFactor("lasting harm", round(STATE_SHARE * points), because, lasting))
    open_to_others = _heavy(findings, _EXPOSED)
    if open_to_others:
        because = "people outside the team can make use of it"
        factors.append(RiskFactor("exposure", round(EXPOSURE_SHARE * points), because, open_to_others))
    for one in weights:
        if one.share > 0:
            share = min(MOST_IMPACT, one.share)
            factors.append(RiskFactor(one.name, round(share * points), one.because))
    return [factor for factor in factors if factor.points]


def _heavy(findings: Sequence[Finding], categories: frozenset[str]) -> tuple[str, ...]:
    """Ids of findings of these categories that weigh high or more."""
    return tuple(
        one.id
        for one in findings
        if one.category in categories and SEVERITIES.index(one.severity) >= SEVERITIES.index("high")
    )


def _protections(points: int, weights: Sequence[RiskWeight]) -> list[RiskFactor]:
    """Rounded as one sum: rounding each alone could take two points for one point of likelihood."""
    factors = []
    taken, together = 0, 0.0
    for one in weights:
        if one.share < 0:
            together = min(MOST_PROTECTION, together - one.share)
            now = round(together * points)
            if now > taken:
                factors.append(RiskFactor(one.name, taken - now, one.because))
            taken = now
    return factors
