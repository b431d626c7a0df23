"""What a run of this check gathers."""

from dataclasses import dataclass, field

from harness.check.interface import Draft, Figure, Unverified


@dataclass
class Results:
    """Findings, what was not verified, sentences for the report, pictures; ``failed`` is a reason."""

    findings: list[Draft] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    failed: str = ""

    def doubt(self, what: str, why: str) -> None:
        """Something that is not vouched for."""
        item = Unverified(what, why, "infra_plan")
        if item not in self.unverified:
            self.unverified.append(item)
