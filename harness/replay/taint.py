"""One hole, one finding: what a scan reads and what an attack shows, brought together.

A static finding of a kind that an attack can show (a command, a statement, a path, …) is part of the
executed finding where the exploits check showed the same hole. Elsewhere it stays, marked unconfirmed:
nobody has shown that an attacker's text gets there.
"""

from collections.abc import Iterable, Sequence

import msgspec

from harness.model.finding import Finding, Proof
from harness.model.report import CheckResult

SHOWABLE = frozenset(["CWE-78", "CWE-89", "CWE-22", "CWE-94", "CWE-95", "CWE-502", "CWE-918", "CWE-1333"])
"""Weaknesses that the detectors of executed attacks know."""
_SAME = {"CWE-95": "CWE-94"}
NOT_SHOWN = (
    "The attacks on the calls of the repository's tests did not show that an attacker's text gets here."
)
NOT_TRIED = "No attack was tried: the exploits check did not complete in this run."


def brought_together(findings: Sequence[Finding], checks: Iterable[CheckResult]) -> list[Finding]:
    """The findings without static ones that an exploit shows, the others marked and explained."""
    tried = any(check.id == "exploits" and check.status in ("passed", "findings") for check in checks)
    exploits = [one for one in findings if one.category == "exploit" and one.proof.status == "confirmed"]
    said: dict[str, list[str]] = {}
    kept = []
    for one in findings:
        if one.category != "static" or not _kinds(one) or one.proof.status != "none":
            kept.append(one)
            continue
        shown = next((exploit for exploit in exploits if _same_hole(one, exploit)), None)
        if shown is not None:
            said.setdefault(shown.id, []).append(
                f"{one.check}/{one.rule} reads the same in line {one.location.line}."
            )
            continue
        message = f"{one.message} {NOT_SHOWN if tried else NOT_TRIED}"
        kept.append(msgspec.structs.replace(one, proof=Proof("unconfirmed"), message=message))
    return [_with(one, said.get(one.id, ())) for one in kept]


def _with(finding: Finding, lines: Sequence[str]) -> Finding:
    if not lines:
        return finding
    return msgspec.structs.replace(finding, message=" ".join([finding.message, *lines]))


def _kinds(finding: Finding) -> set[str]:
    return {_SAME.get(cwe, cwe) for cwe in finding.cwe if cwe in SHOWABLE}


def _same_hole(static: Finding, exploit: Finding) -> bool:
    """The same kind of weakness in the same function, or in lines of it."""
    if static.location.path != exploit.location.path or not _kinds(static) & _kinds(exploit):
        return False
    here, there = static.location, exploit.location
    if here.symbol and here.symbol == there.symbol:
        return True
    return there.line <= here.line <= (there.end_line or there.line)
