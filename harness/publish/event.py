"""What GitHub says of the run at hand: the repository, the commit, the pull request.

The event file and the environment are GitHub's own; texts in them (branch names) are still
the author's and only ever become query parameters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.publish.interface import PublishError, number_at, text_at

MAX_BYTES = 32 << 20
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True)
class Event:
    """The run at hand.

    ``number`` is 0 where the event names no pull request (always so for forks on workflow_run);
    then ``head`` (``owner:branch``) finds it. ``workflow`` is the path of the first stage's file.
    """

    repository: str
    commit: str
    number: int = 0
    head: str = ""
    ref: str = ""
    workflow: str = ""
    run_url: str = ""


def read_event(environment: Mapping[str, str]) -> Event:
    """The event of ``GITHUB_EVENT_PATH``. Raises PublishError where there is none that fits."""
    path = environment.get("GITHUB_EVENT_PATH", "")
    if not path:
        raise PublishError("GITHUB_EVENT_PATH is not set; run this in a GitHub workflow.")
    try:
        with Path(path).open("rb") as stream:
            table = msgspec.json.decode(stream.read(MAX_BYTES + 1))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise PublishError(
            "GITHUB_EVENT_PATH names no readable event; run this in a GitHub workflow."
        ) from None
    return event_of(table, environment)


def event_of(table: Any, environment: Mapping[str, str]) -> Event:
    """The event in a decoded event file. Raises PublishError."""
    repository = environment.get("GITHUB_REPOSITORY") or text_at(table, "repository", "full_name")
    if not _REPOSITORY.fullmatch(repository) or ".." in repository:
        raise PublishError("GITHUB_REPOSITORY names no repository (owner/name); set it for this step.")
    name = environment.get("GITHUB_EVENT_NAME", "")
    if name == "workflow_run":
        return _second_stage(table, repository)
    url = _run_url(environment, repository)
    if name in ("pull_request", "pull_request_review"):
        number = number_at(table, "pull_request", "number")
        commit = text_at(table, "pull_request", "head", "sha")
        return Event(repository, commit, number, ref=f"refs/pull/{number}/head", run_url=url)
    if name == "merge_group":
        commit, ref = text_at(table, "merge_group", "head_sha"), text_at(table, "merge_group", "head_ref")
        return Event(repository, commit, ref=ref, run_url=url)
    if name == "push":
        return Event(repository, text_at(table, "after"), ref=text_at(table, "ref"), run_url=url)
    raise PublishError(
        f"The event {name[:40]!r} is about no commit that was verified; use workflow_run, pull_request, "
        "pull_request_review, merge_group or push."
    )


def _second_stage(table: Any, repository: str) -> Event:
    run = table.get("workflow_run") if isinstance(table, dict) else None
    if not isinstance(run, dict):
        raise PublishError("The event holds no workflow_run; run this in a GitHub workflow.")
    if run.get("event") != "pull_request":
        raise PublishError(
            "The first stage was not started by a pull request; let the second one run after those only."
        )
    named = run.get("pull_requests")
    numbers = [number_at(one, "number") for one in named] if isinstance(named, list) else []
    number = numbers[0] if len(numbers) == 1 else 0
    owner, branch = text_at(run, "head_repository", "owner", "login"), text_at(run, "head_branch")
    return Event(
        repository=repository, commit=text_at(run, "head_sha"), number=number,
        head=f"{owner}:{branch}" if owner and branch else "",
        workflow=text_at(run, "path").partition("@")[0], run_url=text_at(run, "html_url"),
    )  # fmt: skip


def _run_url(environment: Mapping[str, str], repository: str) -> str:
    server, run = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_RUN_ID", "")
    return f"{server}/{repository}/actions/runs/{run}" if server and run.isdecimal() else ""
