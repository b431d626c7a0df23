"""Checks that still stand in the pipeline, and that a change can now get around."""

import re
from collections.abc import Iterator, Sequence

from .dangers import Danger
from .model import Job, Pipeline
from .weakening import kinds_of, said_of

CODE = (
    ".py",
    ".js",
    ".ts",
    ".tsx",
    ".jsx",
    ".go",
    ".rs",
    ".java",
    ".kt",
    ".rb",
    ".php",
    ".c",
    ".cc",
    ".cpp",
    ".cs",
)
_AT_WILL = re.compile(
    r"\.labels\b|github\.(?:actor|triggering_actor)\b|\.user\.login\b|\.(?:title|body)\b|head_commit\.message|github\.head_ref\b"
    r"|CI_COMMIT_(?:MESSAGE|TITLE|DESCRIPTION)|CI_MERGE_REQUEST_(?:LABELS|TITLE)|GITLAB_USER_LOGIN"
)
_EVENTS = ("pull_request", "push", "merge_group")


def avoidable(base: Pipeline | None, head: Pipeline, files: Sequence[str]) -> Iterator[Danger]:
    """Conditions that the author of a change can make false, and filters that leave code out."""
    if base is None:
        return
    kinds = {kind for job in head.jobs for kind in kinds_of(job)}
    old = {job.id: job for job in base.jobs}
    for job in head.jobs:
        before = old.get(job.id)
        if before is not None:
            yield from _conditions(before, job)
    if kinds and head.kind == "github":
        yield from _filters(base, head, [path for path in files if path.endswith(CODE)], kinds)


def _conditions(before: Job, job: Job) -> Iterator[Danger]:
    known = " ".join([before.condition, *(step.condition for step in before.steps)])
    whole = kinds_of(job)
    for condition, kinds, line in [
        (job.condition, whole, job.line),
        *((step.condition, kinds_of(Job("", 1, (step,))), step.line) for step in job.steps),
    ]:
        found = _AT_WILL.search(condition)
        if kinds and found and condition not in known:
            yield Danger(
                "pipeline-check-avoidable", f"{job.id}:{condition}"[:300], line, "medium",
                f"{said_of(kinds)} can be left out by whoever makes the change",
                f"In job '{job.id}' they newly depend on '{condition.strip()[:120]}', which the author decides.",
                "Let the checks run for every change.", ("CWE-693",),
            )  # fmt: skip


def _filters(base: Pipeline, head: Pipeline, code: Sequence[str], kinds: set[str]) -> Iterator[Danger]:
    for event in _EVENTS:
        if event not in base.triggers or event not in head.triggers or not code:
            continue
        before, after = (_left_out(one.filters.get(event, {}), code) for one in (base, head))
        if len(after) > len(before) and after - before:
            example = min(after - before)
            yield Danger(
                "pipeline-check-avoidable", f"filter {event}", head.triggers[event], "medium",
                f"{said_of(kinds)} no longer start for all code",
                f"The filter of '{event}' newly leaves out {len(after - before)} file(s) of code, {example[:120]} one "
                "of them: a change of only those is not verified.",
                "Leave out documents only.", ("CWE-693",),
            )  # fmt: skip
            return


def _left_out(filters: dict[str, tuple[str, ...]], code: Sequence[str]) -> set[str]:
    """Files of code whose change starts nothing. A list of paths that names most of the code is meant so."""
    ignored = [_pattern(one) for one in filters.get("paths-ignore", ())]
    found = {path for path in code if any(one.fullmatch(path) for one in ignored)}
    if "paths" in filters:
        wanted = [(one.startswith("!"), _pattern(one.lstrip("!"))) for one in filters["paths"]]
        missed = {path for path in code if not _wanted(path, wanted)}
        found |= missed if len(missed) > len(code) / 2 else set()
    return found


def _wanted(path: str, patterns: Sequence[tuple[bool, re.Pattern[str]]]) -> bool:
    wanted = False
    for negated, pattern in patterns:
        if pattern.fullmatch(path):
            wanted = not negated
    return wanted


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of GitHub's filters."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", text[:300])
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts))
