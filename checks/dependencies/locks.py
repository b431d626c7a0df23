"""What lock files say of each package beyond its version: the index, the servers of its files, their digests."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .entries import Index

_FILES = "https://files.pythonhosted.org"
_OFFICIAL = ("https://pypi.org/simple", "https://pypi.python.org/simple")
_DIGEST = re.compile(r"(?:sha\d+|blake2b)[:-][0-9A-Za-z+/=]{16,}")


def indexes_of(package: Mapping[str, Any]) -> Iterator[str]:
    """Addresses that a package of uv.lock, poetry.lock or pdm.lock is taken from, where they are no default."""
    source = package.get("source")
    table = source if isinstance(source, dict) else {}
    legacy = table.get("type") in ("legacy", "url")
    registry = table.get("url") if legacy else table.get("registry")
    if not isinstance(registry, str) or not registry.startswith("http"):
        return
    registry = registry.rstrip("/")
    if registry not in _OFFICIAL:
        yield registry
        return
    for file in _files(package):
        server = re.match(r"https?://[^/]+", str(file.get("url", "")))
        if server and server[0] != _FILES:
            yield server[0]


def digests_of(package: Mapping[str, Any]) -> frozenset[str]:
    """Digests of a package's files."""
    given = [file.get("hash") for file in _files(package)]
    return frozenset(one for one in given if isinstance(one, str))


def digests_in(text: str) -> frozenset[str]:
    """Digests in the options of a requirement, or in an ``integrity``."""
    return frozenset(_DIGEST.findall(text))


def add_index(indexes: list[Index], url: str, line: int) -> None:
    """Note an index once."""
    if not any(index.url == url for index in indexes):
        indexes.append(Index("extra-index", url, line))


def _files(package: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in ("files", "wheels", "sdist"):
        value = package.get(key)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield one
