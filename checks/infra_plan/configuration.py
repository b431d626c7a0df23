"""What the Terraform files of one folder declare, and how folders hang together as modules."""

import hashlib
import posixpath
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.model.snapshot import Snapshot

from .hcl import Attribute, Block, Parsed, parse
from .overrides import merged

CODE = (".tf", ".tofu", ".tf.json", ".tofu.json")
VALUES = (".tfvars", ".tfvars.json")
SKIPPED_FOLDERS = {".terraform", ".git", "node_modules", "examples", "example", "test", "tests"}
MAX_FILES = 2000


@dataclass(frozen=True)
class Resource:
    """One resource block. ``path`` is relative to the repository."""

    type: str
    name: str
    path: str
    block: Block
    data: bool = False

    @property
    def address(self) -> str:
        prefix = "data." if self.data else ""
        return f"{prefix}{self.type}.{self.name}"

    def guarded(self) -> bool:
        """Whether ``lifecycle { prevent_destroy = true }`` stands in it."""
        return any(inner.literal("prevent_destroy") is True for inner in self.block.of("lifecycle"))


@dataclass
class Folder:
    """One folder with Terraform code on one side of the change."""

    path: str
    resources: dict[str, Resource] = field(default_factory=dict)
    variables: dict[str, tuple[str, Block]] = field(default_factory=dict)
    locals: dict[str, tuple[str, Attribute]] = field(default_factory=dict)
    calls: dict[str, tuple[str, Block]] = field(default_factory=dict)
    moves: list[tuple[str, str]] = field(default_factory=list)
    removals: list[str] = field(default_factory=list)
    """Addresses that ``removed`` blocks hand over without destroying them."""
    providers: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    has_backend: bool = False
    has_provider: bool = False

    def add(self, path: str, blocks: Sequence[Block]) -> None:
        """Take in the blocks of one file of this folder."""
        for block in blocks:
            self._add_block(path, block)

    def _add_block(self, path: str, block: Block) -> None:
        labels = block.labels
        if block.type in ("resource", "data") and len(labels) == 2:
            found = Resource(labels[0], labels[1], path, block, block.type == "data")
            self.resources[found.address] = found
        elif block.type == "variable" and labels:
            self.variables[labels[0]] = (path, block)
        elif block.type == "module" and labels:
            self.calls[labels[0]] = (path, block)
        elif block.type == "locals":
            self.locals.update({name: (path, value) for name, value in block.attributes.items()})
        elif block.type == "moved":
            self.moves.append((_target(block, "from"), _target(block, "to")))
        elif block.type == "removed" and any(b.literal("destroy") is False for b in block.of("lifecycle")):
            self.removals.append(_target(block, "from"))
        elif block.type == "provider":
            self.has_provider = True
        elif block.type == "terraform":
            self._add_settings(block)

    def _add_settings(self, block: Block) -> None:
        self.has_backend |= any(inner.type in ("backend", "cloud") for inner in block.blocks)
        for inner in block.of("required_providers"):
            for name, attribute in inner.attributes.items():
                given = dict(attribute.value.pairs)
                source, version = given.get("source"), given.get("version")
                value = source.value if source else None
                self.providers[name] = value if isinstance(value, str) else f"hashicorp/{name}"
                text = version.value if version else attribute.value.value
                if isinstance(text, str):
                    self.versions[name] = text

    def local_modules(self) -> Iterator[tuple[str, str]]:
        """(call name, repository folder) of the module calls whose source is a local path."""
        for name, (_, block) in self.calls.items():
            source = block.literal("source")
            if isinstance(source, str) and source.startswith(("./", "../")):
                yield name, posixpath.normpath(posixpath.join(self.path, source))

    def remote_modules(self) -> Iterator[tuple[str, str]]:
        """(call name, source) of the module calls that come from elsewhere."""
        for name, (_, block) in self.calls.items():
            source = block.literal("source")
            if not (isinstance(source, str) and source.startswith(("./", "../"))):
                yield name, str(source)


def _target(block: Block, name: str) -> str:
    attribute = block.attributes.get(name)
    return attribute.value.text if attribute else ""


@dataclass(frozen=True)
class Configuration:
    """All Terraform code of one snapshot. ``errors`` are the files that could not be read, and why."""

    folders: Mapping[str, Folder]
    values: Mapping[str, Mapping[str, Attribute]]
    errors: Mapping[str, str]
    texts: Mapping[str, str]

    def reachable(self, root: str) -> list[str]:
        """The folder and the local modules that it calls, directly and not; the root first."""
        seen, waiting = [], [root]
        while waiting:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.append(path)
            if path in self.folders:
                waiting.extend(target for _, target in self.folders[path].local_modules())
        return seen

    def only_opentofu(self, root: str) -> bool:
        """Whether the root or a module of it has ``.tofu`` files, which terraform does not read."""
        folders = set(self.reachable(root))
        return any(
            path.endswith((".tofu", ".tofu.json")) and (posixpath.dirname(path) or ".") in folders
            for path in self.texts
        )

    def roots(self) -> list[str]:
        """Folders that no other folder calls as a module, or that have a backend of their own."""
        called = {target for folder in self.folders.values() for _, target in folder.local_modules()}
        return sorted(path for path, f in self.folders.items() if path not in called or f.has_backend)


def read_both(base: Snapshot, head: Snapshot) -> tuple[Configuration, Configuration]:
    """Read all Terraform code of both sides, each distinct text once."""
    texts = (_texts(base), _texts(head))
    parsed = parse({_key(text): text for side in texts for text in side.values()})
    return build(texts[0], parsed), build(texts[1], parsed)


def _texts(snapshot: Snapshot) -> dict[str, str]:
    texts: dict[str, str] = {}
    for entry in snapshot.entries:
        if entry.kind != "file" or not entry.path.endswith(CODE + VALUES) or len(texts) >= MAX_FILES:
            continue
        if SKIPPED_FOLDERS & set(entry.path.split("/")[:-1]):
            continue
        text = snapshot.read_text(entry.path)
        if text is not None:
            texts[entry.path] = text
    return {path: text for path, text in texts.items() if not overridden(path, texts)}


def overridden(path: str, paths: Container[str]) -> bool:
    """Whether OpenTofu reads another file in place of this one: ``main.tofu`` beside ``main.tf``."""
    return any(
        path.endswith(ending) and path.removesuffix(ending) + ending.replace(".tf", ".tofu") in paths
        for ending in (".tf", ".tf.json")
    )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def build(texts: Mapping[str, str], parsed: Parsed | None = None) -> Configuration:
    """The configuration made of files given by repository path; ``parsed`` by the digest of their text."""
    parsed = parsed or parse({_key(text): text for text in texts.values()})
    blocks = {path: parsed.files.get(_key(text), ()) for path, text in texts.items()}
    errors = {path: why for path, text in texts.items() if (why := parsed.errors.get(_key(text)))}
    folders: dict[str, Folder] = {}
    values: dict[str, Mapping[str, Attribute]] = {}
    code: dict[str, dict[str, Sequence[Block]]] = {}
    for path in texts:
        if path.endswith(CODE):
            code.setdefault(posixpath.dirname(path) or ".", {})[path] = blocks[path]
        else:
            top = [block for block in blocks[path] if block.type == ""]
            values[path] = top[0].attributes if top else {}
    for folder, files in code.items():
        folders[folder] = Folder(folder)
        final, vain = merged(files)
        errors.update(vain)
        for path, found in final.items():
            folders[folder].add(path, found)
    return Configuration(folders, values, errors, dict(texts))
