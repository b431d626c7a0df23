"""Objects that the manifests of a tree declare, and what kustomizations do with them."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.check.documents import Node, UnreadableError, read_documents
from harness.check.interface import Snapshot

SUFFIXES = (".yaml", ".yml", ".json")
KUSTOMIZATION = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MAX_BYTES = 400_000
MAX_FILES = 600
MAX_OTHERS = 1_500_000
TEMPLATE = re.compile(r"\{\{[-\s]*[.$\w(]")
LOOKS = re.compile(r"(?m)^\s*[\"']?kind[\"']?\s*:")


@dataclass(frozen=True)
class Object:
    """One object of a manifest. ``namespace`` is empty where the manifest names none."""

    path: str
    node: Node

    @property
    def kind(self) -> str:
        return self.node["kind"].plain

    @property
    def group(self) -> str:
        """The API group without its version, so that a newer version is the same object."""
        version = self.node["apiVersion"].plain
        return version.rpartition("/")[0]

    @property
    def name(self) -> str:
        metadata = self.node["metadata"]
        return metadata["name"].plain or metadata["generateName"].plain

    @property
    def namespace(self) -> str:
        return self.node["metadata"]["namespace"].plain

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.namespace if self.namespace != "default" else "", self.name

    @property
    def title(self) -> str:
        return f"{self.kind} {self.namespace + '/' if self.namespace else ''}{self.name}"

    @property
    def line(self) -> int:
        return self.node.line_of("kind")


@dataclass
class Tree:
    """What the read files of one side declare. ``problems`` says by path what could not be read."""

    objects: dict[str, list[Object]] = field(default_factory=dict)
    kustomizations: dict[str, Node] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)

    def patches(self) -> set[str]:
        """Files that kustomizations use as patches or values: no objects of their own."""
        found = set()
        for path, node in self.kustomizations.items():
            for name in _patch_files(node):
                found.add(_joined(path, name))
        return found


def candidates(snapshot: Snapshot, changed: Iterable[str]) -> list[str]:
    """Paths of a tree that may hold manifests, by name; those beside a changed file first."""
    folders = {posixpath.dirname(path) for path in changed}
    found = [
        entry.path
        for entry in snapshot.entries
        if entry.kind == "file"
        and (entry.path.endswith(SUFFIXES) or posixpath.basename(entry.path) in KUSTOMIZATION)
    ]
    return sorted(found, key=lambda path: (posixpath.dirname(path) not in folders, path))[:MAX_FILES]


def read(snapshot: Snapshot, changed: Iterable[str], others: Iterable[str]) -> Tree:
    """The objects of the changed files, and of others as far as ``MAX_OTHERS`` bytes go."""
    tree = Tree()
    wanted = dict.fromkeys(changed)
    left = MAX_OTHERS
    for path in dict.fromkeys([*wanted, *others]):
        text = snapshot.read_text(path, MAX_BYTES + 1) if path in wanted or left > 0 else None
        if text is None or not (LOOKS.search(text) or posixpath.basename(path) in KUSTOMIZATION):
            continue
        left -= 0 if path in wanted else len(text)
        if len(text) > MAX_BYTES:
            tree.problems[path] = f"it is larger than {MAX_BYTES:,} bytes"
        elif TEMPLATE.search(text):
            tree.templates.append(path)
        else:
            _add(tree, path, text)
    for path in tree.patches():
        tree.objects.pop(path, None)
    return tree


def _add(tree: Tree, path: str, text: str) -> None:
    try:
        documents = read_documents(text)
    except UnreadableError as problem:
        tree.problems[path] = str(problem)
        return
    if posixpath.basename(path) in KUSTOMIZATION:
        tree.kustomizations[path] = documents[0] if documents else Node()
        return
    found = [Object(path, node) for document in documents for node in _flat(document)]
    objects = [one for one in found if one.kind and one.name and one.node["apiVersion"].plain]
    if objects:
        tree.objects[path] = objects


def _flat(node: Node) -> Iterator[Node]:
    if node["kind"].plain.endswith("List") and node["items"].items:
        yield from node["items"].items
    else:
        yield node


def _patch_files(node: Node) -> Iterator[str]:
    yield from node["patchesStrategicMerge"].words()
    for name in ("patches", "patchesJson6902", "replacements"):
        yield from (item["path"].plain for item in node[name].items if item["path"].plain)


def resources(tree: Tree, path: str, depth: int = 0) -> dict[str, None]:
    """Files that a kustomization applies, through its bases."""
    node = tree.kustomizations.get(path, Node())
    found: dict[str, None] = {}
    for key in ("resources", "bases", "components"):
        for name in node[key].words():
            target = _joined(path, name)
            nested = [f"{target}/{one}" for one in KUSTOMIZATION if f"{target}/{one}" in tree.kustomizations]
            if nested and depth < 8:
                found.update(resources(tree, nested[0], depth + 1))
            elif not nested:
                found[target] = None
    return found


def _joined(path: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))


def texts(node: Node) -> Mapping[tuple[str, ...], str]:
    """Every scalar below by its path; items of lists that have a ``name`` go by it."""
    found: dict[tuple[str, ...], str] = {}
    _texts(node, (), found)
    return found


def _texts(node: Node, path: tuple[str, ...], found: dict[tuple[str, ...], str]) -> None:
    if node.text is not None:
        found[path] = node.text
    for index, item in enumerate(node.items):
        named = item["name"].plain or item["metadata"]["name"].plain
        _texts(item, (*path, named or str(index)), found)
    for name, child in node.table.items():
        _texts(child, (*path, name), found)


def shown(path: Sequence[str]) -> str:
    """A path as a person writes it."""
    return ".".join(path)
