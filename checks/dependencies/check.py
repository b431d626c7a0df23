"""Compares the packages that base and head name, file by file. Nothing is installed.

Nothing is looked up on the network, unless the policy on base says ``online = true``.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from harness.check.interface import CheckSkipped, Context, Draft, Outcome, Snapshot, Unverified

from .entries import Entry, Manifest
from .findings import (
    hash_changed,
    hash_dropped,
    hook_added,
    hook_moves,
    index_added,
    is_bounded,
    look_alike_added,
    source_added,
    unknown_added,
    unpinned,
)
from .imports import undeclared_imports
from .manifests import MAX_MANIFESTS, read_all, reader_of
from .names import is_known, look_alike
from .online import absent_packages, allowed, known_vulnerabilities
from .scripts import moves
from .vulnerabilities import vulnerable, wanted_versions

Known = set[tuple[str, str]]


def check(context: Context) -> Outcome:
    """New and changed packages of every changed manifest."""
    changed = [file for file in context.change.files if file.status != "deleted" and reader_of(file.path)]
    code = [file for file in context.change.files if file.status != "deleted" and file.path.endswith(".py")]
    if not changed and not code:
        raise CheckSkipped("no changed file names or imports packages")
    everywhere = read_all(context.base, _manifest_paths(context.base, context))
    head = read_all(context.head, [file.path for file in changed])
    old_paths = {file.path: file.old_path or file.path for file in changed}
    known: Known = {
        (entry.ecosystem, entry.name) for manifest in everywhere.values() for entry in manifest.entries
    }
    local = {name for manifest in (*everywhere.values(), *head.values()) for name in manifest.local}
    drafts: list[Draft] = []
    for path, manifest in head.items():
        before = everywhere.get(old_paths[path])
        drafts += _new_packages(manifest, known, local, everywhere.values())
        fixed = _fixed_elsewhere(path, {**everywhere, **head})
        changes = _changed(
            manifest, before or Manifest(path), everywhere.values(), fixed, new_file=before is None
        )
        held = _constrained(manifest, {**everywhere, **head})
        drafts += [one for one in changes if one.rule != "dependency-unpinned" or one.key not in held]
    if code:
        listed = [
            entry.path for entry in context.head.entries if entry.kind == "file" and reader_of(entry.path)
        ]
        drafts += undeclared_imports(context, read_all(context.head, listed or list(head)).values())
    found, unverified = vulnerable(context, head, everywhere, old_paths)
    if allowed(context):
        more, failed = _looked_up(drafts, head, everywhere, old_paths)
        found, unverified = [*found, *more], [*unverified, *failed]
    if len(head) >= MAX_MANIFESTS:
        unverified.append(Unverified("further manifests", f"only {MAX_MANIFESTS} are read"))
    return Outcome(findings=tuple(_once(drafts + found)), unverified=tuple(unverified))


def _looked_up(
    drafts: Iterable[Draft],
    head: Mapping[str, Manifest],
    base: Mapping[str, Manifest],
    old: Mapping[str, str],
) -> tuple[list[Draft], list[Unverified]]:
    """What the network says of the packages that are not well known, and of new versions."""
    doubtful = {one.key: one for one in drafts if one.rule in ("dependency-unknown", "dependency-affix")}
    new = [
        (entry.ecosystem, entry.name, path, entry.line)
        for path, manifest in head.items() for entry in manifest.entries if entry.name in doubtful
    ]  # fmt: skip
    absent, failed = absent_packages(new)
    vulnerable_ones, trouble = known_vulnerabilities(wanted_versions(head, base, old))
    return [*absent, *vulnerable_ones], [*failed, *trouble]


def _manifest_paths(snapshot: Snapshot, context: Context) -> list[str]:
    """All manifests of base; only those of the change where the tree's list is not known."""
    listed = [entry.path for entry in snapshot.entries if entry.kind == "file" and not entry.left_out]
    changed = [file.old_path or file.path for file in context.change.files]
    return list(dict.fromkeys(path for path in (*changed, *listed) if reader_of(path)))


def _new_packages(
    manifest: Manifest, known: Known, local: set[str], everywhere: Iterable[Manifest]
) -> Iterator[Draft]:
    private = any(index.kind != "trusted-host" for other in everywhere for index in other.indexes)
    for entry in manifest.entries:
        if (entry.ecosystem, entry.name) in known or entry.name in local or entry.source == "path":
            continue
        like = look_alike(entry.ecosystem, entry.name)
        if like:
            yield look_alike_added(manifest.path, entry, like)
        elif entry.source == "index" and not manifest.lock and not private and _unknown(entry):
            yield unknown_added(manifest.path, entry)


def _unknown(entry: Entry) -> bool:
    """Scoped npm names belong to an organisation; whether it is a known one cannot be told."""
    return is_known(entry.ecosystem, entry.name) is False and not entry.name.startswith("@")


def _changed(
    manifest: Manifest, before: Manifest, everywhere: Iterable[Manifest], fixed: set[str], *, new_file: bool
) -> Iterator[Draft]:
    old = {entry.name: entry for entry in before.entries}
    pins = _pins_by_habit(before)
    for entry in manifest.entries:
        was = old.get(entry.name)
        if entry.source in ("url", "vcs") and (was is None or _place(was) != _place(entry)):
            yield source_added(manifest.path, entry, was)
        elif entry.source == "index" and not entry.pinned and _asks_for_a_pin(manifest, entry, was, pins):
            yield unpinned(manifest.path, entry, was, locked=entry.name in fixed)
    yield from _hashes(manifest, before, old)
    other_files = [entry for entry in manifest.entries if _is_another_file(entry, old.get(entry.name))]
    if other_files:
        yield hash_changed(manifest.path, other_files)
    known_indexes = {index.url.rstrip("/") for other in everywhere for index in other.indexes}
    for index in manifest.indexes:
        if index.url.rstrip("/") not in known_indexes:
            yield from index_added(manifest.path, index, lock=manifest.lock)
    steady = {(hook.repository, hook.revision) for hook in before.commit_hooks}
    for hook in manifest.commit_hooks:
        if moves(hook) and (hook.repository, hook.revision) not in steady:
            yield hook_moves(manifest.path, hook)
    hooks = {(name, command) for name, command, _ in before.hooks}
    for name, command, line in manifest.hooks:
        if not new_file and (name, command) not in hooks:
            yield hook_added(manifest.path, name, command, line)


def _is_another_file(entry: Entry, was: Entry | None) -> bool:
    """The same version with none of the digests that base had: released files never change."""
    same = was is not None and entry.version is not None and was.version == entry.version
    return (
        same and was is not None and bool(entry.digests and was.digests) and not entry.digests & was.digests
    )


def _place(entry: Entry) -> str:
    """Where a package comes from without its version, so that a new tag of one place is no new place."""
    return entry.spec.partition("#")[0].rpartition("@")[0] if entry.source == "vcs" else entry.spec


def _asks_for_a_pin(manifest: Manifest, entry: Entry, was: Entry | None, pins: bool) -> bool:
    """A package of a file that pins, or one that base pinned. Bounds are usual in the metadata of a package."""
    if manifest.lock or was is None or not was.pinned:
        return pins and was is None
    return pins or manifest.path.endswith(".txt") or not is_bounded(entry)


def _fixed_elsewhere(path: str, manifests: Mapping[str, Manifest]) -> set[str]:
    """Packages whose version another file fixes: a lock file, constraints, compiled requirements."""
    return {
        entry.name
        for other, manifest in manifests.items() if other != path
        for entry in manifest.entries if manifest.lock or entry.pinned
    }  # fmt: skip


def _constrained(manifest: Manifest, manifests: Mapping[str, Manifest]) -> set[str]:
    """Packages whose version a file fixes that this one names for that (``-c constraints.txt``)."""
    folder = posixpath.dirname(manifest.path)
    named = {posixpath.normpath(posixpath.join(folder, path)) for path in manifest.constraints}
    return {
        entry.name
        for path in named & set(manifests) for entry in manifests[path].entries if entry.pinned
    }  # fmt: skip


def _pins_by_habit(before: Manifest) -> bool:
    """Whether base's file pins (nearly) all of its packages; a single one is no habit."""
    fixed = [entry.pinned for entry in before.entries if entry.source == "index"]
    return not before.lock and len(fixed) >= 2 and sum(fixed) >= 0.8 * len(fixed)


def _hashes(manifest: Manifest, before: Manifest, old: dict[str, Entry]) -> Iterator[Draft]:
    """One finding for the first package that lost its hash or that lacks one among hashed ones."""
    if not before.entries or sum(entry.hashed for entry in before.entries) < 0.8 * len(before.entries):
        return
    lost = [entry for entry in manifest.entries if not entry.hashed and entry.source == "index"]
    if manifest.lock:
        lost = [entry for entry in lost if entry.name in old and old[entry.name].hashed]
    if lost:
        yield hash_dropped(manifest.path, lost)


def _once(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """One finding a package and rule, at the first file that has it."""
    seen: set[tuple[str, str]] = set()
    for draft in drafts:
        if (draft.rule, draft.key) not in seen:
            seen.add((draft.rule, draft.key))
            yield draft
