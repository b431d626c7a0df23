"""Folders of the host on their way into a container: measured, and copied where they must be."""

import contextlib
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from .options import Extent

_PAGE = 4096


@dataclass(frozen=True)
class Measure:
    """Extent of a folder, and whether any user may read all of it."""

    extent: Extent
    open: bool


def measure(path: Path) -> Measure:
    """Walk a folder (or look at a file) without following links."""
    size = entries = 0
    is_open = True
    pending = [os.fspath(path)]
    if not path.is_dir():
        status = path.stat()
        return Measure(Extent(_pages(status.st_size), 1), bool(status.st_mode & stat.S_IROTH))
    is_open = _passable(path.stat().st_mode)
    while pending:
        try:
            with os.scandir(pending.pop()) as found:
                listing = list(found)
        except PermissionError:
            is_open = False
            continue
        for entry in listing:
            entries += 1
            if entry.is_symlink():
                continue
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                is_open = is_open and _passable(status.st_mode)
                pending.append(entry.path)
            elif stat.S_ISREG(status.st_mode):
                is_open = is_open and bool(status.st_mode & stat.S_IROTH)
                size += _pages(status.st_size)
    return Measure(Extent(size, entries), is_open)


def copy_open(source: Path, target: Path) -> None:
    """Copy what this user may read, for any user to read; links stay links, the rest is left out."""
    if not source.is_dir():
        _copy_file(source, target)
        return
    target.mkdir(mode=0o755)
    target.chmod(0o755)
    with os.scandir(source) as found:
        for entry in found:
            there = target / entry.name
            with contextlib.suppress(PermissionError):
                if entry.is_symlink():
                    there.symlink_to(os.readlink(entry.path))  # noqa: PTH115 - the text as it is
                elif entry.is_dir():
                    copy_open(Path(entry.path), there)
                elif entry.is_file():
                    _copy_file(Path(entry.path), there)


def write_inputs(folder: Path, files: dict[str, bytes], places: list[tuple[str, bool]]) -> None:
    """Lay out the input folder: files, and empty places (name, whether a folder) to mount over."""
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    for name, content in files.items():
        target = _below(folder, name)
        target.write_bytes(content)
        target.chmod(0o644)
    for name, is_folder in places:
        target = _below(folder, name)
        if is_folder:
            target.mkdir(mode=0o755, exist_ok=True)
        else:
            target.touch(mode=0o644)


def remove_folder(folder: Path) -> None:
    """Remove a folder that this process has written, and nothing of what links in it point to."""
    shutil.rmtree(folder, ignore_errors=True)


def _below(folder: Path, name: str) -> Path:
    parts = name.split("/")
    if not name or {"", ".", ".."} & set(parts) or "\0" in name:
        raise ValueError(f"{name!r} is no name for an input: use parts without '..', joined by '/'")
    target = folder
    for part in parts[:-1]:
        target /= part
        target.mkdir(mode=0o755, exist_ok=True)
        target.chmod(0o755)
    return target / parts[-1]


def _copy_file(source: Path, target: Path) -> None:
    status = source.stat()
    shutil.copyfile(source, target)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    target.chmod(0o644 | (status.st_mode & 0o111))


def _passable(mode: int) -> bool:
    return mode & 0o005 == 0o005


def _pages(size: int) -> int:
    return -(-size // _PAGE) * _PAGE
