"""Whether the approvals of a change are those that its report asks for. Pure.

An approval binds to the head commit: one of another commit is void. Of each person the latest
review counts, comments aside. Who wrote the change cannot sign it off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from harness.errors import UsageError
from harness.model.report import Report, SignOff
from harness.risk.people import aliases, plain_name

State = Literal["approved", "changes_requested", "dismissed", "commented"]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One review by a person: ``who`` is ``@user`` or an address, ``commit`` a full commit id."""

    who: str
    commit: str
    state: State = "approved"
    teams: tuple[str, ...] = ()
    """Teams of the person, as ``@org/team``."""


@dataclass(frozen=True)
class Asked:
    """One sign-off of the report, and who has given it."""

    sign_off: SignOff
    given: tuple[str, ...]

    @property
    def met(self) -> bool:
        return len(self.given) >= self.sign_off.count


@dataclass(frozen=True)
class Judgement:
    """Every sign-off that the report asks for, and the reviews that do not count, with the reason."""

    asked: tuple[Asked, ...]
    void: tuple[tuple[str, str], ...]

    @property
    def met(self) -> bool:
        return all(one.met for one in self.asked)


def judge(report: Report, approvals: Iterable[Approval], authors: Sequence[str] = ()) -> Judgement:
    """Hold approvals (oldest first) against the report's sign-offs.

    ``authors`` are names of those who wrote the change, besides the addresses in the report.
    Raises UsageError for a report about files that are not committed.
    """
    if report.change.worktree:
        raise UsageError("The report is about files that are not committed; an approval needs a head commit.")
    wrote = {alias for name in (*report.change.authors, *authors) for alias in aliases(name)}
    latest: dict[str, Approval] = {}
    for approval in approvals:
        if approval.state != "commented":
            latest[plain_name(approval.who)] = approval
    valid, void = [], []
    for person, approval in latest.items():
        why = _void(person, approval, report.change.head, wrote)
        if why:
            void.append((approval.who, why))
        else:
            valid.append(approval)
    asked = tuple(
        Asked(one, tuple(item.who for item in valid if _may(item, one))) for one in report.sign_offs
    )
    return Judgement(asked, tuple(void))


def _void(person: str, approval: Approval, head: str, wrote: set[str]) -> str:
    if approval.state == "changes_requested":
        return "asks for changes"
    if approval.state == "dismissed":
        return "the approval was dismissed"
    if aliases(person) & wrote:
        return "wrote the change"
    if approval.commit != head:
        return f"approved another commit ({approval.commit[:10]}) than the head {head[:10]}"
    return ""


def _may(approval: Approval, sign_off: SignOff) -> bool:
    wanted = {plain_name(name) for name in sign_off.people}
    return bool({plain_name(approval.who), *map(plain_name, approval.teams)} & wanted)
