"""GitLab: one note on the merge request, and a status on its commit."""

import re
from collections.abc import Mapping
from typing import Any

from harness.model.report import Report
from harness.publish.http import Asked, Client, Host, RefusedError
from harness.publish.interface import (
    PublishError,
    Settings,
    check_commit,
    number_at,
    publish_parts,
    text_at,
)
from harness.publish.sticky import Comments, upsert
from harness.report import markdown, story
from harness.report.escape import one_line

NOTE = Asked("write the note", "the scope `api` and the role Reporter")
STATUS = Asked("set the status", "the scope `api` and the role Developer")
STATES = {"pass": "success", "review": "success", "block": "failed", "inconclusive": "failed"}
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


def publish(
    report: Report, environment: Mapping[str, str], settings: Settings, host: Host | None = None
) -> list[str]:
    """Publish a report from a GitLab pipeline; the sentences that say what was done.

    Raises PublishError before anything is sent where the report is not of the pipeline's commit,
    and at the end where a part failed.
    """
    # A merged-results pipeline runs on a commit of its own; the change's head stands elsewhere then.
    commit = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA", "")
    check_commit(report, commit, "the pipeline is")
    client = Client(host or host_of(environment))
    try:
        publisher = _GitLab(client, report, commit, environment, settings)
        return publish_parts([("comment", publisher.note), ("check", publisher.status)], settings.skip)
    finally:
        client.close()


def host_of(environment: Mapping[str, str]) -> Host:
    """The API and the token that the environment names."""
    token = environment.get("GITLAB_TOKEN", "")
    base = environment.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
    headers = {"PRIVATE-TOKEN": token} if token.isascii() else {}
    return Host("GitLab", base, headers, token, "GITLAB_TOKEN")


class _GitLab:
    def __init__(
        self, client: Client, report: Report, commit: str, environment: Mapping[str, str], settings: Settings
    ) -> None:
        self._client, self._report, self._commit, self._settings = client, report, commit, settings
        target = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or environment.get("CI_PROJECT_ID", "")
        self._target = number(target, "CI_PROJECT_ID")
        self._source = number(environment.get("CI_PROJECT_ID", ""), "CI_PROJECT_ID")
        self._iid = environment.get("CI_MERGE_REQUEST_IID", "")
        self._job_url = environment.get("CI_JOB_URL", "")
        self._pipeline = environment.get("CI_PIPELINE_ID", "")

    def note(self) -> str:
        if not self._iid:
            return "This pipeline is of no merge request: no note."
        request = f"/projects/{self._target}/merge_requests/{number(self._iid, 'CI_MERGE_REQUEST_IID')}"
        found = self._client.send("GET", request, NOTE).body
        if text_at(found, "sha") != self._commit:
            return f"The merge request !{self._iid} has moved on from {self._commit[:12]}: no note."
        user = number_at(self._client.send("GET", "/user", NOTE).body, "id")
        notes = f"{request}/notes"

        def create(body: str) -> None:
            self._client.send("POST", notes, NOTE, {"body": body}, repeatable=False)

        def update(known: int, body: str) -> None:
            self._client.send("PUT", f"{notes}/{known}", NOTE, {"body": body})

        comments = Comments(lambda: self._own_note(notes, user), create, update)
        how = upsert(self._client, comments, lambda limit: markdown.render(self._report, limit))
        return f"Note {how} on !{self._iid}."

    def status(self) -> str:
        state = STATES[self._report.outcome]
        body: dict[str, Any] = {
            "state": state,
            "name": self._settings.name,
            "description": one_line(f"{story.headline(self._report)}: {story.sentence(self._report)}", 200),
        }
        if self._job_url.startswith("https://"):
            body["target_url"] = self._job_url
        if _NUMBER.fullmatch(self._pipeline):
            body["pipeline_id"] = int(self._pipeline)
        try:
            self._client.send("POST", f"/projects/{self._source}/statuses/{self._commit}", STATUS, body)
        except RefusedError as problem:
            # So older versions answer to a status that is there already.
            if problem.status != 400 or "Cannot transition status" not in str(problem):
                raise
        return f"Status {state} on {self._commit[:12]}."

    def _own_note(self, path: str, user: int) -> int | None:
        """Only a note of the token's own account counts: anyone can write the marker."""
        for note in self._client.pages(path, NOTE, {"sort": "asc"}):
            if (
                user
                and number_at(note, "author", "id") == user
                and text_at(note, "body").startswith(markdown.MARKER)
            ):
                return number_at(note, "id")
        return None


def number(text: str, name: str) -> str:
    """``text`` where it is the digits of a whole number. Raises PublishError."""
    if not _NUMBER.fullmatch(text):
        raise PublishError(f"{name} is no number; run this in a GitLab merge request pipeline.")
    return text
