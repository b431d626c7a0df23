"""One danger of a manifest, before it becomes a draft."""

from dataclasses import dataclass
from typing import Literal

from harness.check.interface import Severity

from .objects import Object


@dataclass(frozen=True)
class Hazard:
    """``key`` tells it from other dangers of the same object; ``line`` counts in the object's file."""

    rule: str
    severity: Severity
    subject: Object
    key: str
    title: str
    message: str
    suggestion: str
    line: int
    certainty: Literal["certain", "conditional"] = "certain"
    cwe: tuple[str, ...] = ()
