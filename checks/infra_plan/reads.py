"""Which files of a tree the plan of a root module can read.

A plan whose sandbox holds these files only can be kept under their content: a commit that touches none
of them finds it again. Wherever the text does not tell for certain (a path that is computed, a program
that is run, a provider that may read by itself, a link), it is the whole tree. All of it is read as text and in
favour of more: a word that names a file, in a comment even, brings that file.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from harness.model.snapshot import Snapshot

from .configuration import CODE, Configuration, overridden
from .tools import needed_providers

MAX_FILES, MAX_BYTES, MAX_CALL = 2000, 16 << 20, 400
CLOUDS = frozenset(
    f"registry.terraform.io/hashicorp/{name}"
    for name in ("aws", "azuread", "azurerm", "google", "google-beta", "random", "time", "tls")
)
"""Providers that read no files but those that an argument names."""
FILE = r"file(?:exists|set|base64|md5|sha1|sha256|sha512|base64sha256|base64sha512)?|templatefile"
CALL = re.compile(rf"(?<![\w-])({FILE})\s*([(/#])\s*")
PLACE = r"\$\{\s*path\.(module|root|cwd)\s*\}"
LITERAL = re.compile(rf'"(?:{PLACE}/?)?([^"$%\\\n]*)"\s*([,)])')
PATTERN = re.compile(r'\s*"([^"$%\\\n]*)"\s*,?\s*\)')
COMPUTED = re.compile(r"\btemplatestring\b|\bprovider::|local-exec|\"external\"|\\[uU]")
WORD = re.compile(rf"(?:{PLACE}/?)?([\w.@+=,-]+(?:/[\w.@+=,-]+)*/?)?")
MENTION = re.compile(r"\bpath\.(module|root|cwd)\b")
TEMPLATES = (".tftpl", ".tpl", ".tmpl")


class _AnyFileError(Exception):
    """Any file of the tree may be read."""


@dataclass
class _Tree:
    """The entries of one side, and what of it was found to be read."""

    snapshot: Snapshot
    files: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    """Links and what else is no file."""
    read: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    """Folders taken in with all that lies below them."""

    def __post_init__(self) -> None:
        for entry in self.snapshot.entries:
            if entry.kind == "file":
                self.files[entry.path] = entry.size
            else:
                self.others.add(entry.path)
            self.folders.update(_above(entry.path))

    def take(self, path: str, *, deep: bool = True) -> None:
        """Take in a file, or a folder with what lies in it (``deep``: also below it)."""
        if path.startswith("../") or path == ".." or {path, *_above(path)} & self.others:
            raise _AnyFileError
        if path in self.files:
            self.read.add(path)
        if (path not in self.folders and path != ".") or path in self.taken:
            return
        if deep:
            self.taken.add(path)
        if path == "." and deep:
            raise _AnyFileError
        start = "" if path == "." else path + "/"
        inside = [one for one in (*self.files, *self.others) if one.startswith(start)]
        inside = inside if deep else [one for one in inside if "/" not in one[len(start) :]]
        if self.others & set(inside):
            raise _AnyFileError
        self.read.update(inside)

    def exists(self, path: str) -> bool:
        return path in self.files or path in self.folders or path in self.others


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def reads(
    configuration: Configuration, snapshot: Snapshot, root: str, values: Iterable[str] = ()
) -> Mapping[str, bytes] | None:
    """By path: the files that a plan of ``root`` with some values files can read. None: any file of the tree."""
    tree = _Tree(snapshot)
    try:
        texts = _code(configuration, tree, root)
        for path in values:
            tree.take(path)
            texts += [(text, root) for text in [configuration.texts.get(path)] if text is not None]
        for text, folder in texts:
            _scan(text, folder, root, tree)
        _templates(tree)
    except _AnyFileError:
        return None
    if len(tree.read) > MAX_FILES or sum(tree.files[path] for path in tree.read) > MAX_BYTES:
        return None
    return {path: (snapshot.path / path).read_bytes() for path in sorted(tree.read)}


def _code(configuration: Configuration, tree: _Tree, root: str) -> list[tuple[str, str]]:
    """(text, folder) of all code and values of the root and its modules; their folders are taken in."""
    if needed_providers([(configuration, root)]) - CLOUDS:
        raise _AnyFileError
    texts = []
    for folder in configuration.reachable(root):
        if folder not in configuration.folders:
            raise _AnyFileError
        tree.take(folder, deep=False)
        for path in tree.files:
            if (posixpath.dirname(path) or ".") != folder:
                continue
            if path in configuration.texts:
                texts.append((configuration.texts[path], folder))
            elif path.endswith(CODE) and not overridden(path, configuration.texts):
                raise _AnyFileError
            if path in configuration.errors:
                raise _AnyFileError
    return texts


def _scan(text: str, folder: str, root: str, tree: _Tree) -> None:
    """Take in whatever a text of code may read. Raises _AnyFileError."""
    if COMPUTED.search(text):
        raise _AnyFileError
    places = {"module": folder, "root": root, "cwd": root}
    for call in CALL.finditer(text):
        if call[2] != "(":  # a comment before the parenthesis
            raise _AnyFileError
        _call(call[1], text[call.end() : call.end() + MAX_CALL], places, tree)
    told = 0
    for word in WORD.finditer(text):
        place, name = word[1], word[2] or ""
        if place and name and text[word.end() : word.end() + 1] == '"':
            told += 1
            tree.take(posixpath.normpath(posixpath.join(places[place], name)))
        elif name:
            for start in {folder, root}:
                path = posixpath.normpath(posixpath.join(start, name))
                if ".." in name.split("/") or (path not in (start, ".") and tree.exists(path)):
                    tree.take(path)
    mentions = list(MENTION.finditer(text))
    if len(mentions) > told:  # a path of which only the beginning is written there
        for mention in mentions:
            tree.take(places[mention[1]])


def _call(name: str, rest: str, places: Mapping[str, str], tree: _Tree) -> None:
    """One call of a function that reads files."""
    literal = LITERAL.match(rest)
    if literal is None or (literal[1] is None and literal[2].startswith(("/", "~"))):
        raise _AnyFileError
    start = places[literal[1] or "root"]
    path = posixpath.normpath(posixpath.join(start, literal[2].strip("/") or "."))
    if name == "fileset":
        pattern = PATTERN.match(rest, literal.end())
        if pattern is None or ".." in pattern[1]:
            raise _AnyFileError
    tree.take(path)
    if name == "templatefile" and path in tree.files:
        _template(tree, path)


def _templates(tree: _Tree) -> None:
    for path in list(tree.read):
        if path.endswith(TEMPLATES):
            _template(tree, path)


def _template(tree: _Tree, path: str) -> None:
    """A template may call functions, too."""
    text = tree.snapshot.read_text(path) or ""
    if CALL.search(text) or COMPUTED.search(text):
        raise _AnyFileError
