"""Judges the pipelines of both sides and reports what head newly allows or no longer checks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from harness.check.documents import UnreadableError
from harness.check.interface import CheckSkipped, Context, Draft, Location, Outcome, Snapshot, Unverified

from .audits import audits
from .avoided import avoidable
from .dangers import Danger, dangers
from .delivery import delivered
from .gates import gates_opened
from .model import Pipeline
from .owners import NAME as OWNERS
from .owners import owners_dropped
from .reading import kind_of, read_pipeline
from .rights import rights_grown, secrets_exposed, unpinned_actions
from .weakening import lost_checks, no_longer_blocking, weakened_script

MAX_BYTES = 1_000_000
MAX_FILES = 300


def check(context: Context) -> Outcome:
    """Compare the changed pipelines one by one, and all pipelines together."""
    changed = [file for file in context.change.files if kind_of(file.path)]
    owners = list(_owners(context))
    if not changed and not any(OWNERS.search(file.path) for file in context.change.files):
        raise CheckSkipped("no changed file is a pipeline")
    base_paths = [file.old_path or file.path for file in changed if file.status != "added"]
    head_paths = [file.path for file in changed if file.status != "deleted"]
    base, base_problems = _read(context.base, base_paths)
    head, problems = _read(context.head, head_paths)
    found: list[tuple[str, Danger]] = owners
    files = [entry.path for entry in context.head.entries if entry.kind == "file"]
    for file in changed:
        before, after = base.get(file.old_path or file.path), head.get(file.path)
        if after:
            found += [(file.path, danger) for danger in _one(before, after, base, files)]
    if not problems and not base_problems:
        found += lost_checks(_pipelines(base), _pipelines(head))
    further, trouble = audits(context, *_texts(context))
    injected = {path for path, danger in found if danger.rule == "pipeline-script-injection"}
    found += [one for one in further if one[0] not in injected or one[1].rule != "zizmor-template-injection"]
    unverified = [Unverified(path, f"this pipeline cannot be read: {why}") for path, why in problems.items()]
    notes = [trouble] if trouble else []
    return Outcome(findings=tuple(_drafts(found)), unverified=tuple(unverified), notes=notes)


def _texts(context: Context) -> tuple[dict[str, str], dict[str, str]]:
    """Texts of base and of head of the changed pipelines, by their paths on head."""
    base, head = {}, {}
    for file in context.change.files:
        if kind_of(file.path) and file.status != "deleted":
            after = context.head.read_text(file.path, MAX_BYTES)
            before = context.base.read_text(file.old_path or file.path, MAX_BYTES)
            if after is not None:
                head[file.path] = after
            if before is not None and file.status != "added":
                base[file.path] = before
    return base, head


def _read(snapshot: Snapshot, changed: Iterable[str]) -> tuple[dict[str, Pipeline], dict[str, str]]:
    """(pipelines, reasons) by path: the changed ones and all others of the tree."""
    listed = [
        entry.path
        for entry in snapshot.entries if entry.kind == "file" and kind_of(entry.path) not in (None, "script")
    ]  # fmt: skip
    pipelines: dict[str, Pipeline] = {}
    problems: dict[str, str] = {}
    for path in list(dict.fromkeys([*changed, *listed]))[:MAX_FILES]:
        text = snapshot.read_text(path, MAX_BYTES)
        if text is None:
            continue
        try:
            pipelines[path] = read_pipeline(path, text)
        except UnreadableError as problem:
            problems[path] = str(problem)
    return pipelines, problems


def _owners(context: Context) -> Iterator[tuple[str, Danger]]:
    """What changed files of owners no longer say. On head such a file may lie elsewhere under its name."""
    files = [entry.path for entry in context.head.entries if entry.kind == "file"]
    for file in context.change.files:
        before = file.old_path or file.path
        if not OWNERS.search(before) or file.status == "added":
            continue
        gone = file.status == "deleted"
        now = next((path for path in files if OWNERS.search(path)), None) if gone else file.path
        head = context.head.read_text(now, MAX_BYTES) if now else None
        for danger in owners_dropped(context.base.read_text(before, MAX_BYTES) or "", head, files):
            yield now or file.path, danger


def _pipelines(found: dict[str, Pipeline]) -> dict[str, Pipeline]:
    return {path: pipeline for path, pipeline in found.items() if pipeline.kind != "script"}


def _one(
    base: Pipeline | None, head: Pipeline, all_base: dict[str, Pipeline], files: Sequence[str]
) -> Iterator[Danger]:
    if head.kind == "script":
        yield from weakened_script(base, head)
        return
    known = Counter(_identity(danger) for danger in dangers(base or Pipeline("", "github")))
    for danger in dangers(head):
        if known[_identity(danger)] > 0:
            known[_identity(danger)] -= 1
        else:
            yield danger
    yield from rights_grown(base, head)
    yield from unpinned_actions(all_base, head)
    yield from secrets_exposed(base, head)
    yield from no_longer_blocking(base, head)
    yield from gates_opened(base, head)
    yield from avoidable(base, head, files)
    yield from delivered(base, head)


def _identity(danger: Danger) -> tuple[str, str, str]:
    """With its weight: a danger that other events make worse is a new one."""
    return danger.rule, danger.key, danger.weight


def _drafts(found: Iterable[tuple[str, Danger]]) -> Iterator[Draft]:
    seen: set[tuple[str, str, str]] = set()
    for path, danger in found:
        key = (path, danger.rule, danger.key)
        if key in seen:
            continue
        seen.add(key)
        yield Draft(
            rule=danger.rule, category="pipeline", severity=danger.weight, title=danger.title[:160],
            message=danger.message, location=Location(path, danger.line), key=danger.key, cwe=danger.cwe,
            suggestion=danger.suggestion,
        )  # fmt: skip
