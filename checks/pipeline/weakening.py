"""Checks that base's pipelines made and that head's no longer make, or that no longer block."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.check.interface import Severity

from .commands import ACTIONS, WORDS, left_out, lines_of, lowest_coverage, swallows, verifies
from .dangers import Danger
from .model import Job, Pipeline, Step

Pipelines = Mapping[str, Pipeline]
_EVENTS = ("pull_request", "pull_request_target", "merge_group")


def _weight(kinds: set[str]) -> Severity:
    return "high" if "tests" in kinds else "medium"


def said_of(kinds: set[str]) -> str:
    """The kinds as the beginning of a sentence."""
    return " and ".join(WORDS[kind] for kind in WORDS if kind in kinds) or "A check"


def verification(step: Step) -> set[str]:
    """The kinds of verification that a step runs."""
    kinds = {kind for _, line in lines_of(step.run) for kind in verifies(line)}
    return kinds | {kind for kind, pattern in ACTIONS.items() if pattern.search(step.action)}


def kinds_of(job: Job) -> set[str]:
    """The kinds of verification that a job runs."""
    return {kind for step in job.steps if not _never(step) for kind in verification(step)}


def _never(step: Step) -> bool:
    return step.condition.strip().strip("${}() ").lower() == "false"


def no_longer_blocking(base: Pipeline | None, head: Pipeline) -> Iterator[Danger]:
    """Steps and jobs whose failure newly does not count, and tests newly left out."""
    old_jobs = {job.id: job for job in base.jobs} if base else {}
    old_lines = _verifying_lines(base)
    for job in head.jobs:
        before = old_jobs.get(job.id)
        kinds = kinds_of(job)
        if job.may_fail and kinds and (before is None or not before.may_fail) and not _may_fail(base, kinds):
            yield _ignored(f"job '{job.id}'", kinds, job.line, f"Job '{job.id}' may fail")
        old_steps = {_identity(step): step for step in before.steps} if before else {}
        for step in job.steps:
            own, was = verification(step), old_steps.get(_identity(step))
            if step.may_fail and own and not (was and was.may_fail) and not _may_fail(base, own):
                yield _ignored(f"job '{job.id}'", own, step.line, f"A step of job '{job.id}' may fail")
            yield from _lines(job, step, old_lines)


def weakened_script(base: Pipeline | None, head: Pipeline) -> Iterator[Danger]:
    """Targets and scripts that verified on base and whose failure newly does not count.

    Who calls them is not known, so they weigh less than a step of the pipeline; further targets are nobody's check.
    """
    old = {job.id: job for job in base.jobs} if base else {}
    for job in head.jobs:
        before = old.get(job.id)
        if base is None or before is None or not kinds_of(job) & kinds_of(before):
            continue
        one, other = replace(base, jobs=(before,)), replace(head, jobs=(job,))
        for danger in no_longer_blocking(one, other):
            yield replace(danger, weight="medium")


def _may_fail(base: Pipeline | None, kinds: set[str]) -> bool:
    """Whether base already lets a check of these kinds fail, under another name of job or step."""
    if base is None:
        return False
    return any(
        (job.may_fail and kinds <= kinds_of(job))
        or any(step.may_fail and kinds <= verification(step) for step in job.steps)
        for job in base.jobs
    )


def _identity(step: Step) -> str:
    return step.name or step.action or " ".join(step.run.split())


def _verifying_lines(base: Pipeline | None) -> dict[str, list[str]]:
    """Base's command lines by the kind that they verify."""
    found: dict[str, list[str]] = {}
    for job in base.jobs if base else ():
        for step in job.steps:
            for _, line in lines_of(step.run):
                for kind in verifies(line):
                    found.setdefault(kind, []).append(line)
    return found


def _lines(job: Job, step: Step, old: Mapping[str, Sequence[str]]) -> Iterator[Danger]:
    lenient = False
    for offset, line in lines_of(step.run):
        lenient = lenient or line.startswith("set +e")
        kinds, number = verifies(line), step.run_line + offset + ("\n" in step.run)
        if not kinds:
            continue
        before = [one for kind in kinds for one in old.get(kind, ())]
        if (swallows(line) or lenient) and not any(swallows(one) for one in before):
            yield _ignored(
                f"job '{job.id}'", kinds, number, f"In job '{job.id}' '{line[:100]}' succeeds in any case"
            )
        if before:
            yield from _less(job, line, before, number)


def _less(job: Job, line: str, before: Sequence[str], number: int) -> Iterator[Danger]:
    """A test command that leaves out more, or demands less coverage, than every one of base."""
    new = left_out(line) - {option for one in before for option in left_out(one)}
    if new:
        yield Danger(
            "pipeline-tests-left-out", f"{job.id}:{sorted(new)}", number, "medium", "The pipeline leaves tests out",
            f"The test command of job '{job.id}' newly has {', '.join(sorted(new))[:120]}: these tests run nowhere.",
            "Run all tests, or say in the test itself why it is skipped.",
        )  # fmt: skip
    demanded = [value for value in map(lowest_coverage, before) if value is not None]
    now = lowest_coverage(line)
    if demanded and (now is None or now < min(demanded)):
        yield Danger(
            "pipeline-coverage-lowered", job.id, number, "medium", "The pipeline demands less coverage",
            f"Base demands {min(demanded):g} %, head {'nothing' if now is None else f'{now:g} %'}.",
            "Keep the demand.",
        )  # fmt: skip


def _ignored(where: str, kinds: set[str], line: int, how: str) -> Danger:
    return Danger(
        "pipeline-check-ignored", f"{where}:{sorted(kinds)}", line, _weight(kinds),
        f"{said_of(kinds)} can fail without stopping the pipeline",
        f"{how}, so a change that breaks what is checked here is accepted.",
        "Let a failure stop the pipeline; mend or quarantine single unstable tests instead.", ("CWE-390",),
    )  # fmt: skip


def lost_checks(base: Pipelines, head: Pipelines) -> Iterator[tuple[str, Danger]]:
    """(path, danger) for kinds of checks that base's pipelines run and none of head's does.

    All files count together, so that a check may move. Nothing is said when head newly calls
    something that may hold the check: a reusable workflow, a local action, make, a script.
    """
    had, has = _places(base), _places(head)
    delegates = _delegated(head) - _delegated(base)
    for kind, places in had.items():
        if kind in has or delegates:
            continue
        path, line = next(iter(places))
        yield path, Danger(
            "pipeline-check-removed", kind, line if path in head else 1, _weight({kind}),
            f"{WORDS[kind]} no longer {'run' if kind == 'tests' else 'runs'} in the pipeline",
            f"Base runs {WORDS[kind].lower()} in {path}; no pipeline of head does.",
            "Keep the job, or name in the change what replaces it.",
        )  # fmt: skip
    if "tests" in had and "tests" in has:
        yield from _lost_events(had["tests"], has["tests"], base, head)


def _places(pipelines: Pipelines) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for path, pipeline in pipelines.items():
        for job in pipeline.jobs:
            for kind in () if job.off else kinds_of(job):
                found.setdefault(kind, []).append((path, job.line))
    return found


def _delegated(pipelines: Pipelines) -> set[str]:
    called: set[str] = set()
    for pipeline in pipelines.values():
        for job in pipeline.jobs:
            if job.uses:
                called.add(job.uses.partition("@")[0])
            for step in job.steps:
                if step.uses.startswith("."):
                    called.add(step.uses)
                words = [line.split()[0] for _, line in lines_of(step.run) if line.split()]
                called |= {
                    word
                    for word in words
                    if word in ("make", "just", "task", "invoke", "nox", "tox", "hatch")
                }
                called |= {word for word in words if word.startswith(("./", "scripts/", "ci/", "bash", "sh"))}
    return called


def _lost_events(
    had: Sequence[tuple[str, int]], has: Sequence[tuple[str, int]], base: Pipelines, head: Pipelines
) -> Iterator[tuple[str, Danger]]:
    """Tests that ran for pull requests and now only run at other times."""
    before = {event for path, _ in had for event in _events(base, path) if event in _EVENTS}
    after = {event for path, _ in has for event in _events(head, path)}
    github = all(head[path].kind == "github" for path, _ in has)
    if before and github and not after.intersection({*_EVENTS, "push"}):
        path, line = has[0]
        yield path, Danger(
            "pipeline-check-removed", "tests:pull_request", line, "high", "The tests no longer run for pull requests",
            "Base runs the tests for every pull request; head runs them only on other events.",
            "Keep pull_request among the events.",
        )  # fmt: skip


def _events(pipelines: Pipelines, path: str) -> set[str]:
    """What starts a pipeline: its own events, and for a reusable one those of all that call it."""
    pending, seen, events = [path], set[str](), set[str]()
    while pending:
        one = pending.pop()
        if one in seen:
            continue
        seen.add(one)
        events |= set(pipelines[one].triggers)
        if "workflow_call" in pipelines[one].triggers:
            pending += [
                other for other, pipeline in pipelines.items()
                if any(job.uses.partition("@")[0].removeprefix("./") == one and not job.off for job in pipeline.jobs)
            ]  # fmt: skip
    return events
