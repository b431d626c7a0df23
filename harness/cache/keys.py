"""Digests of what results depend on."""

import hashlib
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

_LEFT_OUT = frozenset({"__pycache__", "samples"})
_CODE = (".py", ".toml", ".json", ".yaml", ".yml", ".txt", ".j2", ".sh")


def digest(*parts: Any) -> str:
    """SHA-256 (hex) of values as canonical JSON: keys in order, every value of its own kind."""
    encoder = msgspec.json.Encoder(order="sorted", enc_hook=_encoded)
    value = hashlib.sha256()
    for part in parts:
        text = encoder.encode(part)
        value.update(len(text).to_bytes(8, "big") + text)
    return value.hexdigest()


@cache
def folder_digest(folder: Path, *, code_only: bool = False) -> str:
    """SHA-256 (hex) of the names and contents of a folder's files, samples and compiled files apart.

    Kept for the life of the process: what runs is what was there when it was first looked at.
    """
    value = hashlib.sha256()
    for place in sorted(_files(folder)):
        if code_only and place.suffix not in _CODE:
            continue
        name = os.fsencode(place.relative_to(folder))
        value.update(len(name).to_bytes(8, "big") + name + _content(place))
    return value.hexdigest()


def _content(place: Path) -> bytes:
    if place.is_symlink():
        return hashlib.sha256(os.fsencode(place.readlink())).digest()
    with place.open("rb") as stream:  # a provider plugin has hundreds of megabytes
        return hashlib.file_digest(stream, "sha256").digest()


def program_mark(name: str | Path) -> tuple[str, int, int]:
    """(real path, size, time of change in nanoseconds) of a program: another one has another mark."""
    place = os.path.realpath(name)
    try:
        status = os.stat(place)  # noqa: PTH116 - a path that was resolved as text
    except OSError:
        return place, 0, 0
    return place, status.st_size, status.st_mtime_ns


def _files(folder: Path) -> Iterable[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _LEFT_OUT and not name.startswith(".")]
        yield from (Path(root) / name for name in names if not name.endswith(".pyc"))


def _encoded(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no canonical form")
