"""Pipelines of CircleCI, Azure and Bitbucket as :class:`Pipeline`, and Jenkinsfiles as far as their steps tell."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.check.documents import Node

from .model import Job, Kind, Pipeline, Step

_AZURE = ("script", "bash", "pwsh", "powershell")
_STAGE = re.compile(r"\bstage\s*\(\s*['\"]([^'\"]{1,80})['\"]\s*\)")
_SHELL = re.compile(
    r"\b(?:sh|bat|pwsh)\s*\(?\s*(?:script\s*:\s*)?(\"\"\"|'''|\"|')(.*?)\1", re.DOTALL
)  # fmt: skip
_TOLERANT = re.compile(r"\bcatchError\b|\bwarnError\b|returnStatus\s*:\s*true|\bunstable\s*\(")


def vendor_of(path: str) -> Kind | None:
    """Whose pipeline a file is, None when it is of none of these."""
    pure = PurePosixPath(path)
    if pure.name.startswith("Jenkinsfile") or pure.suffix == ".jenkinsfile":
        return "jenkins"
    if pure.suffix not in (".yml", ".yaml"):
        return None
    if pure.parent.name == ".circleci":
        return "circle"
    if (
        pure.name.startswith(("azure-pipelines", ".azure-pipelines"))
        or pure.parent.name == ".azure-pipelines"
    ):
        return "azure"
    return "bitbucket" if pure.stem == "bitbucket-pipelines" else None


def read_vendor(path: str, kind: Kind, root: Node) -> Pipeline:
    """The jobs of a pipeline in YAML."""
    jobs = {"circle": _circle, "azure": _azure, "bitbucket": _bitbucket}[kind]
    return Pipeline(path, kind, jobs=tuple(jobs(root)))


def _circle(root: Node) -> Iterator[Job]:
    held: dict[str, str] = {}
    for workflow in root["workflows"].table.values():
        for one in workflow["jobs"].items:
            for name, options in one.table.items():
                held[options["name"].plain or name] = options["type"].plain
    for name, node in root["jobs"].table.items():
        yield Job(name, root["jobs"].line_of(name), tuple(_circle_steps(node["steps"])))
    for name, kind in held.items():
        if kind == "approval":
            yield Job(name, 1, manual=True)


def _circle_steps(steps: Node) -> Iterator[Step]:
    for one in steps.items:
        run = one["run"]
        text = run.plain or run["command"].plain
        if text:
            yield Step(
                one.line, run["name"].plain, run=text, run_line=(run["command"] if run.table else run).line
            )


def _azure(root: Node, prefix: str = "") -> Iterator[Job]:
    steps = tuple(_azure_steps(root["steps"]))
    if steps:
        yield Job(
            prefix or "steps", root.line_of("steps"), steps, condition=_azure_condition(root),
            may_fail=root["continueOnError"].plain.lower() == "true",
        )  # fmt: skip
    for key in ("stages", "jobs"):
        for number, one in enumerate(root[key].items):
            name = one["stage"].plain or one["job"].plain or one["deployment"].plain or f"{key} {number}"
            yield from _azure(one, f"{prefix}/{name}".strip("/"))


def _azure_steps(steps: Node) -> Iterator[Step]:
    for one in steps.items:
        run = next((one[key] for key in _AZURE if key in one), Node())
        yield Step(
            one.line, one["displayName"].plain, one["task"].plain, run.plain, run.line or one.line,
            _azure_condition(one), one["continueOnError"].plain.lower() == "true",
        )  # fmt: skip


def _azure_condition(node: Node) -> str:
    return "" if node["condition"].plain in ("always()", "succeeded()") else node["condition"].plain


def _bitbucket(root: Node) -> Iterator[Job]:
    for name, node in root["pipelines"].table.items():
        for key, steps in [("", node), *node.table.items()]:
            for number, step in enumerate(_bitbucket_steps(steps)):
                script = tuple(
                    Step(one.line, run=one.plain, run_line=one.line) for one in step["script"].items
                )
                identity = step["name"].plain or str(number)
                yield Job(
                    f"{name} {key} {identity}".replace("  ", " "), step.line, script,
                    manual=step["trigger"].plain == "manual", environment=step["deployment"].plain,
                )  # fmt: skip


def _bitbucket_steps(steps: Node) -> Iterator[Node]:
    for one in steps.items:
        if "step" in one:
            yield one["step"]
        for inner in one["parallel"].items or one["parallel"]["steps"].items:
            yield inner["step"]


def read_jenkinsfile(path: str, text: str) -> Pipeline:
    """Stages with the commands that they give a shell; a stage with ``input`` waits for a person."""
    text = re.sub(r"(?m)//(?<!:).*$|/\*.*?\*/", lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    marks = list(_STAGE.finditer(text))
    jobs = []
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        body = text[mark.end() : end]
        line = text.count("\n", 0, mark.start()) + 1
        steps = []
        for found in _SHELL.finditer(body):
            number = line + body.count("\n", 0, found.start())
            steps.append(Step(number, run=found[2], run_line=number))
        manual = bool(re.search(r"\binput\b\s*(?:\{|\(|message|['\"])", body))
        jobs.append(Job(mark[1], line, tuple(steps), may_fail=bool(_TOLERANT.search(body)), manual=manual))
    return Pipeline(path, "jenkins", jobs=tuple(jobs))
