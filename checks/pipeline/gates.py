"""Gates before a delivery: checks, a person, an environment's approval."""

from collections.abc import Iterator

from .dangers import Danger
from .model import Job, Pipeline
from .weakening import kinds_of

_DELIVERS = ("deploy", "publish", "release", "upload", "push")


def gates_opened(base: Pipeline | None, head: Pipeline) -> Iterator[Danger]:
    """Delivering jobs that no longer wait for the checks or for an environment's approval."""
    old = {job.id: job for job in base.jobs} if base else {}
    for job in head.jobs:
        before = old.get(job.id)
        if not base or before is None:
            continue
        if _delivers(job) and _waits(base, before) and not _waits(head, job) and not kinds_of(job):
            yield Danger(
                "pipeline-gate-opened", job.id, job.line, "medium", f"'{job.id[:60]}' no longer waits for the checks",
                f"On base '{job.id}' only starts when the jobs that check the code have passed; on head it does not.",
                "Keep the checking jobs under 'needs'.",
            )  # fmt: skip
        if before.manual and not job.manual and _delivers(job):
            yield Danger(
                "pipeline-gate-opened", f"{job.id}:manual", job.line, "medium",
                f"'{job.id[:60]}' no longer waits for a person",
                f"On base somebody starts '{job.id}' by hand; on head it starts by itself.",
                "Keep 'when: manual', or an environment with approvals.",
            )  # fmt: skip
        if before.environment and not job.environment:
            yield Danger(
                "pipeline-environment-dropped", job.id, job.line, "medium",
                f"Job '{job.id[:60]}' leaves its protected environment",
                f"Base runs '{job.id}' in the environment '{before.environment[:60]}', whose approvals and limits on "
                "branches no longer hold.", "Keep the environment.",
            )  # fmt: skip


def _delivers(job: Job) -> bool:
    text = " ".join(
        [job.id, *(step.name for step in job.steps), *(step.action for step in job.steps)]
    ).lower()
    return any(word in text for word in _DELIVERS)


def _waits(pipeline: Pipeline, job: Job) -> bool:
    """Whether a job comes after one that verifies, over any number of jobs."""
    jobs = {one.id: one for one in pipeline.jobs}
    pending, seen = list(job.needs), set[str]()
    while pending:
        name = pending.pop()
        if name in seen or name not in jobs:
            continue
        seen.add(name)
        if kinds_of(jobs[name]) or jobs[name].uses:
            return True
        pending += jobs[name].needs
    return False
