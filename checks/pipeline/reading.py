"""GitHub workflows, composite actions and GitLab pipelines as :class:`Pipeline`."""

import re
from pathlib import PurePosixPath

from harness.check.documents import Node, read_yaml

from .model import Job, Kind, Pipeline, Step
from .scripts import is_script, read_script
from .vendors import read_jenkinsfile, read_vendor, vendor_of

_GITLAB_WORDS = frozenset(
    ["default", "include", "stages", "variables", "workflow", "cache", "image", "services", "spec"]
)


def kind_of(path: str) -> Kind | None:
    """What a file is by its path, None when it is no pipeline."""
    pure = PurePosixPath(path)
    if is_script(path):
        return "script"
    vendor = vendor_of(path)
    if vendor:
        return vendor
    if pure.suffix not in (".yml", ".yaml"):
        return None
    if pure.parent.as_posix().endswith(".github/workflows"):
        return "github"
    if pure.stem == "action":
        return "action"
    if pure.name.endswith((".gitlab-ci.yml", ".gitlab-ci.yaml")):
        return "gitlab"
    return None


def read_pipeline(path: str, text: str) -> Pipeline:
    """The pipeline of a file whose kind is known. Raises UnreadableError."""
    kind = kind_of(path)
    if kind == "script":
        return read_script(path, text)
    if kind == "jenkins":
        return read_jenkinsfile(path, text)
    root = read_yaml(text)
    if kind == "gitlab":
        return _gitlab(path, root)
    if kind in ("circle", "azure", "bitbucket"):
        return read_vendor(path, kind, root)
    if kind == "action":
        steps = tuple(_step(item) for item in root["runs"]["steps"].items)
        return Pipeline(path, "action", jobs=(Job("runs", root.line_of("runs"), steps),) if steps else ())
    return _github(path, root)


def _github(path: str, root: Node) -> Pipeline:
    on = root["on"] if "on" in root else root["true"]
    triggers = {word: on.line_of(word) if on.table else on.line for word in on.words()}
    jobs = tuple(_job(name, node, root["jobs"].line_of(name)) for name, node in root["jobs"].table.items())
    return Pipeline(
        path, "github", triggers, jobs, _permissions(root), root.line_of("permissions"), _texts(root["env"]),
        filters={word: _filters(on[word]) for word in triggers},
    )  # fmt: skip


def _filters(event: Node) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(event[name].words()) for name in ("paths", "paths-ignore", "branches") if name in event
    }


def _job(name: str, node: Node, line: int) -> Job:
    environment = node["environment"]
    return Job(
        id=name,
        line=line,
        steps=tuple(_step(item) for item in node["steps"].items),
        needs=tuple(node["needs"].words()),
        condition=node["if"].plain,
        may_fail=node["continue-on-error"].plain.lower() == "true",
        uses=node["uses"].plain,
        inherits_secrets=node["secrets"].plain == "inherit",
        environment=environment.plain or environment["name"].plain,
        runners=tuple(node["runs-on"].words()),
        permissions=_permissions(node),
        permissions_line=node.line_of("permissions"),
        env=_texts(node["env"]),
    )


def _step(node: Node) -> Step:
    run = node["run"]
    return Step(
        line=node.line,
        name=node["name"].plain,
        uses=node["uses"].plain,
        run=run.plain,
        run_line=node.line_of("run"),
        condition=node["if"].plain,
        may_fail=node["continue-on-error"].plain.lower() == "true",
        values=_texts(node["with"]),
        env=_texts(node["env"]),
    )


def _texts(node: Node) -> dict[str, str]:
    return {key: value.plain for key, value in node.table.items() if value.text is not None}


def _permissions(node: Node) -> dict[str, str] | None:
    if "permissions" not in node:
        return None
    rights = node["permissions"]
    if rights.text is not None:
        return {"all": rights.plain.removesuffix("-all")}
    return _texts(rights)


def _gitlab(path: str, root: Node) -> Pipeline:
    jobs = []
    for name, node in root.table.items():
        if name in _GITLAB_WORDS or name.startswith(".") or not node.table:
            continue
        jobs.append(_gitlab_job(name, node, root))
    remote = [
        (item["remote"].plain, item["remote"].line)
        for item in (root["include"].items or (root["include"],))
        if item["remote"].plain
    ]
    texts = [(item.plain, item.line) for item in root["include"].items if re.match(r"https?://", item.plain)]
    return Pipeline(path, "gitlab", jobs=tuple(jobs), remote_includes=tuple(remote + texts))


def _gitlab_job(name: str, node: Node, root: Node) -> Job:
    steps = []
    for key in ("before_script", "script", "after_script"):
        for item in node[key].items or ((node[key],) if node[key].text else ()):
            if item.text is not None:
                steps.append(Step(item.line, run=item.plain, run_line=item.line))
    allow = node["allow_failure"]
    return Job(
        id=name,
        line=root.line_of(name),
        steps=tuple(steps),
        needs=tuple(item.plain or item["job"].plain for item in node["needs"].items),
        condition="never" if node["when"].plain == "never" else "",
        may_fail=allow.plain.lower() == "true",
        manual=node["when"].plain == "manual" or _by_hand(node["rules"]),
        environment=node["environment"].plain or node["environment"]["name"].plain,
    )


def _by_hand(rules: Node) -> bool:
    """Whether every rule by which a job is started wants a person to start it."""
    starts = [rule["when"].plain for rule in rules.items if rule["when"].plain != "never"]
    return bool(starts) and all(when == "manual" for when in starts)
