"""The report: the one source from which every format is rendered."""

from typing import Literal

import msgspec

from harness.model.change import Change, ChangedFile, Provenance
from harness.model.finding import Finding
from harness.model.suppression import Expiry, Suppressed

SCHEMA_VERSION = "1"

Outcome = Literal["pass", "review", "block", "inconclusive"]
Level = Literal["low", "medium", "high", "critical"]
CheckStatus = Literal["passed", "findings", "skipped", "failed", "timed_out"]


class CheckResult(msgspec.Struct, frozen=True):
    """How one check ended. ``reason`` says why it was skipped, failed or timed out."""

    id: str
    status: CheckStatus
    reason: str = ""
    seconds: float = 0.0
    version: str = ""
    required: bool = False


class Unverified(msgspec.Struct, frozen=True):
    """Something the harness does not vouch for, and why."""

    what: str
    why: str
    check: str | None = None


class RiskFactor(msgspec.Struct, frozen=True):
    """One addend of the risk score with its reason and the findings behind it."""

    name: str
    points: int
    because: str
    findings: tuple[str, ...] = ()


class RiskWeight(msgspec.Struct, frozen=True):
    """What a check measured of the change as a whole, that weighs on its risk.

    ``share`` is a part of the likelihood's points: above 0 where harm would reach far (impact),
    below 0 where something protects (every changed line is covered, say).
    """

    name: str
    share: float
    because: str
    check: str | None = None


class Risk(msgspec.Struct, frozen=True):
    """0 to 100, the sum of its factors' points (capped)."""

    score: int = 0
    level: Level = "low"
    factors: tuple[RiskFactor, ...] = ()


class SignOff(msgspec.Struct, frozen=True):
    """A human approval that the policy asks for."""

    role: str
    count: int
    because: str
    people: tuple[str, ...] = ()
    """Who may give it: ``@user``, ``@org/team`` or an address, by the policy and CODEOWNERS of base."""


class Decision(msgspec.Struct, frozen=True):
    """One policy rule that spoke: its name, what it demands and the findings that matched."""

    rule: str
    action: Literal["block", "review", "sign-off", "inconclusive"]
    because: str
    findings: tuple[str, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """What policy says of the measured risk."""

    outcome: Outcome
    sign_offs: tuple[SignOff, ...] = ()
    decisions: tuple[Decision, ...] = ()


class ChangeSummary(msgspec.Struct, frozen=True):
    """The part of a change that the report shows."""

    base: str
    head: str
    files: tuple[ChangedFile, ...]
    ai: Provenance
    base_tree: str = ""
    head_tree: str = ""
    worktree: bool = False
    commits: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    """Addresses of those who wrote or committed the change."""

    @classmethod
    def of(cls, change: Change) -> "ChangeSummary":
        subjects = tuple(f"{c.id[:10]} {c.message.strip().partition(chr(10))[0]}" for c in change.commits)
        authors = dict.fromkeys(
            who for c in change.commits for who in (c.author_email, c.committer_email) if who
        )
        return cls(
            change.base, change.head, change.files, change.ai, change.base_tree, change.head_tree,
            change.worktree, subjects, tuple(authors),
        )  # fmt: skip


class SandboxInfo(msgspec.Struct, frozen=True):
    """The driver that ran everything, its isolation as sentences, and what it lacks here."""

    driver: str
    isolation: tuple[str, ...] = ()
    python: str = ""
    image: str | None = None


class Figure(msgspec.Struct, frozen=True):
    """A picture that a check hands to the report: an SVG made by trusted code, and its caption."""

    check: str
    title: str
    svg: str
    finding: str | None = None
    place: Literal["infrastructure", "risk"] = "infrastructure"
    """The section of the report that shows it when it belongs to no finding."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one verification found, and everything that it did not verify."""

    schema_version: str = SCHEMA_VERSION
    harness_version: str = ""
    change: ChangeSummary
    outcome: Outcome
    risk: Risk
    sign_offs: tuple[SignOff, ...] = ()
    decisions: tuple[Decision, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    unverified: tuple[Unverified, ...] = ()
    weights: tuple[RiskWeight, ...] = ()
    """What checks measured of the change as a whole; with the findings, what the risk is made of."""
    suppressed: tuple[Suppressed, ...] = ()
    """Findings that base accepts; they count for nothing else here."""
    expiries: tuple[Expiry, ...] = ()
    """Suppressions that end soon or have ended: of the policy, and of the changed files."""
    notes: tuple[str, ...] = ()
    sandbox: SandboxInfo
    policy: str = ""
    policy_digest: str = ""
    """SHA-256 (hex) of the configuration that decided, whatever file it came from."""
    repository: str = ""
    started: str = ""
    seconds: float = 0.0
    first_finding_seconds: float | None = None
