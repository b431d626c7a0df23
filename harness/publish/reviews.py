"""Approvals as the hosts tell them: asked for by the API, decoded by ``harness.risk.reviews``.

Nothing that a request's author controls says whose approvals these are: the repository and the
number come from the environment of the job, and the head commit must be that of the report.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from harness.model.report import Report
from harness.publish import github, gitlab
from harness.publish.event import Event, read_event
from harness.publish.http import MAX_PAGES, PAGE, Asked, Client, Host, RefusedError
from harness.publish.interface import PublishError, check_commit, text_at
from harness.risk import reviews
from harness.risk.approvals import Approval
from harness.risk.people import plain_name

REVIEWS = Asked("show the reviews", "`pull-requests: read`")
TEAMS = Asked("show the members of a team", "read access to the organisation's members")
APPROVALS = Asked("show the approvals", "the scope `read_api` and the role Reporter")


@dataclass(frozen=True)
class Given:
    """What a host says of one request: its approvals, oldest first, and who opened it.

    ``unasked`` are teams whose members the token may not see.
    """

    approvals: tuple[Approval, ...]
    authors: tuple[str, ...]
    unasked: tuple[str, ...] = ()


def from_github(report: Report, environment: Mapping[str, str], host: Host | None = None) -> Given:
    """The reviews of the pull request that the workflow's event names. Raises PublishError."""
    event = read_event(environment)
    check_commit(report, event.commit, "the event is")
    client = Client(host or github.host_of(environment))
    try:
        return _GitHub(client, event, _teams(report)).given()
    finally:
        client.close()


def from_gitlab(report: Report, environment: Mapping[str, str], host: Host | None = None) -> Given:
    """The approvals of the pipeline's merge request. Raises PublishError.

    GitLab does not say which commit an approval was given for: only in a project that removes
    approvals when commits are added are they those of the head, so another one is refused.
    """
    client = Client(host or gitlab.host_of(environment))
    try:
        return _gitlab(client, report, environment)
    finally:
        client.close()


class _GitHub:
    def __init__(self, client: Client, event: Event, teams: Sequence[str]) -> None:
        self._client, self._event, self._teams = client, event, teams
        self._unasked: dict[str, None] = {}

    def given(self) -> Given:
        number = self._event.number
        if not number:
            raise PublishError(
                "The event names no pull request; run this on pull_request or pull_request_review."
            )
        root = f"/repos/{self._event.repository}/pulls/{number}"
        request = self._client.send("GET", root, REVIEWS).body
        if text_at(request, "head", "sha") != self._event.commit:
            raise PublishError(
                f"Pull request #{number} has moved on from {self._event.commit[:12]}: verify its new head first."
            )
        rows = _all(self._client, f"{root}/reviews", REVIEWS)
        found = reviews.github(json.dumps(rows).encode(), "GitHub's answer")
        members = {team: self._members(team, {one.who for one in found}) for team in self._teams}
        approvals = tuple(
            msgspec.structs.replace(
                one, teams=tuple(team for team, people in members.items() if one.who in people)
            )
            for one in found
        )
        opened = text_at(request, "user", "login")
        return Given(approvals, (opened,) if opened else (), tuple(self._unasked))

    def _members(self, team: str, people: set[str]) -> set[str]:
        """Who of ``people`` is an active member of ``@org/team``."""
        organisation, _, slug = team.removeprefix("@").partition("/")
        found = set()
        for who in sorted(people):
            login = quote(who.removeprefix("@"), safe="")
            place = f"/orgs/{quote(organisation, safe='')}/teams/{quote(slug, safe='')}/memberships/{login}"
            try:
                answer = self._client.send("GET", place, TEAMS).body
            except RefusedError as problem:
                if problem.status != 404:  # 404 also means: is no member
                    self._unasked[team] = None
                continue
            if text_at(answer, "state") == "active":
                found.add(who)
        return found


def _gitlab(client: Client, report: Report, environment: Mapping[str, str]) -> Given:
    project = gitlab.number(
        environment.get("CI_MERGE_REQUEST_PROJECT_ID") or environment.get("CI_PROJECT_ID", ""),
        "CI_PROJECT_ID",
    )
    iid = gitlab.number(environment.get("CI_MERGE_REQUEST_IID", ""), "CI_MERGE_REQUEST_IID")
    root = f"/projects/{project}"
    request = client.send("GET", f"{root}/merge_requests/{iid}", APPROVALS).body
    check_commit(report, text_at(request, "sha"), f"the merge request !{iid} is")
    settings = client.send("GET", f"{root}/approvals", APPROVALS).body
    if not (isinstance(settings, dict) and settings.get("reset_approvals_on_push") is True):
        raise PublishError(
            "The project keeps approvals when commits are added, so they may be of older files; switch on "
            "'Remove all approvals' under Settings, Merge requests, Approval settings."
        )
    answer = client.send("GET", f"{root}/merge_requests/{iid}/approvals", APPROVALS).body
    found = reviews.gitlab(json.dumps(answer).encode(), "GitLab's answer", text_at(request, "sha"))
    unasked: dict[str, None] = {}
    members: dict[str, set[str]] = {}
    for group in _teams(report):
        try:
            place = f"/groups/{quote(group.removeprefix('@'), safe='')}/members/all"
            rows = _all(client, place, APPROVALS)
            members[group] = {plain_name(text_at(row, "username")) for row in rows}
        except RefusedError:
            unasked[group] = None
    approvals = tuple(
        msgspec.structs.replace(
            one, teams=tuple(group for group, people in members.items() if plain_name(one.who) in people)
        )
        for one in found
    )
    opened = text_at(request, "author", "username")
    return Given(approvals, (opened,) if opened else (), tuple(unasked))


def _teams(report: Report) -> tuple[str, ...]:
    """Teams that may give a sign-off of the report."""
    names = (name for asked in report.sign_offs for name in asked.people)
    return tuple(dict.fromkeys(name for name in names if name.startswith("@") and "/" in name))


def _all(client: Client, path: str, asked: Asked) -> list[Any]:
    rows = list(client.pages(path, asked))
    if len(rows) >= MAX_PAGES * PAGE:
        raise PublishError(
            f"There are {len(rows)} entries or more: nobody can tell which review was the last."
        )
    return rows
