"""GitHub: job summary, one comment, a check run with annotations, SARIF for code scanning."""

import base64
import gzip
import os
from collections.abc import Mapping
from pathlib import Path

from harness.model.report import Report
from harness.publish import check_run
from harness.publish.event import Event, read_event
from harness.publish.http import MAX_PAGES, PAGE, Asked, Client, Host
from harness.publish.interface import (
    PublishError,
    Settings,
    check_commit,
    number_at,
    publish_parts,
    text_at,
)
from harness.publish.sticky import Comments, upsert
from harness.report import markdown, sarif
from harness.report.escape import markdown_code

COMMENT = Asked("write the comment", "`pull-requests: write`")
CHECK = Asked("make the check run", "`checks: write`")
SARIF = Asked("take the SARIF file", "`security-events: write`, and code scanning must be on")
PULL = Asked("show the pull request", "`pull-requests: read`")
MAX_SUMMARY = 1_000_000


def publish(
    report: Report, environment: Mapping[str, str], settings: Settings, host: Host | None = None
) -> list[str]:
    """Publish a report from a GitHub workflow; the sentences that say what was done.

    Raises PublishError before anything is sent where the report is not of the event's commit,
    and at the end where a part failed.
    """
    event = read_event(environment)
    check_commit(report, event.commit, "the event is")
    client = Client(host or host_of(environment))
    try:
        publisher = _GitHub(client, report, event, settings)
        parts = [
            ("summary", lambda: _summary(report, environment)),
            ("comment", publisher.comment),
            ("check", publisher.check),
            ("sarif", publisher.sarif),
        ]
        return publish_parts(parts, settings.skip)
    finally:
        client.close()


def host_of(environment: Mapping[str, str]) -> Host:
    """The API and the token that the environment names."""
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or ""
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "Authorization": f"Bearer {token}",
    }
    base = environment.get("GITHUB_API_URL") or "https://api.github.com"
    return Host("GitHub", base, headers if token.isascii() else {}, token, "GITHUB_TOKEN")


class _GitHub:
    def __init__(self, client: Client, report: Report, event: Event, settings: Settings) -> None:
        self._client, self._report, self._event, self._settings = client, report, event, settings
        self._root = f"/repos/{event.repository}"
        self._pull: int | None = None
        self._altered: str | None = None

    def comment(self) -> str:
        number = self._number()
        if not number:
            return f"No open pull request has {self._event.commit[:12]} as its head: no comment."
        comments = f"{self._root}/issues/{number}/comments"

        def create(body: str) -> None:
            self._client.send("POST", comments, COMMENT, {"body": body}, repeatable=False)

        def update(known: int, body: str) -> None:
            path = f"{self._root}/issues/comments/{known}"
            self._client.send("PATCH", path, COMMENT, {"body": body})

        how = upsert(self._client, Comments(lambda: self._own_comment(comments), create, update), self._body)
        return f"Comment {how} on #{number}."

    def check(self) -> str:
        body = check_run.render(self._report, self._event, self._settings.name, self._alteration())
        self._client.send("POST", f"{self._root}/check-runs", CHECK, body)
        return f"Check run {body['conclusion']} on {self._event.commit[:12]}."

    def sarif(self) -> str:
        number, event = self._number(), self._event
        ref = f"refs/pull/{number}/head" if number else event.ref
        if not ref:
            return "No reference holds this commit: no SARIF upload."
        packed = base64.b64encode(gzip.compress(sarif.render(self._report), mtime=0)).decode()
        body = {"commit_sha": event.commit, "ref": ref, "sarif": packed, "tool_name": "change-harness"}
        self._client.send("POST", f"{self._root}/code-scanning/sarifs", SARIF, body)
        return f"SARIF uploaded for {ref}."

    def _own_comment(self, path: str) -> int | None:
        """Only a comment of our own account counts: anyone can write the marker."""
        for comment in self._client.pages(path, COMMENT):
            ours = text_at(comment, "user", "login") == self._settings.author
            if ours and text_at(comment, "body").startswith(markdown.MARKER):
                return number_at(comment, "id")
        return None

    def _number(self) -> int:
        """The open pull request whose head is this commit; 0 when it has moved on."""
        if self._pull is None:
            self._pull = self._asked_number()
        return self._pull

    def _asked_number(self) -> int:
        event = self._event
        if event.number:
            found = self._client.send("GET", f"{self._root}/pulls/{event.number}", PULL).body
            candidates = [found]
        elif event.head:
            query: dict[str, str | int] = {"state": "open", "head": event.head, "per_page": PAGE}
            body = self._client.send("GET", f"{self._root}/pulls", PULL, query=query).body
            candidates = body if isinstance(body, list) else []
        else:
            return 0
        fitting = [one for one in candidates if text_at(one, "head", "sha") == event.commit]
        return next((number_at(one, "number") for one in fitting if one.get("state") == "open"), 0)

    def _alteration(self) -> str:
        """The path by which the change alters how it is verified, else empty. Second stage only."""
        if self._altered is None:
            self._altered = self._asked_alteration()
        return self._altered

    def _asked_alteration(self) -> str:
        number, workflow = self._number(), self._event.workflow
        if not number or not workflow:
            return ""
        seen = 0
        for file in self._client.pages(f"{self._root}/pulls/{number}/files", PULL):
            seen += 1
            for path in (text_at(file, "filename"), text_at(file, "previous_filename")):
                if path == workflow or path.startswith(".github/actions/"):
                    return path
        return workflow if seen >= MAX_PAGES * PAGE else ""  # GitHub lists no more: it cannot be told

    def _body(self, limit: int) -> str:
        altered = self._alteration()
        if not altered:
            return markdown.render(self._report, limit)
        note = (
            f"⚠️ This change alters {markdown_code(altered, 200)}, which verifies it: "
            "what follows may be forged.\n\n"
        )
        rest = markdown.render(self._report, limit - len(note) - 1).removeprefix(markdown.MARKER)
        return f"{markdown.MARKER}\n{note}{rest.lstrip()}"


def _summary(report: Report, environment: Mapping[str, str]) -> str:
    path = environment.get("GITHUB_STEP_SUMMARY", "")
    if not path:
        return "No job summary: GITHUB_STEP_SUMMARY is not set."
    content = markdown.render(report).encode("utf-8", "backslashreplace")[:MAX_SUMMARY]
    try:
        with Path(path).open("ab") as stream:
            stream.write(content)
    except OSError as problem:
        raise PublishError(
            f"The job summary cannot be written ({os.strerror(problem.errno or 5)})."
        ) from None
    return "Job summary written."
