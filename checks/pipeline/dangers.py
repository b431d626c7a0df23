"""What is dangerous in one pipeline by itself. Both sides are judged; what only head has is reported."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.check.interface import Severity

from .commands import lines_of, runs_fetched_code
from .model import Job, Pipeline, Step

PRIVILEGED = frozenset(["pull_request_target", "workflow_run", "issue_comment", "issues", "discussion",
                        "discussion_comment", "fork"])  # fmt: skip
"""Events that outsiders cause and that run with the repository's rights and secrets."""
OUTSIDE = PRIVILEGED | {"pull_request", "pull_request_review", "pull_request_review_comment"}
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_UNTRUSTED = re.compile(
    r"github\.event\.(?:issue|pull_request|comment|review|discussion|review_comment)\.(?:title|body)\b"
    r"|github\.event\.pull_request\.head\.(?:ref|label|repo\.(?:default_branch|description|homepage))\b"
    r"|github\.event\.(?:head_commit|commits\[?[^.]*\]?(?:\.\*)?)\.(?:message|author\.(?:name|email))\b"
    r"|github\.event\.head_commit\.(?:committer\.(?:name|email))\b|github\.event\.pages\S*\.page_name\b"
    r"|github\.event\.workflow_run\.(?:head_branch|display_title|head_commit\.(?:message|author\.\w+)|head_repository\.\w+)\b"
    r"|github\.head_ref\b|github\.event\.(?:comment|review)\b(?!\.(?:id|user|author_association|html_url|node_id|url|state))"
)
_HEAD_CODE = re.compile(
    r"github\.event\.pull_request\.head\.(?:sha|ref)|github\.head_ref|refs/pull/|github\.event\.workflow_run\.head_"
    r"|github\.event\.pull_request\.merge_commit_sha|github\.event\.(?:issue|pull_request)?\.?number"
)
_CHECKS_OUT = re.compile(
    r"\bgh pr checkout\b|\bgit (?:fetch|checkout|pull)\b[^\n]*(?:refs/pull|pull/|head_ref|head\.(?:sha|ref))"
)
_UNPACKS = re.compile(r"\bgh run download\b|\bunzip\b|\btar\s+-?x")
_RUNS_FILES = re.compile(
    r"(?:^|[;&|]\s*)(?:sudo\s+)?(?:\./\S|(?:ba|da|z)?sh\s+(?!-c)\S|source\s+\S|\.\s+\S|python[\d.]*\s+(?!-)\S|node\s+(?!-)\S"
    r"|make\b|npm\s+(?:ci|install|run|test)\b|(?:yarn|pnpm)\b|pip\d?\s+install\s+(?:-e\s+)?\.|chmod\s+\+x)"
)
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_TAG = re.compile(r"v?\d+(?:\.\d+)*[\w.+-]*|[\w-]+[-/@]v?\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Danger:
    """One danger. ``key`` identifies it without line numbers; ``weight`` is its severity."""

    rule: str
    key: str
    line: int
    weight: Severity
    title: str
    message: str
    suggestion: str
    cwe: tuple[str, ...] = ()


def dangers(pipeline: Pipeline) -> Iterator[Danger]:
    """All dangers of one pipeline, in the order of its jobs."""
    privileged = sorted(PRIVILEGED & set(pipeline.triggers))
    for job in pipeline.jobs:
        if job.off:
            continue
        for step in job.steps:
            yield from _injections(pipeline, job, step)
            yield from _fetched(job, step)
            if privileged:
                yield from _foreign_code(pipeline, job, step, privileged)
            yield from _all_secrets(job, step)
            yield from _branch(step.action, step.ref, step.line)
        yield from _artifact_code(pipeline, job)
        yield from _branch(job.uses.partition("@")[0], job.uses.partition("@")[2], job.line)
        yield from _own_runner(pipeline, job)
        if job.inherits_secrets and OUTSIDE & set(pipeline.triggers):
            yield Danger(
                "pipeline-secrets-inherited", job.uses, job.line, "medium", "Another workflow gets all secrets",
                f"Job '{job.id}' gives every secret of the repository to {job.uses}, on an event that outsiders cause.",
                "Name the secrets that it needs.", ("CWE-522",),
            )  # fmt: skip
    for url, line in pipeline.remote_includes:
        yield Danger(
            "pipeline-remote-include", url, line, "medium", "Part of the pipeline is fetched from another server",
            f"{url[:120]} decides what runs here; whoever controls it runs code with the rights of the pipeline.",
            "Include a file of a project of your own, at a fixed commit.", ("CWE-829",),
        )  # fmt: skip


def _injections(pipeline: Pipeline, job: Job, step: Step) -> Iterator[Danger]:
    env = {**pipeline.env, **job.env, **step.env}
    script = step.run or (step.values.get("script", "") if "github-script" in step.action else "")
    for match in _EXPRESSION.finditer(script):
        value = match[1].strip()
        through = re.fullmatch(r"env\.(\w+)", value)
        if through:
            value = env.get(through[1], "")
        found = _UNTRUSTED.search(value)
        if not found or _harmless(value):
            continue
        line = (step.run_line if step.run else step.line) + script[: match.start()].count("\n")
        if step.run and "\n" in script:
            line += 1
        powerful = bool(PRIVILEGED & set(pipeline.triggers)) or pipeline.kind == "action"
        yield Danger(
            "pipeline-script-injection", f"{job.id}:{found[0]}", line, "critical" if powerful else "high",
            "Text of an outsider becomes part of a script",
            f"{found[0]} is pasted into the script before the shell reads it, so whoever writes it (anyone can open "
            "issues and pull requests) runs commands in this job.",
            "Put the value into env and use it as a quoted shell variable.", ("CWE-78", "CWE-94"),
        )  # fmt: skip


def _harmless(value: str) -> bool:
    """A comparison or a test gives true or false, whatever the text is."""
    return bool(re.match(r"(?:contains|startsWith|endsWith)\(", value)) or bool(
        re.search(r"[^=!]==|!=", value)
    )


def _foreign_code(pipeline: Pipeline, job: Job, step: Step, events: list[str]) -> Iterator[Danger]:
    reference = f"{step.values.get('ref', '')} {step.values.get('repository', '')}"
    by_action = "checkout" in step.action and bool(_HEAD_CODE.search(reference) or "head.repo" in reference)
    if not by_action and not _CHECKS_OUT.search(step.run):
        return
    rights = pipeline.rights(job)
    weak = rights is not None and not any(value == "write" for value in rights.values())
    yield Danger(
        "pipeline-foreign-code", job.id, step.line, "high" if weak else "critical",
        "Code of a pull request runs with the repository's rights",
        f"Job '{job.id}' is started by {', '.join(events)}, which gives it the repository's token and secrets even for "
        "forks, and it checks out the code of the pull request. Whoever opens one can take both.",
        "Use pull_request for jobs that run the code, and a second workflow without the code for what needs rights.",
        ("CWE-829", "CWE-94"),
    )  # fmt: skip


def runs_artifact(job: Job) -> Step | None:
    """The step that runs files after an artifact was unpacked over the workspace, if there is one."""
    unpacked = False
    for step in job.steps:
        if "download-artifact" in step.action or _UNPACKS.search(step.run):
            unpacked = True
        if unpacked and any(_RUNS_FILES.search(line) for _, line in lines_of(step.run)):
            return step
    return None


def _artifact_code(pipeline: Pipeline, job: Job) -> Iterator[Danger]:
    """A second stage that takes files of a first one, which forks can fill, and runs them."""
    step = runs_artifact(job) if "workflow_run" in pipeline.triggers else None
    if step is not None:
        yield Danger(
            "pipeline-artifact-code", job.id, step.run_line or step.line, "high",
            "Files of an outsider's run are executed with the repository's rights",
            f"Job '{job.id}' starts after another workflow, takes an artifact of it and runs files of the "
            "workspace. A pull request from a fork decides what is in the artifact, and the job has a token.",
            "Treat what is in an artifact as data: unpack it into a folder of its own and run nothing from there.",
            ("CWE-829", "CWE-94"),
        )  # fmt: skip


def _all_secrets(job: Job, step: Step) -> Iterator[Danger]:
    for text in (step.run, *step.values.values(), *step.env.values()):
        if re.search(r"toJSON\(\s*secrets\s*\)", text, re.IGNORECASE):
            yield Danger(
                "pipeline-all-secrets", job.id, step.line, "high", "A step gets all secrets",
                "toJSON(secrets) hands every secret of the repository to this step.",
                "Name the secrets that it needs.", ("CWE-522",),
            )  # fmt: skip
            return


def _fetched(job: Job, step: Step) -> Iterator[Danger]:
    for offset, line in lines_of(step.run):
        if runs_fetched_code(line):
            yield Danger(
                "pipeline-runs-fetched-code", f"{job.id}:{' '.join(line.split())[:200]}", step.run_line + offset,
                "medium", "A script from the network is run unseen",
                f"'{line[:120]}' runs whatever the server sends at that moment, with the rights of this job.",
                "Fetch a fixed version, check its digest, and run it then.", ("CWE-494", "CWE-829"),
            )  # fmt: skip


def ref_kind(ref: str) -> str:
    """``commit``, ``tag`` or ``branch``, as the text of a reference tells."""
    if _SHA.fullmatch(ref):
        return "commit"
    return "tag" if _TAG.fullmatch(ref) else "branch"


def _branch(action: str, ref: str, line: int) -> Iterator[Danger]:
    if not action or action.startswith((".", "docker://")) or "${{" in ref or ref_kind(ref) != "branch":
        return
    yield Danger(
        "pipeline-action-at-branch", action, line, "medium", f"{action[:80]} is used at a branch",
        f"'{action}@{ref[:60]}' is whatever its branch holds at that moment; whoever can push there runs code here.",
        "Give the full commit id, with the version as a comment.", ("CWE-829",),
    )  # fmt: skip


def _own_runner(pipeline: Pipeline, job: Job) -> Iterator[Danger]:
    if "self-hosted" in job.runners and OUTSIDE & set(pipeline.triggers):
        yield Danger(
            "pipeline-own-runner-for-outsiders", job.id, job.line, "medium", "Outsiders' code runs on an own machine",
            f"Job '{job.id}' runs pull requests on a self-hosted runner, which keeps what they leave behind.",
            "Use a hosted runner for events that outsiders cause.", ("CWE-653",),
        )  # fmt: skip
