"""What a manifest says: packages, where they come from, and further indexes."""

import re
from dataclasses import dataclass, field
from typing import Literal

Ecosystem = Literal["pypi", "npm", "go"]
Source = Literal["index", "url", "vcs", "path"]

_SEPARATORS = re.compile(r"[-_.]+")
_COMMIT = re.compile(r"@[0-9a-f]{40}\b|#[0-9a-f]{40}\b")


@dataclass(frozen=True)
class Entry:
    """One package as one manifest names it. ``line`` counts from 1."""

    ecosystem: Ecosystem
    name: str
    """Normalised as its index does it."""
    shown: str
    """As it is written."""
    spec: str
    line: int
    source: Source = "index"
    pinned: bool = False
    """Exactly one version, or exactly one commit."""
    hashed: bool = False
    version: str | None = None
    """The exact version where one is given."""
    digests: frozenset[str] = frozenset()
    """Those of its files, where the manifest has them."""


@dataclass(frozen=True)
class Index:
    """A further place that packages are taken from, or a check on such a place turned off."""

    kind: Literal["index", "extra-index", "trusted-host", "find-links"]
    url: str
    line: int


@dataclass(frozen=True)
class Hook:
    """A repository whose code runs at each commit, and its revision."""

    repository: str
    revision: str
    line: int


@dataclass
class Manifest:
    """One file. ``lock`` is true when it is written by a tool and lists indirect packages too."""

    path: str
    lock: bool = False
    entries: list[Entry] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    hooks: list[tuple[str, str, int]] = field(default_factory=list)
    """(name, command, line) of scripts that run at installation."""
    local: set[str] = field(default_factory=set)
    """Names that the repository itself provides."""
    commit_hooks: list[Hook] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    """Files that fix versions for this one (``-c``), as they are written in it."""


def normalised(ecosystem: Ecosystem, name: str) -> str:
    """The name as the index compares it."""
    return _SEPARATORS.sub("-", name).lower() if ecosystem == "pypi" else name.lower()


def python_entry(name: str, spec: str, line: int, *, hashed: bool = False) -> Entry:
    """An entry of a Python package from the text behind its name."""
    spec = spec.strip()
    source: Source = "index"
    if spec.startswith("@") or "://" in spec:
        source = "vcs" if re.match(r"@?\s*(git|hg|svn|bzr)\+", spec) else "url"
        if re.match(r"@?\s*(file:|\.{0,2}/)", spec):
            source = "path"
    exact = re.match(r"\(?\s*={2,3}\s*([\w.!+-]+)\s*\)?$", spec.partition(";")[0].strip())
    pinned = bool(exact) or (source == "vcs" and bool(_COMMIT.search(spec)))
    if source == "url":
        pinned = True
    return Entry(
        "pypi",
        normalised("pypi", name),
        name,
        spec,
        line,
        source,
        pinned,
        hashed,
        exact[1] if exact else None,
    )


def npm_entry(name: str, spec: str, line: int) -> Entry:
    """An entry of an npm package from the text of its version."""
    source: Source = "index"
    if re.match(r"(git[+:]|git@|github:|gitlab:|bitbucket:|[\w.-]+/[\w.-]+(#|$))", spec) or ".git" in spec:
        source = "vcs"
    elif spec.startswith(("http://", "https://")):
        source = "url"
    elif spec.startswith(("file:", "link:", "portal:", "workspace:", "./", "../", "/")):
        source = "path"
    alias = re.match(r"npm:(@?[^@]+)(?:@(.+))?$", spec)
    if alias:
        name, spec = alias[1], alias[2] or "*"
    exact = re.fullmatch(r"=?v?(\d+\.\d+\.\d+[\w.+-]*)", spec)
    pinned = bool(exact) or bool(_COMMIT.search(spec))
    return Entry(
        "npm", normalised("npm", name), name, spec, line, source, pinned, version=exact[1] if exact else None
    )
