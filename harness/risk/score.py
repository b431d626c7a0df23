"""The risk score: explained arithmetic from 0 to 100.

Each finding has a weight by severity, proof and declaration. Findings of one category form
one factor: its heaviest finding counts whole, the next one half, the third a quarter, so that a
hundred small findings never outweigh one proven outage. Adding a finding never lowers the
score.
"""

from collections.abc import Sequence

from harness.config.schema import PolicyConfig
from harness.globs import matches
from harness.model.finding import Finding
from harness.model.report import ChangeSummary, CheckResult, Level, Risk, RiskFactor, Unverified

SEVERITY_POINTS = {"info": 0, "low": 4, "medium": 15, "high": 40, "critical": 70}
PROOF_SHARE = {"confirmed": 1.0, "unconfirmed": 0.6, "none": 0.7}
DECLARED_SHARE = 0.25
FACTOR_CEILING = 90
CRITICAL_FACTOR = 1.5


def assess_risk(
    change: ChangeSummary,
    findings: Sequence[Finding],
    checks: Sequence[CheckResult],
    unverified: Sequence[Unverified],
    policy: PolicyConfig,
) -> Risk:
    """The score, its level by the policy, and every factor with its reason and findings."""
    factors = [*_finding_factors(findings, policy), *_change_factors(change, checks, unverified, policy)]
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


def weight(finding: Finding, critical_paths: Sequence[str]) -> float:
    """Points of one finding taken alone."""
    points = SEVERITY_POINTS[finding.severity] * PROOF_SHARE[finding.proof.status]
    if finding.declared:
        points *= DECLARED_SHARE
    if critical_paths and matches(critical_paths, finding.location.path):
        points *= CRITICAL_FACTOR
    return points


def combine(weights: Sequence[float], ceiling: float = FACTOR_CEILING) -> int:
    """The heaviest counts whole, the next one half, the third a quarter, and so on.

    So the sum is below twice the heaviest, and inserting a weight never lowers it.
    """
    ordered = sorted(weights, reverse=True)
    total: float = sum(value * 0.5**place for place, value in enumerate(ordered))
    return round(min(ceiling, total))


def _finding_factors(findings: Sequence[Finding], policy: PolicyConfig) -> list[RiskFactor]:
    factors = []
    for category in sorted({finding.category for finding in findings}):
        group = [finding for finding in findings if finding.category == category]
        points = combine([weight(finding, policy.critical_paths) for finding in group])
        if points:
            proven = sum(finding.proof.status == "confirmed" for finding in group)
            declared = sum(finding.declared for finding in group)
            said = f"{len(group)} finding{'s' if len(group) > 1 else ''}, {proven} confirmed by replay"
            said += f", {declared} declared by the change's tests" if declared else ""
            factors.append(RiskFactor(category, points, said, tuple(finding.id for finding in group)))
    return factors


def _change_factors(
    change: ChangeSummary,
    checks: Sequence[CheckResult],
    unverified: Sequence[Unverified],
    policy: PolicyConfig,
) -> list[RiskFactor]:
    factors = []
    lines = sum(file.added + file.removed for file in change.files)
    size = min(8, lines // 150 + len(change.files) // 10)
    if size:
        factors.append(RiskFactor("size", size, f"{lines} changed lines in {len(change.files)} files"))
    critical = [file.path for file in change.files if matches(policy.critical_paths, file.path)]
    if critical:
        because = f"touches {len(critical)} critical file(s) by policy, such as {critical[0]}"
        factors.append(RiskFactor("critical paths", 10, because))
    incomplete = [check.id for check in checks if check.status in ("failed", "timed_out")]
    if incomplete:
        because = f"not completed: {', '.join(incomplete)}"
        factors.append(RiskFactor("incomplete checks", min(20, 10 * len(incomplete)), because))
    if unverified:
        because = f"{len(unverified)} thing(s) could not be verified"
        factors.append(RiskFactor("unverified", min(10, 2 * len(unverified)), because))
    return factors
