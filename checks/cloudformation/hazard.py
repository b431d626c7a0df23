"""Dangers of a template, before they become drafts."""

from dataclasses import dataclass
from typing import Literal

from harness.check.interface import Severity

from .template import Resource


@dataclass(frozen=True)
class Hazard:
    """``key`` tells it from other dangers of the same resource."""

    rule: str
    severity: Severity
    subject: Resource
    key: str
    title: str
    message: str
    suggestion: str
    line: int
    certainty: Literal["certain", "conditional"] = "certain"
    cwe: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opening:
    """``key`` is equal on base and head for the same opening."""

    rule: str
    key: str
    severity: Severity
    title: str
    message: str
    suggestion: str
    path: tuple[str, ...]
    cwe: tuple[str, ...] = ("CWE-284",)
