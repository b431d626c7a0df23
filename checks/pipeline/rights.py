"""Rights, secrets and pins: what head's pipelines allow that base's did not."""

import re
from collections.abc import Iterator, Mapping

from harness.check.interface import Severity

from .dangers import OUTSIDE, PRIVILEGED, Danger, ref_kind, runs_artifact
from .model import Pipeline

_GRAVE = frozenset(
    ["contents", "actions", "packages", "id-token", "deployments", "all", "security-events", "attestations"]
)
_REPORTING = frozenset(["checks", "issues", "pull-requests", "security-events", "statuses"])
"""Rights that let a job speak about a change, and alter nothing that is delivered."""
_FETCHES = re.compile(r"\bgit (?:clone|fetch|pull|checkout)\b|\bgh (?:repo clone|pr checkout)\b")
_PUBLIC_OWNERS = ("actions/", "github/")


def rights_grown(base: Pipeline | None, head: Pipeline) -> Iterator[Danger]:
    """Rights of the token that base's job of the same name, or base's file, did not have."""
    if head.kind != "github":
        return
    if head.permissions is not None:
        before = base.permissions if base else None
        yield from _grown(
            head, "the workflow", before, head.permissions, head.permissions_line, new=base is None
        )
    elif base and base.permissions is not None and any(job.permissions is None for job in head.jobs):
        yield Danger(
            "pipeline-rights-unlimited", "workflow", 1, "medium", "The limit of the token's rights is gone",
            "Base limits what the token may do, head does not: every job gets the repository's default, often write.",
            "Keep 'permissions', with contents: read for the whole workflow.", ("CWE-250",),
        )  # fmt: skip
    old = {job.id: job for job in base.jobs} if base else {}
    for job in head.jobs:
        if job.permissions is not None:
            known = base.rights(old[job.id]) if base and job.id in old else None
            line, new = job.permissions_line, job.id not in old
            yield from _grown(head, f"job '{job.id}'", known, job.permissions, line, new=new)


def _grown(
    head: Pipeline,
    whose: str,
    before: Mapping[str, str] | None,
    after: Mapping[str, str],
    line: int,
    *,
    new: bool,
) -> Iterator[Danger]:
    """Rights gained, unless that is ordinary.

    Ordinary are a new job or file that asks for what it needs, and rights written down where
    base had the repository's default, which may be as wide: unless outsiders start the
    pipeline with its rights, or it asks for all of them. A new second stage (workflow_run) that has
    no code and only tells what a first one without rights found is how forks are verified safely.
    """
    risky, outside = PRIVILEGED & set(head.triggers), OUTSIDE & set(head.triggers)
    known = before or {}
    if known.get("all") == "write":
        return
    if after.get("all") == "write":
        yield _rights(whose, "every right (write-all)", line, "high" if outside else "medium")
        return
    gained = [name for name, value in after.items() if value == "write" and known.get(name) != "write"]
    if new and risky == {"workflow_run"} and _only_reads(head):
        gained = [name for name in gained if name not in _REPORTING]
    grave = ", ".join(f"{name}: write" for name in gained if name in _GRAVE)
    if grave and (risky or (before is not None and not new)):
        yield _rights(whose, grave, line, "high" if risky else "medium")
    elif gained and risky:
        yield _rights(whose, ", ".join(f"{name}: write" for name in gained), line, "low")


def _only_reads(head: Pipeline) -> bool:
    """Whether no job has code to run: neither a checkout nor files of an artifact that it executes."""
    if any("checkout" in use for use, _, _ in _uses(head)):
        return False
    return not any(
        runs_artifact(job) or any(_FETCHES.search(step.run) for step in job.steps) for job in head.jobs
    )


def _rights(whose: str, what: str, line: int, weight: Severity) -> Danger:
    return Danger(
        "pipeline-rights-grown", f"{whose}:{what}", line, weight, "The pipeline's token gets more rights",
        f"The token of {whose} newly has {what}"
        + (", and outsiders can start it." if weight == "high" else "."),
        "Give each job only the rights that it needs, and none for the whole workflow.", ("CWE-250", "CWE-269"),
    )  # fmt: skip


def unpinned_actions(base: Mapping[str, Pipeline], head: Pipeline) -> Iterator[Danger]:
    """Actions that lost their commit, and new foreign ones without one where base fixes commits."""
    before: dict[str, set[str]] = {}
    for action, ref, _ in (use for pipeline in base.values() for use in _uses(pipeline)):
        before.setdefault(action, set()).add(ref_kind(ref))
    kinds = [kind for found in before.values() for kind in found]
    habit = bool(kinds) and kinds.count("commit") >= 0.5 * len(kinds)
    for action, ref, line in _uses(head):
        if ref_kind(ref) != "tag":
            continue
        lost = before.get(action) == {"commit"}
        foreign = habit and action not in before and not action.startswith(_PUBLIC_OWNERS)
        if lost or foreign:
            yield Danger(
                "pipeline-action-unpinned", action, line, "medium" if lost and foreign else "low",
                f"{action[:80]} is {'no longer' if lost else 'not'} fixed to a commit",
                f"'{action}@{ref[:60]}' is a tag, which can be moved to other code; base fixes actions to commits.",
                "Give the full commit id, with the version as a comment.", ("CWE-829",),
            )  # fmt: skip


def _uses(pipeline: Pipeline) -> Iterator[tuple[str, str, int]]:
    for job in pipeline.jobs:
        for use, line in [(job.uses, job.line), *((step.uses, step.line) for step in job.steps)]:
            action, at, ref = use.partition("@")
            if at and not action.startswith((".", "docker://")):
                yield action, ref, line


def secrets_exposed(base: Pipeline | None, head: Pipeline) -> Iterator[Danger]:
    """Secrets that a pipeline which outsiders start newly uses."""
    events = sorted(PRIVILEGED & set(head.triggers))
    if not events:
        return
    old_events = PRIVILEGED & set(base.triggers) if base else frozenset()
    known = set(_secrets(base)) if base and old_events else set()
    for name, line in _secrets(head).items():
        if name not in known:
            yield Danger(
                "pipeline-secret-exposed", name, line, "medium", "A secret is used where outsiders start the pipeline",
                f"secrets.{name[:60]} is used in a workflow that {', '.join(events)} starts.",
                "Use it in a workflow that only members start.", ("CWE-522",),
            )  # fmt: skip


def _secrets(pipeline: Pipeline) -> dict[str, int]:
    found: dict[str, int] = {}
    for job in pipeline.jobs:
        for step in job.steps:
            for text in (step.run, *step.env.values(), *step.values.values(), *job.env.values()):
                for name in re.findall(r"\bsecrets\.([A-Za-z_]\w*)", text):
                    if name.upper() != "GITHUB_TOKEN":
                        found.setdefault(name, step.line)
    return found
