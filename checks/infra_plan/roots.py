"""Which root modules a change touches, and with which values each is planned."""

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.model.change import Change

from .configuration import Configuration

MAX_VARIANTS = 3
SAME_SHARE = 0.5
RELEVANT = (
    ".tf", ".tofu", ".tf.json", ".tfvars", ".tfvars.json", ".tftpl", ".tpl", ".json", ".yaml", ".yml",
    ".sh", ".policy", ".terraform.lock.hcl",
)  # fmt: skip


@dataclass(frozen=True)
class Root:
    """A root module on both sides; the folders differ when head moved it.

    ``files`` are variable files that terraform does not load by itself, by repository path.
    """

    base: str
    head: str
    files: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.head + (
            f" ({', '.join(posixpath.basename(f) for f in self.files)})" if self.files else ""
        )


def touched(base: Configuration, head: Configuration, change: Change) -> list[Root]:
    """Root modules that the change reaches by their own files, a module's or a values file's."""
    changed = {path for file in change.files for path in (file.path, file.old_path) if path}
    found: list[Root] = []
    for before, after in _pairs(base, head):
        folders = set(base.reachable(before)) | set(head.reachable(after))
        if any(_belongs(path, folders) for path in changed):
            found.extend(Root(before, after, files) for files in variants(base, head, before, after, changed))
    return sorted(
        found, key=lambda root: "prod" not in root.label.lower()
    )  # production first: there is a limit


def _belongs(path: str, folders: Iterable[str]) -> bool:
    if not path.endswith(RELEVANT):
        return False
    parent = posixpath.dirname(path) or "."
    return any(parent == folder or (folder != "." and parent.startswith(folder + "/")) for folder in folders)


def _pairs(base: Configuration, head: Configuration) -> list[tuple[str, str]]:
    """(folder on base, folder on head): the same folder, or one that was moved as a whole."""
    before, after = base.roots(), head.roots()
    pairs = [(root, root) for root in before if root in after]
    gone = [root for root in before if root not in after]
    new = [root for root in after if root not in before]
    for root in gone:
        if root in head.folders:  # became a module of another root: planned where base had it
            target = next((r for r in new if root in head.reachable(r)), root)
        else:
            target = max(new, key=lambda r: _shared(base, root, head, r), default=root)
            if target != root and _shared(base, root, head, target) < SAME_SHARE:
                target = root
        pairs.append((root, target))
    taken = {target for _, target in pairs}
    return [*pairs, *((root, root) for root in new if root not in taken)]


def _shared(base: Configuration, before: str, head: Configuration, after: str) -> float:
    old, new = set(base.folders[before].resources), set(head.folders[after].resources)
    return len(old & new) / len(old) if old else 0.0


def variants(
    base: Configuration, head: Configuration, before: str, after: str, changed: set[str]
) -> list[tuple[str, ...]]:
    """Sets of variable files to plan with: none, changed ones, and production's if values are missing."""
    extra = sorted({p for p in (*base.values, *head.values) if _below(p, before) or _below(p, after)})
    extra = [
        path for path in extra if not loaded_by_itself(path, before) and not loaded_by_itself(path, after)
    ]
    chosen = [path for path in extra if path in changed]
    missing = unset(base, before, ()) | unset(head, after, ())
    if missing and not chosen and extra:
        chosen = sorted(extra, key=lambda path: "prod" not in path.lower())[:1]
    if not chosen:
        return [()]
    own = [()] if not missing else []
    return [*own, *((path,) for path in chosen)][:MAX_VARIANTS]


def _below(path: str, folder: str) -> bool:
    return folder == "." or path.startswith(folder + "/")


def loaded_by_itself(path: str, root: str) -> bool:
    """Whether terraform loads a variables file of a root module without being told."""
    name = posixpath.basename(path)
    own = (posixpath.dirname(path) or ".") == root
    return own and (
        name.removesuffix(".json") == "terraform.tfvars"
        or name.endswith((".auto.tfvars", ".auto.tfvars.json"))
    )


def value_files(configuration: Configuration, root: str, chosen: Sequence[str]) -> tuple[str, ...]:
    """Every values file that applies, in order of precedence; only those that this side has."""
    own = sorted(
        (p for p in configuration.values if loaded_by_itself(p, root)),
        key=lambda p: (not posixpath.basename(p).startswith("terraform.tfvars"), p),
    )
    return (*own, *(path for path in chosen if path in configuration.values))


def unset(configuration: Configuration, root: str, chosen: Sequence[str]) -> set[str]:
    """Names of a root's variables that have no default and that no values file sets."""
    folder = configuration.folders.get(root)
    if folder is None:
        return set()
    known = {n for path in value_files(configuration, root, chosen) for n in configuration.values[path]}
    return {n for n, (_, block) in folder.variables.items() if "default" not in block.attributes} - known
