"""Whether an attestation vouches for what a gate wants to let through."""

import datetime
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from harness.attest.envelope import opened
from harness.attest.statement import SVR, Result, Statement, Verified, moment
from harness.errors import AttestationError, UsageError

LEVELS = ("low", "medium", "high", "critical")
OUTCOMES = ("pass", "review", "block", "inconclusive")
CLOCK_SKEW = datetime.timedelta(minutes=5)
"""How far ahead another machine's clock may be."""
_AGE = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Attested:
    """What a verified attestation says: head commit, its tree, when it was verified, how it came out."""

    commit: str
    tree: str
    created: datetime.datetime
    result: Result


def verify(data: bytes, key: Any, source: str) -> Attested:
    """The verification result in a bundle that ``key`` has signed. Raises AttestationError."""
    return attested(opened(data, key, source), source)


def attested(found: Sequence[Statement], source: str) -> Attested:
    """The verification result among statements whose signatures hold. Raises AttestationError."""
    results = [one for one in found if one.predicate_type == SVR]
    if len(results) != 1:
        raise AttestationError(
            f"{source} holds {len(results)} verification results ({SVR}) where one is needed; "
            "make it with `harness attest sign`."
        )
    if any(_digests(one) != _digests(results[0]) for one in found):
        raise AttestationError(f"{source} holds statements about different commits; make it anew.")
    return _attested(results[0], source)


def check_report(attested: Attested, report: bytes) -> None:
    """Whether ``report``, the bytes of a report.json, is the attested one. Raises AttestationError."""
    digest = hashlib.sha256(report).hexdigest()
    if digest != attested.result.report_digest:
        raise AttestationError(
            f"The report is not the attested one (SHA-256 {digest[:16]}…, attested "
            f"{attested.result.report_digest[:16]}…): it was altered or belongs to another run."
        )


def check_time(attested: Attested, now: datetime.datetime, max_age: datetime.timedelta | None) -> None:
    """Whether it is neither from the future nor older than ``max_age``. Raises AttestationError."""
    age = now - attested.created
    if age < -CLOCK_SKEW:
        raise AttestationError(
            f"The attestation is of the future ({attested.created.isoformat()}); set the clock of this machine, "
            "or of the one that signed, right."
        )
    if max_age is not None and age > max_age:
        raise AttestationError(
            f"The attestation is too old: the commit was verified at {attested.created.isoformat()}, "
            f"more than {_spoken(max_age)} ago; verify it again."
        )


def check_requirement(attested: Attested, requirement: str) -> None:
    """Whether it meets one ``name=value``; several values, of which one must hold, are parted by commas.

    Raises AttestationError when it does not, UsageError when there is no such requirement.
    """
    name, equals, text = requirement.partition("=")
    values = [value.strip() for value in text.split(",") if value.strip()]
    if not equals or not values or name not in _REQUIREMENTS:
        known = ", ".join(f"{one}=…" for one in _REQUIREMENTS)
        raise UsageError(f"--require {requirement!r} is no requirement; known are: {known}.")
    _REQUIREMENTS[name](attested, values)


def age(text: str) -> datetime.timedelta:
    """``7d``, ``12h``, ``30m`` as a duration. Raises UsageError."""
    found = _AGE.fullmatch(text)
    if not found:
        raise UsageError(f"--max-age {text!r} is no age; give a number and s, m, h, d or w, such as 7d.")
    return datetime.timedelta(**{_UNITS[found[2]]: int(found[1])})


def _attested(statement: Statement, source: str) -> Attested:
    try:
        verified = msgspec.convert(statement.predicate, Verified)
        created = moment(verified.time_created)
    except (msgspec.ValidationError, ValueError) as problem:
        raise AttestationError(
            f"The verification result in {source} is not one of this harness ({str(problem)[:200]}); "
            "make it with `harness attest sign`."
        ) from None
    digests = _digests(statement)
    result = verified.change_harness
    commit = digests.get("gitCommit") or result.head
    tree = digests.get("gitTree") or result.head_tree
    known = result.outcome in OUTCOMES and result.risk_level in LEVELS
    if not commit or not known or not _DIGEST.fullmatch(result.report_digest):
        raise AttestationError(
            f"{source} does not say which commit came out how; make it with `harness attest sign`."
        )
    return Attested(commit, tree, created, result)


def _digests(statement: Statement) -> Mapping[str, str]:
    return {name: value for subject in statement.subject for name, value in subject.digest.items()}


def _spoken(duration: datetime.timedelta) -> str:
    return f"{duration.days} days" if duration.days > 1 else f"{duration.total_seconds() / 3600:g} hours"


def _outcome(attested: Attested, values: Sequence[str]) -> None:
    _known("outcome", values, OUTCOMES)
    if attested.result.outcome not in values:
        raise AttestationError(
            f"The outcome is {attested.result.outcome}, and {_either(values)} is required."
        )


def _risk(attested: Attested, values: Sequence[str]) -> None:
    _known("risk", values, LEVELS)
    highest = max(LEVELS.index(value) for value in values)
    if LEVELS.index(attested.result.risk_level) > highest:
        raise AttestationError(
            f"The risk is {attested.result.risk_level} ({attested.result.risk_score} of 100), "
            f"and at most {LEVELS[highest]} is required."
        )


def _commit(attested: Attested, values: Sequence[str]) -> None:
    if attested.commit not in values:
        raise AttestationError(
            f"The attestation is about the commit {attested.commit}, and {_either(values)} is required."
        )


def _policy(attested: Attested, values: Sequence[str]) -> None:
    if attested.result.policy_digest not in values:
        given = attested.result.policy_digest or "none"
        raise AttestationError(f"The policy has the digest {given}, and {_either(values)} is required.")


def _check(attested: Attested, values: Sequence[str]) -> None:
    states = {check.id: check.status for check in attested.result.checks}
    if not any(states.get(value) in ("passed", "findings") for value in values):
        said = ", ".join(f"{value} {states.get(value, 'was not run')}" for value in values)
        raise AttestationError(f"A required check did not complete: {said}.")


def _known(name: str, values: Sequence[str], known: Sequence[str]) -> None:
    for value in values:
        if value not in known:
            raise UsageError(f"--require {name}={value}: choose among {', '.join(known)}.")


def _either(values: Sequence[str]) -> str:
    return " or ".join(values)


_REQUIREMENTS: dict[str, Callable[[Attested, Sequence[str]], None]] = {
    "outcome": _outcome,
    "risk": _risk,
    "commit": _commit,
    "policy": _policy,
    "check": _check,
}
