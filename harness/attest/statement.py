"""in-toto Statements about a verified commit: a simple verification result and a test result.

Shapes: in-toto Statement v1; predicates https://in-toto.io/attestation/svr/v0.1 and
https://in-toto.io/attestation/test-result/v0.1. What the harness adds stands under one key of its
own, as the framework asks of extensions.
"""

import datetime
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from harness.errors import AttestationError
from harness.model.report import CheckResult, Report

STATEMENT = "https://in-toto.io/Statement/v1"
SVR = "https://in-toto.io/attestation/svr/v0.1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Subject(msgspec.Struct, frozen=True):
    """What a statement is about, by digest: ``gitCommit`` or ``gitTree`` to an object id."""

    name: str = ""
    digest: dict[str, str] = {}


class Statement(msgspec.Struct, frozen=True):
    """An in-toto Statement v1. ``predicate`` is read by :class:`Verified` where its type is SVR."""

    type: str = msgspec.field(name="_type")
    subject: tuple[Subject, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: dict[str, Any]


class AttestedCheck(msgspec.Struct, frozen=True):
    """How one check ended, and which version of it ran."""

    id: str
    status: str
    version: str = ""
    required: bool = False


class Result(msgspec.Struct, frozen=True, rename="camel"):
    """The harness's own part of the verification result. ``*_digest`` are SHA-256 in hex."""

    outcome: str
    risk_score: int
    risk_level: str
    base: str
    harness_version: str
    policy: str
    policy_digest: str
    report_digest: str
    sandbox: str
    checks: tuple[AttestedCheck, ...] = ()
    head: str = ""
    head_tree: str = ""


class Verified(msgspec.Struct, frozen=True):
    """The predicate of a verification result as far as the harness reads it back."""

    time_created: str = msgspec.field(name="timeCreated")
    change_harness: Result = msgspec.field(name="changeHarness")
    properties: tuple[str, ...] = ()


def statements(report: Report, report_digest: str) -> tuple[Statement, Statement]:
    """(verification result, test result) of a report whose report.json has the SHA-256 given.

    Raises AttestationError when the report is about no commit: a worktree, or ids that are none.
    """
    change = report.change
    if change.worktree:
        raise AttestationError(
            "The report is about files that are not committed, so there is no commit to attest; "
            "commit them and run `harness verify` without --worktree."
        )
    if not _OBJECT_ID.fullmatch(change.head) or not _OBJECT_ID.fullmatch(change.head_tree):
        raise AttestationError(
            "The report names no head commit and tree by their full ids; run `harness verify` again."
        )
    subject = (
        Subject("commit", {"gitCommit": change.head}),
        Subject("tree", {"gitTree": change.head_tree}),
    )
    return (
        Statement(STATEMENT, subject, SVR, _verification(report, report_digest)),
        Statement(STATEMENT, subject, TEST_RESULT, _tests(report)),
    )


def about_report(found: Sequence[Statement], report_digest: str) -> tuple[Statement, ...]:
    """The same statements with report.json as their subject.

    For signers that take SHA-256 only, as Sigstore's client does: the commit stands in the result then.
    """
    subject = (Subject("report.json", {"sha256": report_digest}),)
    return tuple(msgspec.structs.replace(one, subject=subject) for one in found)


def moment(text: str) -> datetime.datetime:
    """A timestamp with its zone. Raises ValueError when it is none."""
    time = datetime.datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return time.astimezone(datetime.UTC)


def _verification(report: Report, report_digest: str) -> dict[str, Any]:
    try:
        created = moment(report.started).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise AttestationError(
            "The report does not say when it was made; run `harness verify` again."
        ) from None
    checks = tuple(AttestedCheck(one.id, one.status, one.version, one.required) for one in report.checks)
    result = Result(
        report.outcome, report.risk.score, report.risk.level, report.change.base, report.harness_version,
        report.policy, report.policy_digest, report_digest, report.sandbox.driver, checks,
        report.change.head, report.change.head_tree,
    )  # fmt: skip
    return {
        "verifier": {"id": f"pkg:pypi/change-harness@{report.harness_version}", "policy": _policy(report)},
        "timeCreated": created,
        "properties": _properties(report),
        "changeHarness": msgspec.to_builtins(result),
    }


def _properties(report: Report) -> list[str]:
    """What holds of the commit, and nothing that does not: consumers take each as passed."""
    found = [
        f"CHANGE_HARNESS_CHECK_PASSED_{one.id.upper()}" for one in report.checks if one.status == "passed"
    ]
    if report.outcome == "pass":
        found.insert(0, "CHANGE_HARNESS_PASSED")
    return found


def _tests(report: Report) -> dict[str, Any]:
    def ids(*states: str) -> list[str]:
        return [check.id for check in report.checks if check.status in states]

    result = {"pass": "PASSED", "review": "WARNED"}.get(report.outcome, "FAILED")
    return {
        "result": result,
        "configuration": [_policy(report), *[_pack(one) for one in report.checks]],
        "passedTests": ids("passed"),
        "warnedTests": ids("skipped"),
        "failedTests": ids("findings", "failed", "timed_out"),
    }


def _policy(report: Report) -> dict[str, Any]:
    described: dict[str, Any] = {"name": report.policy}
    if report.policy_digest:
        described["digest"] = {"sha256": report.policy_digest}
    return described


def _pack(check: CheckResult) -> dict[str, Any]:
    return {"name": f"check {check.id}", "annotations": {"version": check.version}}
