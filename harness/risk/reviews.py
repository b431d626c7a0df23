"""Reading approvals: the harness's own form, and the answers of GitHub's and GitLab's API. Pure.

All three are untrusted in shape, and decoded strictly.
"""

from typing import Any

import msgspec

from harness.errors import UsageError
from harness.risk.approvals import Approval, State

MAX_BYTES = 16 << 20
_GITHUB_STATES: dict[str, State] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
    "DISMISSED": "dismissed",
    "COMMENTED": "commented",
    "PENDING": "commented",
}


class _GithubUser(msgspec.Struct, frozen=True):
    login: str
    type: str = "User"


class _GithubReview(msgspec.Struct, frozen=True):
    state: str
    user: _GithubUser | None = None
    commit_id: str | None = None
    submitted_at: str | None = None


class _GitlabUser(msgspec.Struct, frozen=True):
    username: str


class _GitlabApproval(msgspec.Struct, frozen=True):
    user: _GitlabUser


class _GitlabApprovals(msgspec.Struct, frozen=True):
    approved_by: tuple[_GitlabApproval, ...]


def own(data: bytes, source: str) -> tuple[Approval, ...]:
    """A list of ``{"who", "commit", "state", "teams"}``, oldest first. Raises UsageError."""
    found: tuple[Approval, ...] = _decode(
        data, tuple[Approval, ...], source, "a list of {who, commit, state}"
    )
    return found


def github(data: bytes, source: str) -> tuple[Approval, ...]:
    """What ``GET /repos/OWNER/REPO/pulls/N/reviews`` answers, or a list of such pages. Raises UsageError.

    Reviews of bots and of deleted accounts are no person's and are left out.
    """
    words = "the reviews of a pull request from GitHub's API"
    answer: list[Any] = _decode(data, list[Any], source, words)
    rows = [row for page in answer for row in (page if isinstance(page, list) else [page])]
    try:
        reviews = msgspec.convert(rows, tuple[_GithubReview, ...])
    except msgspec.ValidationError as problem:
        raise UsageError(f"{source} does not hold {words}: {problem}.") from None
    found = []
    for review in sorted(reviews, key=lambda one: one.submitted_at or "9999"):
        if review.user is not None and review.user.type == "User":
            state = _GITHUB_STATES.get(review.state.upper(), "commented")
            found.append(Approval("@" + review.user.login, review.commit_id or "", state))
    return tuple(found)


def gitlab(data: bytes, source: str, commit: str) -> tuple[Approval, ...]:
    """What ``GET /projects/ID/merge_requests/N/approvals`` answers. Raises UsageError.

    GitLab does not say which commit an approval was given for, so ``commit`` does: the merge
    request's head at that time, in a project that removes approvals when commits are added.
    """
    words = "the approvals of a merge request from GitLab's API"
    answer: _GitlabApprovals = _decode(data, _GitlabApprovals, source, words)
    return tuple(Approval("@" + one.user.username, commit) for one in answer.approved_by)


def _decode(data: bytes, kind: Any, source: str, words: str) -> Any:
    if len(data) > MAX_BYTES:
        raise UsageError(f"{source} is larger than {MAX_BYTES >> 20} MiB; that is not {words}.")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise UsageError(f"{source} does not hold {words}: {problem}.") from None
