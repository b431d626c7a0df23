"""What a sample of a pack expects of a report: the contract's case folders, read and judged."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import PackError
from harness.model.finding import Category, Finding, ProofStatus, Severity
from harness.model.report import Outcome, Report

CASE_FILE = "case.json"
PATCH = "head.patch"
SHARED = "base"
"""Folder below ``samples/`` that patches are applied to where a sample has no ``base/`` of its own."""


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of ``expect.findings``. A field left out matches anything."""

    category: Category | None = None
    check: str | None = None
    rule: str | None = None
    severity: Severity | None = None
    path: str | None = None
    symbol: str | None = None
    cwe: str | None = None
    proof: ProofStatus | None = None
    declared: bool | None = None
    any: tuple["Expected", ...] = ()


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``expect`` of a case: acceptable outcomes, findings there must be, categories there may not."""

    outcome: tuple[Outcome, ...] = ()
    findings: tuple[Expected, ...] = ()
    absent: tuple[Category, ...] = ()
    undeclared_absent: tuple[Category, ...] = ()
    weights: tuple[str, ...] = ()
    """Names of measurements that must weigh on the risk."""


class Case(msgspec.Struct, frozen=True):
    """case.json: a change with what the harness must and must not say about it."""

    title: str
    message: str
    expect: Expect = Expect()
    why: str = ""


@dataclass(frozen=True)
class Sample:
    """A sample of a pack: its folder, its case, and its kind.

    The folder holds ``base/`` and ``head/``, or ``head.patch`` on its own or the pack's shared base.
    """

    folder: Path
    case: Case
    catches: bool

    @property
    def base(self) -> Path:
        own = self.folder / "base"
        return own if own.is_dir() else self.folder.parent.parent / SHARED

    @property
    def patch(self) -> Path | None:
        """What makes head of base, None where head is a folder."""
        return None if (self.folder / "head").is_dir() else self.folder / PATCH

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"


def read_samples(pack: Path) -> list[Sample]:
    """The samples of a pack folder, the ones it catches first. Raises PackError for a damaged one."""
    samples = []
    for kind in ("catches", "passes"):
        for file in sorted((pack / "samples" / kind).glob(f"*/{CASE_FILE}")):
            samples.append(Sample(file.parent, read_case(file), kind == "catches"))
    return samples


def read_case(file: Path) -> Case:
    """A case.json. Raises PackError with the file and what is wrong."""
    try:
        case = msgspec.json.decode(file.read_bytes(), type=Case)
    except (OSError, msgspec.DecodeError) as problem:
        raise PackError(f"{file} cannot be read: {problem}.") from None
    sample = Sample(file.parent, case, catches=True)
    if not sample.base.is_dir():
        raise PackError(f"{file.parent} has no folder base/, and there is no {sample.base} to share.")
    if sample.patch is not None and not sample.patch.is_file():
        raise PackError(f"{file.parent} has neither a folder head/ nor {PATCH}; a sample needs one of them.")
    return case


def judge(expect: Expect, report: Report) -> list[str]:
    """What is missing and what is there but must not be, as sentences; empty when all is right."""
    problems = []
    if expect.outcome and report.outcome not in expect.outcome:
        problems.append(f"the outcome is {report.outcome}, not {' or '.join(expect.outcome)}")
    problems += [f"missing: {describe(one)}" for one in expect.findings if not matched(one, report.findings)]
    weighed = {weight.name for weight in report.weights}
    problems += [f"missing: the risk weight {name}" for name in expect.weights if name not in weighed]
    for finding in report.findings:
        forbidden = expect.absent if finding.declared else (*expect.absent, *expect.undeclared_absent)
        if finding.category in forbidden:
            where = f"{finding.location.path}:{finding.location.line}"
            problems.append(f"must not be: {finding.category} in {where}: {finding.title}")
    return problems


def matched(entry: Expected, findings: Sequence[Finding]) -> bool:
    """Whether a finding matches an entry (for an ``any`` entry: one of its choices)."""
    if entry.any:
        return any(matched(choice, findings) for choice in entry.any)
    return any(_matches(entry, finding) for finding in findings)


def _matches(entry: Expected, finding: Finding) -> bool:
    symbol = finding.location.symbol or ""
    facts: Mapping[str, Any] = {
        "category": finding.category, "check": finding.check, "rule": finding.rule, "severity": finding.severity,
        "path": finding.location.path, "symbol": symbol.rsplit(".", 1)[-1], "proof": finding.proof.status,
        "declared": finding.declared,
    }  # fmt: skip
    if entry.cwe is not None and entry.cwe not in finding.cwe:
        return False
    return all(getattr(entry, name) in (None, value) for name, value in facts.items())


def describe(entry: Expected) -> str:
    """An entry in words."""
    if entry.any:
        return "one of (" + "; ".join(describe(choice) for choice in entry.any) + ")"
    facts = json.loads(msgspec.json.encode(entry))
    return ", ".join(
        f"{name} {value}" for name, value in facts.items() if value is not None and name != "any"
    )
