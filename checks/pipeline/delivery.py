"""What leaves the pipeline: releases of code that nobody reviewed, the environment sent elsewhere."""

import re
from collections.abc import Iterator

from .commands import lines_of
from .dangers import Danger
from .model import Job, Pipeline, Step

_RELEASES = re.compile(
    r"\btwine upload\b|\b(?:poetry|uv|flit|hatch|pdm|cargo|npm|yarn|pnpm) publish\b|\bgh release create\b"
    r"|\bterraform apply\b|\btofu apply\b"
)
_ACTIONS = re.compile(r"pypa/gh-action-pypi-publish|softprops/action-gh-release|JS-DevTools/npm-publish")
_REHEARSAL = re.compile(r"--dry-run|test\.pypi\.org|testpypi")
_SENDS = re.compile(r"\b(?:curl|wget|nc|ncat|http|https)\s")
_ENVIRONMENT = re.compile(
    r"\$\(\s*(?:env|printenv|set)\b|\b(?:env|printenv)\s*\||/proc/(?:self|\d+|\*)/environ|\.git-credentials|\.netrc\b"
    r"|\.ssh/|\.aws/credentials|\.docker/config\.json|\.npmrc\b|toJSON\(\s*(?:secrets|env)\s*\)"
)


def delivered(base: Pipeline | None, head: Pipeline) -> Iterator[Danger]:
    """Steps of head that base lacks."""
    known = {danger.key for danger in _all(base)} if base else set()
    yield from (danger for danger in _all(head) if danger.key not in known)


def _all(pipeline: Pipeline) -> Iterator[Danger]:
    for job in pipeline.jobs:
        for step in job.steps:
            yield from _sent(job, step)
            if "pull_request" in pipeline.triggers and not (
                job.condition or step.condition or job.environment
            ):
                yield from _released(job, step)


def _released(job: Job, step: Step) -> Iterator[Danger]:
    text = f"{step.run} {' '.join(step.values.values())}"
    found = _RELEASES.search(step.run) or _ACTIONS.search(step.action)
    if found and not _REHEARSAL.search(text):
        yield Danger(
            "pipeline-delivers-unreviewed", f"{job.id}:{found[0]}", step.line, "medium",
            "A pull request is released before anyone agreed to it",
            f"Job '{job.id}' runs '{found[0]}' on pull_request without a condition: what it delivers was neither "
            "reviewed nor merged.",
            "Release from tags or the default branch, in an environment with approvals.", ("CWE-829",),
        )  # fmt: skip


def _sent(job: Job, step: Step) -> Iterator[Danger]:
    for offset, line in lines_of(step.run):
        what = _ENVIRONMENT.search(line) if _SENDS.search(line) else None
        if what:
            yield Danger(
                "pipeline-environment-sent", f"{job.id}:{' '.join(line.split())[:200]}", step.run_line + offset, "high",
                "The pipeline sends its environment or credentials elsewhere",
                f"'{line[:120]}' sends what {what[0].strip()[:60]} holds, tokens and secrets among it.",
                "Send only what the receiver needs, by name.", ("CWE-200", "CWE-522"),
            )  # fmt: skip
