"""The parts of a repository that are verified by themselves, and what they are called in the report.

Inside, everything of a project is told relative to its folder: that is what its sandboxes see, and what
is kept of its checks serves wherever the same trees meet again. Here it gets its place in the repository.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from harness.change.arrange import empty_tree, paths_where, project_tree, tree_without
from harness.change.git import Shadow
from harness.check.manifest import Manifest
from harness.config.project import ProjectConfig, all_needs
from harness.config.schema import Config
from harness.globs import matches
from harness.model.change import Change, ChangedFile
from harness.model.finding import Finding
from harness.model.report import Unverified
from harness.model.snapshot import Snapshot
from harness.replay.setup import SetUp


class Materialise(Protocol):
    """Makes the snapshot of a tree; what ``like`` has at the same paths is shared with it."""

    def __call__(self, tree: str, like: Snapshot | None = None) -> Snapshot: ...


@dataclass(frozen=True)
class Project:
    """A part of the repository: its name and its folder, both empty for the whole repository."""

    name: str = ""
    root: str = ""

    def label(self, check: str) -> str:
        """A check of this project, as a person is told."""
        return f"{check} ({self.name})" if self.name else check

    def path(self, path: str) -> str:
        """A path of the project's tree in the repository's."""
        return f"{self.root}/{path}" if self.root else path

    def finding(self, finding: Finding) -> Finding:
        """A finding of the project's tree as one of the repository; its fingerprint is another one."""
        if not self.root:
            return finding
        location = msgspec.structs.replace(finding.location, path=self.path(finding.location.path))
        mark = hashlib.sha256(f"{self.root}\x1f{finding.fingerprint}".encode()).hexdigest()[:32]
        return msgspec.structs.replace(finding, location=location, fingerprint=mark, project=self.name)

    def unverified(self, item: Unverified) -> Unverified:
        """What is not vouched for, with the project's name before it."""
        return msgspec.structs.replace(item, what=f"{self.name}: {item.what}") if self.name else item


WHOLE = Project()


@dataclass(frozen=True)
class Part:
    """What is verified together: a project, its part of the change, its trees, how its tests run.

    ``scope`` says which checks it gets: all of them, those that look at the repository as a whole, or
    those that run a project's code.
    """

    project: Project
    change: Change
    base: Snapshot
    head: Snapshot
    config: Config
    scope: str = "all"
    setup: SetUp = field(default_factory=SetUp)

    def takes(self, manifest: Manifest) -> bool:
        """Whether a check belongs here."""
        return self.scope in ("all", manifest.scope)


@dataclass(frozen=True)
class Parts:
    """The parts of a change, notes about them, and what cannot be verified."""

    parts: Sequence[Part]
    notes: Sequence[str] = ()
    unverified: Sequence[Unverified] = ()


def divide(shadow: Shadow, whole: Part, materialise: Materialise) -> Parts:
    """The parts of a change by ``[project.NAME]`` and ``[run] leave_out`` of its policy; without, the whole."""
    projects, left_out = whole.config.project, whole.config.run.leave_out
    if not projects and not left_out:
        return Parts([whole])
    parts = [Part(WHOLE, whole.change, whole.base, whole.head, whole.config, "repository")]
    whole = _seen(shadow, whole, left_out)
    if not projects:
        base = materialise(whole.change.base_tree, whole.base)
        part = replace(whole, base=base, head=materialise(whole.change.head_tree, whole.head))
        return Parts([*parts, part], _left_out(left_out))
    unverified = []
    touched = _touched(whole.change, projects)
    for name in touched:
        made = _part(shadow, whole, name, materialise)
        if isinstance(made, Unverified):
            unverified.append(made)
        else:
            parts.append(made)
    rest = _outside(whole.change, projects)
    if rest:
        parts.append(_rest(shadow, whole, rest, materialise))
    return Parts(parts, _notes(projects, touched, bool(rest)) + _left_out(left_out), unverified)


def _seen(shadow: Shadow, whole: Part, left_out: Sequence[str]) -> Part:
    """The change as the code under test sees it: its trees and files without what the policy leaves out.

    The snapshots are still those of the whole.
    """
    change = whole.change
    base, head = (without(shadow, tree, left_out) for tree in (change.base_tree, change.head_tree))
    files = tuple(_among(change.files, lambda path: None if matches(left_out, path) else path))
    seen = msgspec.structs.replace(change, base_tree=base, head_tree=head, files=files)
    return replace(whole, change=seen, scope="project")


def _left_out(globs: Sequence[str]) -> list[str]:
    return [f"code under test did not see {', '.join(globs)} (leave_out of the policy)"] if globs else []


def without(shadow: Shadow, tree: str, left_out: Sequence[str]) -> str:
    """Id of a tree without the files that match globs."""
    if not left_out:
        return tree
    return tree_without(shadow, tree, paths_where(shadow, tree, lambda path: matches(left_out, path)))


def trees_of(
    shadow: Shadow, projects: Mapping[str, ProjectConfig], name: str, base: str, head: str
) -> tuple[str | None, str | None]:
    """Ids of a project's trees on base and on head; the empty name is what lies outside all projects.

    ``base`` and ``head`` are the trees of the repository, without what the policy leaves out.
    """
    if not name:
        roots = [project.root for project in projects.values()]
        return tree_without(shadow, base, roots), tree_without(shadow, head, roots)
    needs = {need: projects[need].root for need in all_needs(projects, name)}
    root = projects[name].root
    return project_tree(shadow, base, root, needs), project_tree(shadow, head, root, needs)


def own_config(config: Config, project: ProjectConfig) -> Config:
    """The policy as it holds for one project."""
    sandbox = config.sandbox
    if project.setup is not None:
        sandbox = msgspec.structs.replace(sandbox, setup=project.setup)
    return msgspec.structs.replace(config, tests=project.tests or config.tests, sandbox=sandbox, project={})


def _part(shadow: Shadow, whole: Part, name: str, materialise: Materialise) -> Part | Unverified:
    projects, change = whole.config.project, whole.change
    config = projects[name]
    base, head = trees_of(shadow, projects, name, change.base_tree, change.head_tree)
    if head is None:
        return Unverified(
            f"project {name}", f"head has no folder {config.root}: nothing of it is left to run"
        )
    files = tuple(_inside(change.files, config.root))
    return Part(
        Project(name, config.root),
        msgspec.structs.replace(change, base_tree=base or empty_tree(shadow), head_tree=head, files=files),
        materialise(base or empty_tree(shadow)), materialise(head), own_config(whole.config, config), "project",
    )  # fmt: skip


def _rest(shadow: Shadow, whole: Part, files: Sequence[ChangedFile], materialise: Materialise) -> Part:
    """What no project holds, in a tree without them: their tests are not run once more."""
    change = whole.change
    base, head = trees_of(shadow, whole.config.project, "", change.base_tree, change.head_tree)
    assert base is not None
    assert head is not None
    config = msgspec.structs.replace(whole.config, project={})
    part = msgspec.structs.replace(change, base_tree=base, head_tree=head, files=tuple(files))
    return Part(WHOLE, part, materialise(base), materialise(head), config, "project")


def _touched(change: Change, projects: Mapping[str, ProjectConfig]) -> list[str]:
    """Names of projects that hold a changed file, or need one that does, sorted."""
    changed = {name for name, one in projects.items() if any(True for _ in _inside(change.files, one.root))}
    return sorted(name for name in projects if name in changed or changed & {*all_needs(projects, name)})


def _inside(files: Sequence[ChangedFile], root: str) -> Iterator[ChangedFile]:
    """The changed files below a folder, relative to it."""
    return _among(files, lambda path: _below(path, root))


def _among(files: Sequence[ChangedFile], place: Callable[[str], str | None]) -> Iterator[ChangedFile]:
    """The changed files that have a place in a part, as they are called there; what crosses its border comes
    or goes."""
    for file in files:
        here, before = place(file.path), place(file.old_path or file.path)
        if here is None and (before is None or file.status != "renamed"):
            continue
        if here is None:
            yield ChangedFile(before or "", "deleted", 0, file.removed, None, file.binary)
        elif file.status == "renamed" and before is None:
            yield ChangedFile(here, "added", file.added, 0, None, file.binary)
        else:
            yield msgspec.structs.replace(file, path=here, old_path=before if file.old_path else None)


def _below(path: str, root: str) -> str | None:
    return path[len(root) + 1 :] if path.startswith(f"{root}/") else None


def _outside(change: Change, projects: Mapping[str, ProjectConfig]) -> list[ChangedFile]:
    def lies(path: str) -> bool:
        return any(path.startswith(f"{one.root}/") for one in projects.values())

    return [file for file in change.files if not lies(file.path)]


def _notes(projects: Mapping[str, ProjectConfig], touched: Sequence[str], rest: bool) -> list[str]:
    shown = ", ".join(touched[:20]) + (f" and {len(touched) - 20} more" if len(touched) > 20 else "")
    others = len(projects) - len(touched)
    said = [f"projects verified: {shown or 'none'}; {others} not touched"]
    return [*said, *(["files outside all projects were verified by themselves"] if rest else [])]


__all__ = ["WHOLE", "Part", "Parts", "Project", "divide", "own_config", "trees_of", "without"]
