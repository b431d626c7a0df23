"""One danger of a Compose file or a Dockerfile, before it becomes a draft."""

from dataclasses import dataclass
from typing import Literal

from harness.check.interface import Severity


@dataclass(frozen=True)
class Hazard:
    """``key`` tells it from other dangers of the same file; ``line`` counts from 1."""

    rule: str
    severity: Severity
    key: str
    title: str
    message: str
    suggestion: str
    line: int
    symbol: str | None = None
    certainty: Literal["certain", "conditional"] = "certain"
    cwe: tuple[str, ...] = ()
