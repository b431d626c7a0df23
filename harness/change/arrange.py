"""Trees made of parts of a repository's tree, as git trees in the shadow: content-addressed as well.

The tree of a project is the one of its folder, so it has the same id, the same snapshot and the same
kept results in every change that leaves it alone. What it needs of other projects lies in ``.needs``.
"""

import os
from collections.abc import Callable, Mapping, Sequence

from harness.change.git import OBJECT_ID, Shadow

NEEDS = ".needs"
"""Folder of a project's tree that holds the trees of the projects that it needs, by name."""
_FOLDER = b"040000 tree "


def folder_tree(shadow: Shadow, tree: str, folder: str) -> str | None:
    """Id of the tree at ``folder`` of ``tree``, None when there is no such folder."""
    listed = shadow.run("ls-tree", "-z", "-d", "--full-tree", tree, folder).split(b"\0")
    for record in listed:
        meta, _, name = record.partition(b"\t")
        if name == os.fsencode(folder) and meta.startswith(_FOLDER):
            found = meta[len(_FOLDER) :].decode()
            return found if OBJECT_ID.fullmatch(found) else None
    return None


def project_tree(shadow: Shadow, tree: str, root: str, needs: Mapping[str, str]) -> str | None:
    """The tree of a project, with what it needs (name to folder); None when ``root`` is no folder of ``tree``."""
    own = folder_tree(shadow, tree, root)
    if own is None or not needs:
        return own
    parts = {name: folder_tree(shadow, tree, folder) for name, folder in needs.items()}
    beside = _with(shadow, empty_tree(shadow), {name.encode(): found for name, found in parts.items()})
    return _with(shadow, own, {NEEDS.encode(): beside})


def tree_without(shadow: Shadow, tree: str, paths: Sequence[str]) -> str:
    """``tree`` without some folders and files that do not lie in each other."""
    gone: dict[bytes, str | None] = {}
    deeper: dict[str, list[str]] = {}
    for path in paths:
        first, _, rest = path.partition("/")
        if rest:
            deeper.setdefault(first, []).append(rest)
        else:
            gone[os.fsencode(first)] = None
    for first, rests in deeper.items():
        inner = folder_tree(shadow, tree, first)
        if inner is not None:
            gone[os.fsencode(first)] = tree_without(shadow, inner, rests)
    return _with(shadow, tree, gone)


def paths_where(shadow: Shadow, tree: str, chosen: Callable[[str], bool]) -> list[str]:
    """Paths of the chosen files; in the place of those that fill a folder, the folder."""
    listed = shadow.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", tree).split(b"\0")
    paths = [os.fsdecode(name) for name in listed if name]
    kept, gone = set[str](), []
    for path in paths:
        if chosen(path):
            gone.append(path)
        else:
            kept.update(_folders(path))
    whole = {next((folder for folder in _folders(path) if folder not in kept), path) for path in gone}
    return sorted(whole)


def _folders(path: str) -> list[str]:
    """The folders that a path lies in, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _with(shadow: Shadow, tree: str, folders: Mapping[bytes, str | None]) -> str:
    """``tree`` with some of its entries replaced by trees, or taken out where the id is None."""
    kept = [
        record
        for record in shadow.run("ls-tree", "-z", "--full-tree", tree).split(b"\0")
        if record and record.partition(b"\t")[2] not in folders
    ]
    placed = [_FOLDER + found.encode() + b"\t" + name for name, found in folders.items() if found]
    return _write(shadow, [*kept, *placed])


def _write(shadow: Shadow, records: Sequence[bytes]) -> str:
    # --missing: what a partial clone lacks is told when the snapshot is made, by name.
    content = b"".join(record + b"\0" for record in records)
    return shadow.run("mktree", "-z", "--missing", stdin=content).decode().strip()


def empty_tree(shadow: Shadow) -> str:
    """Id of the tree that holds nothing."""
    return _write(shadow, [])
