"""Which object of head is which of base: by file, by name, through kustomizations."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.check.interface import Change

from .objects import Object, Tree, resources, texts


@dataclass(frozen=True)
class Pair:
    """An object on base, on head, or both. ``renamed`` is what seems to have taken a deleted one's place."""

    base: Object | None
    head: Object | None
    renamed: Object | None = None


def pairs(change: Change, base: Tree, head: Tree, charts: Sequence[str] = ()) -> Iterator[Pair]:
    """Objects of the changed files on both sides. What moved to another changed file is the same object.

    ``charts`` are folders of Helm charts: every template may change with the chart's values.
    """
    paths = {file.path: file.old_path or file.path for file in change.files if file.status != "deleted"}
    gone = {file.path for file in change.files if file.status == "deleted"}
    for path in {*base.objects, *head.objects}:
        if path not in paths and any(path.startswith(f"{chart}/" if chart else "") for chart in charts):
            paths[path] = path
    before = {path: base.objects.get(path, []) for path in {*paths.values(), *gone}}
    fresh = [one for path in paths for one in head.objects.get(path, [])]
    used: set[int] = set()
    for new, old in paths.items():
        for one in head.objects.get(new, []):
            match = _match(one, before.get(old, [])) or _moved(one, before, head, used)
            if match is not None:
                used.add(id(match))
                yield Pair(match, one)
            else:
                yield Pair(None, one)
    known = {one.key for objects in before.values() for one in objects}
    for objects in before.values():
        for one in objects:
            if id(one) not in used and not _elsewhere(one, head):
                yield Pair(one, None, _renamed(one, fresh, known))


def _match(one: Object, candidates: Sequence[Object]) -> Object | None:
    return next((c for c in candidates if c.key == one.key), None) or next(
        (
            c
            for c in candidates
            if (c.kind, c.name) == (one.kind, one.name) and not (c.namespace and one.namespace)
        ),
        None,
    )


def _moved(one: Object, before: dict[str, list[Object]], head: Tree, used: set[int]) -> Object | None:
    for path, objects in before.items():
        still = {other.key for other in head.objects.get(path, [])}
        found = _match(one, [c for c in objects if id(c) not in used and c.key not in still])
        if found is not None:
            return found
    return None


def _elsewhere(one: Object, head: Tree) -> bool:
    """Whether an unchanged file of the same folder still declares it."""
    folder = one.path.rpartition("/")[0]
    return any(
        other.key == one.key
        for path, objects in head.objects.items()
        if path.rpartition("/")[0] == folder
        for other in objects
    )


def _renamed(one: Object, fresh: Iterable[Object], known: set[tuple[str, str, str]]) -> Object | None:
    found = [other for other in fresh if other.kind == one.kind and other.key not in known]
    return found[0] if len(found) == 1 else None


def unlisted(base: Tree, head: Tree) -> Iterator[Object]:
    """Objects that a kustomization applied on base and no longer does, though their file is still there."""
    for path in base.kustomizations:
        if path not in head.kustomizations or base.kustomizations[path] == head.kustomizations[path]:
            continue
        now = {one.key for name in resources(head, path) for one in head.objects.get(name, [])}
        for name in resources(base, path):
            still = head.objects.get(name, [])
            for one in base.objects.get(name, []):
                if one.key not in now and any(other.key == one.key for other in still):
                    yield one


def renaming(base: Tree, head: Tree) -> Iterator[tuple[str, str, list[Object], int]]:
    """(kustomization, its changed field, objects that get another name or selector by it, line)."""
    for path, before in base.kustomizations.items():
        after = head.kustomizations.get(path)
        if after is None:
            continue
        for name in ("namePrefix", "nameSuffix", "namespace", "commonLabels"):
            if before[name] != after[name] and _plain(before[name]) != _plain(after[name]):
                files = {**resources(base, path)}
                objects = [one for file in files for one in head.objects.get(file, [])]
                yield path, name, objects, after.line_of(name)


def _plain(node: object) -> object:
    table = getattr(node, "table", {})
    return {key: value.text for key, value in table.items()} if table else getattr(node, "text", None)


UNBUILT = (
    "patches", "patchesStrategicMerge", "patchesJson6902", "replicas", "replacements", "transformers", "helmCharts",
)  # fmt: skip


def unbuilt(base: Tree, head: Tree, changed: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(path, field) of the changed kustomizations and patch files whose effect only a build would show."""
    patches = base.patches() | head.patches()
    for path in changed:
        before, after = base.kustomizations.get(path), head.kustomizations.get(path)
        if path in patches:
            yield path, "patch"
        elif before is not None and after is not None:
            yield from ((path, name) for name in UNBUILT if texts(before[name]) != texts(after[name]))
