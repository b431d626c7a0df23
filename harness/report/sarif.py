"""report.sarif: SARIF 2.1.0 within the limits that code scanning sets."""

from typing import Any

import msgspec

from harness.model.finding import Finding, Severity
from harness.model.report import CheckResult, Report
from harness.model.suppression import Suppressed
from harness.report import story
from harness.report.escape import clipped, one_line, relative_uri, sarif_text

MAX_RESULTS = 5000
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {
    "critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note",
}  # fmt: skip
# Code scanning shows security-severity as a band: over 9.0 critical, 7.0 high, 4.0 medium.
_SCORES: dict[Severity, str] = {
    "critical": "9.5",
    "high": "8.0",
    "medium": "5.5",
    "low": "3.0",
    "info": "1.0",
}


def render(report: Report) -> bytes:
    """One run; at most ``MAX_RESULTS`` results, the most urgent first, and a note of the rest."""
    findings = story.ranked(report)
    kept = findings[:MAX_RESULTS]
    accepted = report.suppressed[: MAX_RESULTS - len(kept)]
    rules = {_rule_id(finding): finding for finding in reversed([*kept, *(one.finding for one in accepted)])}
    order = {name: index for index, name in enumerate(sorted(rules))}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "change-harness",
                "semanticVersion": report.harness_version or "0.0.0",
                "rules": [_rule(name, rules[name]) for name in order],
            }
        },
        "invocations": [_invocation(report, len(findings) - len(kept))],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_result(finding, order, []) for finding in kept),
            *(_result(one.finding, order, [_suppression(one)]) for one in accepted),
        ],
        "properties": {"outcome": report.outcome, "riskScore": report.risk.score},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n"


def _rule_id(finding: Finding) -> str:
    return one_line(f"{finding.check}/{finding.rule}", 200)


def _rule(name: str, finding: Finding) -> dict[str, Any]:
    meaning = story.MEANINGS[finding.category]
    tags = [finding.category, *(f"external/cwe/{one_line(cwe.lower(), 20)}" for cwe in finding.cwe)]
    properties: dict[str, Any] = {"tags": tags[:10], "precision": "very-high"}
    if finding.category in ("exploit", "secret", "static", "dependency", "pipeline", "infra"):
        properties["security-severity"] = _SCORES[finding.severity]
        properties["tags"] = ["security", *tags][:10]
    return {
        "id": name,
        "shortDescription": {"text": sarif_text(meaning)},
        "fullDescription": {"text": sarif_text(meaning)},
        "help": {"text": sarif_text(_help(finding)), "markdown": _help(finding)},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": properties,
    }


def _help(finding: Finding) -> str:
    return (
        f"{story.MEANINGS[finding.category]} A confirmed finding was replayed three times on each side in fresh "
        "sandboxes. The report folder holds the proof, and `harness reproduce` replays it."
    )


def _suppression(one: Suppressed) -> dict[str, Any]:
    return {
        "kind": "inSource" if one.by.in_source else "external",
        "status": "accepted",
        "justification": sarif_text(one_line(story.accepted(one), 500)),
    }


def _result(finding: Finding, order: dict[str, int], suppressions: list[dict[str, Any]]) -> dict[str, Any]:
    name = _rule_id(finding)
    return {
        "ruleId": name,
        "ruleIndex": order[name],
        "kind": "fail",
        "level": _LEVELS[finding.severity],
        "message": {"text": sarif_text(_message(finding))},
        "locations": [_location(finding)],
        "partialFingerprints": {"changeHarness/v1": finding.fingerprint},
        "suppressions": suppressions,
        "properties": {
            "id": finding.id,
            "proof": finding.proof.status,
            "declared": finding.declared,
            "category": finding.category,
        },
    }


def _message(finding: Finding) -> str:
    proof = finding.proof
    lines = [f"{one_line(finding.title, 300)}", clipped(finding.message, 1500)]
    if proof.input is not None:
        lines.append(f"Input: {one_line(proof.input, 400)}")
        lines += [f"Base: {one_line(proof.base, 400)}"] if proof.base is not None else []
        lines += [f"Head: {one_line(proof.head, 400)}"] if proof.head is not None else []
    lines.append(f"Proof: {proof.status}." + (f" {one_line(proof.command, 200)}" if proof.command else ""))
    return "\n".join(lines)


def _location(finding: Finding) -> dict[str, Any]:
    place = finding.location
    region = {"startLine": max(1, place.line)}
    if place.end_line is not None and place.end_line >= region["startLine"]:
        region["endLine"] = place.end_line
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": relative_uri(place.path), "uriBaseId": "SRCROOT"},
            "region": region,
        }
    }
    if place.symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": one_line(place.symbol, 300)}]
    return location


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    notes = [
        _notification(check) for check in report.checks if check.status in ("failed", "timed_out", "skipped")
    ]
    if left_out:
        text = f"{story.count(left_out, 'result')} left out: code scanning takes at most {MAX_RESULTS:,}."
        notes.append({"level": "warning", "message": {"text": text}})
    return {
        "executionSuccessful": report.outcome != "inconclusive",
        "toolExecutionNotifications": notes,
    }


def _notification(check: CheckResult) -> dict[str, Any]:
    level = "note" if check.status == "skipped" else "error"
    text = f"Check {one_line(check.id, 80)} {check.status.replace('_', ' ')}: {one_line(check.reason, 800)}"
    return {"level": level, "message": {"text": sarif_text(text)}}
