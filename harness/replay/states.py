"""How checks ended, as the report says it: one result a check, whatever ran."""

from collections.abc import Sequence

import msgspec

from harness.model.finding import Finding
from harness.model.report import CheckResult, CheckStatus

_WORST: tuple[CheckStatus, ...] = ("failed", "timed_out", "findings", "passed", "skipped")
MAX_REASON = 2000


def merged(results: Sequence[CheckResult]) -> list[CheckResult]:
    """One result an id, sorted: where a check ran in several projects, the worst end and all reasons."""
    by_id: dict[str, list[CheckResult]] = {}
    for result in results:
        by_id.setdefault(result.id, []).append(result)
    return [_one(by_id[name]) for name in sorted(by_id)]


def _one(results: Sequence[CheckResult]) -> CheckResult:
    worst = min(results, key=lambda result: _WORST.index(result.status))
    if len(results) == 1:
        return worst
    reasons = "; ".join(dict.fromkeys(result.reason for result in results if result.reason))
    seconds = round(max(result.seconds for result in results), 3)
    return msgspec.structs.replace(worst, reason=reasons[:MAX_REASON], seconds=seconds)


def final_states(results: Sequence[CheckResult], findings: Sequence[Finding]) -> list[CheckResult]:
    """Findings may come early or be dropped unconfirmed, so ``findings`` is decided at the end."""
    found = {finding.check for finding in findings}
    return [
        msgspec.structs.replace(result, status="findings" if result.id in found else "passed")
        if result.status in ("passed", "findings")
        else result
        for result in results
    ]
