"""What every host's publisher shares: its parts, its errors, and that each part gets its turn."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import HarnessError
from harness.model.report import Report

PARTS = ("summary", "comment", "check", "sarif")
"""``check`` is a check run on GitHub and a commit status on GitLab; ``sarif`` is GitHub's alone."""
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

Part = tuple[str, Callable[[], str]]


class PublishError(HarnessError):
    """A host refused or cannot be reached, or the report is not of the commit at hand."""


class CutError(PublishError):
    """A request may have been carried out or not: the connection broke, or the host failed (5xx)."""


@dataclass(frozen=True)
class Settings:
    """``author``: login of the account that comments; ``name``: what the check is called."""

    author: str = "github-actions[bot]"
    name: str = "change-harness"
    skip: frozenset[str] = frozenset()


def publish_parts(parts: Iterable[Part], skip: Collection[str]) -> list[str]:
    """Carry out the parts one by one; the sentences that say what was done.

    A part that fails does not keep the next one from its turn. Raises PublishError at the end,
    with all that failed and all that was done.
    """
    done: list[str] = []
    failed: list[str] = []
    for name, action in parts:
        if name in skip:
            continue
        try:
            done.append(action())
        except PublishError as problem:
            failed.append(str(problem))
    if failed:
        told = f" Published nevertheless: {' '.join(done)}" if done else " Nothing else was published."
        raise PublishError(" ".join(failed) + told)
    return done


def check_commit(report: Report, commit: str, source: str) -> None:
    """Raise PublishError unless the report is of this very commit; ``source`` names who said so."""
    if not _COMMIT.fullmatch(commit):
        raise PublishError(f"{source} names no commit; publish from the job that the host started.")
    if report.change.worktree:
        raise PublishError(
            "The report is of files on disk, not of a commit; run `harness verify` without --worktree."
        )
    if report.change.head != commit:
        raise PublishError(
            f"The report is of commit {_shown(report.change.head)} and {source} of {commit[:12]}: it was altered or "
            "belongs to another run. Nothing was published; verify this commit and publish that report."
        )


def _shown(commit: str) -> str:
    return commit[:12] if _COMMIT.fullmatch(commit) else "(none)"


def text_at(value: Any, *keys: str) -> str:
    """The text at a path of nested tables, empty where anything is missing or of another type."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def number_at(value: Any, *keys: str) -> int:
    """The whole number at a path of nested tables, 0 where anything is missing or of another type."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
