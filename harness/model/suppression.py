"""Suppressions: findings that base accepts for a time, with a reason."""

import datetime

import msgspec

from harness.model.finding import Finding


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """Acceptance of a rule's findings until a day, given in a comment or in the policy on base.

    ``rule`` is a finding's rule, ``CHECK/RULE`` or ``CHECK/*``. ``until`` is the last day (UTC) on
    which it counts. ``source`` says where it stands: ``path:line`` or the policy's name.
    """

    rule: str
    until: datetime.date
    reason: str
    source: str
    in_source: bool
    """Whether it is a comment in the code; else it stands in the policy."""


class Suppressed(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that a suppression of base accepts. It does not count for risk and verdict."""

    finding: Finding
    by: Suppression


class Expiry(msgspec.Struct, frozen=True, kw_only=True):
    """A suppression of base that ends within ``WARNING_DAYS``, or has ended. ``days``: from today."""

    suppression: Suppression
    days: int

    @property
    def over(self) -> bool:
        return self.days < 0


WARNING_DAYS = 30
