"""A folder out of an archive that hostile code made: the layer that later jobs see at /deps.

Regular files, folders and symbolic links only. Links are made last, so that nothing is ever
written through one, and nothing on the host follows them: they have a meaning inside alone.
"""

import os
import stat
import tarfile
from pathlib import Path
from typing import IO

from harness.sandbox.harvest import readable

MAX_ENTRIES = 200_000
MAX_BYTES = 2 << 30
_MAX_NAME = 1000
_MAX_DEPTH = 40


class LayerError(Exception):
    """The archive cannot be taken over; the text is a sentence without its full stop."""


def unpack(archive: IO[bytes], target: Path) -> None:
    """Write the archive's content into ``target``, which must not exist. Raises LayerError, OSError."""
    target.mkdir(mode=0o755)
    links: list[tuple[str, str]] = []
    entries = size = 0
    try:
        with tarfile.open(fileobj=archive, mode="r:") as content:
            for entry in content:
                entries += 1
                size += entry.size if entry.isreg() else 0
                if entries > MAX_ENTRIES or size > MAX_BYTES:
                    raise LayerError(
                        f"it holds more than {MAX_ENTRIES} entries or {MAX_BYTES >> 30} GiB of files"
                    )
                _write(content, entry, target, links)
    except (tarfile.TarError, UnicodeError, ValueError, EOFError) as error:
        raise LayerError(f"it cannot be read ({type(error).__name__})") from error
    for name, goal in links:
        _make_link(target, name, goal)


def _write(
    content: tarfile.TarFile, entry: tarfile.TarInfo, target: Path, links: list[tuple[str, str]]
) -> None:
    name = entry.name.removeprefix("./")
    if name in ("", "."):
        return
    _check(name)
    place = target / name
    try:
        if entry.isdir():
            place.mkdir(mode=0o755)
        elif entry.issym():
            if not entry.linkname or "\0" in entry.linkname or len(entry.linkname) > _MAX_NAME:
                raise LayerError(f"the link {readable(name)} leads nowhere")
            links.append((name, entry.linkname))
        elif entry.isreg():
            _write_file(content, entry, place)
        else:
            raise LayerError(f"{readable(name)} is no file, folder or link")
    except (FileExistsError, FileNotFoundError, NotADirectoryError) as error:
        raise LayerError(f"{readable(name)} does not fit into its folder") from error


def _check(name: str) -> None:
    parts = name.split("/")
    if len(name) > _MAX_NAME or len(parts) > _MAX_DEPTH or "\0" in name:
        raise LayerError(f"the name {readable(name)} is too long")
    if any(part in ("", ".", "..") for part in parts):
        raise LayerError(f"the name {readable(name)} leaves its folder")


def _write_file(content: tarfile.TarFile, entry: tarfile.TarInfo, place: Path) -> None:
    source = content.extractfile(entry)
    if source is None:
        raise LayerError(f"{readable(entry.name)} has no content")
    mode = 0o755 if entry.mode & stat.S_IXUSR else 0o644
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(place, flags, mode)
    with os.fdopen(descriptor, "wb") as stream:
        while chunk := source.read(1 << 20):
            stream.write(chunk)
        stream.flush()
        # Compiled files name the modification time of their source.
        moment = int(min(max(entry.mtime, 0), 1 << 33))
        os.utime(descriptor, (moment, moment))
        os.fchmod(descriptor, mode)


def _make_link(target: Path, name: str, goal: str) -> None:
    try:
        (target / name).symlink_to(goal)
    except (FileExistsError, FileNotFoundError, NotADirectoryError) as error:
        raise LayerError(f"the link {readable(name)} does not fit into its folder") from error
