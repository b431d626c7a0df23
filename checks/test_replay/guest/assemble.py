"""Puts the tests of one side over the code of the other, in the private copy of the tree."""

from __future__ import annotations

import os
import shutil
import stat
from typing import Any

INPUTS = "/in"


def assemble(tree: str, inputs: str, side: str, overlay: dict[str, Any]) -> None:
    """Make ``tree`` hold the test files of ``overlay["from"]``.

    ``overlay``: ``from`` (a side), ``paths`` (test files that differ between the sides). A path
    that the other side does not have is removed. Nothing happens when ``side`` is that side.
    """
    source_side = overlay.get("from")
    if not source_side or source_side == side:
        return
    for path in overlay["paths"]:
        source = os.path.join(inputs, source_side, path)
        target = os.path.join(tree, path)
        if not inside(tree, target):
            continue
        remove(target)
        copy(source, target)


def inside(tree: str, target: str) -> bool:
    """Whether the folder of ``target`` lies in the tree, links resolved."""
    root = os.path.realpath(tree)
    folder = os.path.realpath(os.path.dirname(target))
    return folder == root or folder.startswith(root + os.sep)


def remove(target: str) -> None:
    """Remove a file, a link or a folder, if there is one."""
    if os.path.islink(target) or os.path.isfile(target):
        os.unlink(target)
    elif os.path.isdir(target):
        shutil.rmtree(target, ignore_errors=True)


def copy(source: str, target: str) -> None:
    """Copy a regular file or a link as it is; other kinds are left out."""
    try:
        mode = os.lstat(source).st_mode
    except OSError:
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if stat.S_ISLNK(mode):
        os.symlink(os.readlink(source), target)
    elif stat.S_ISREG(mode):
        shutil.copyfile(source, target)
        os.chmod(target, 0o755 if mode & 0o100 else 0o644)


def write_files(tree: str, files: dict[str, str]) -> None:
    """Write trusted extra files (the canaries) into the tree, never through a link."""
    for path, text in files.items():
        target = os.path.join(tree, path)
        if not inside(tree, target) or os.path.lexists(target):
            continue
        with open(target, "x", encoding="utf-8") as stream:
            stream.write(text)


def overwrite(tree: str, texts: dict[str, str]) -> None:
    """Give regular files of the tree another text, never through a link."""
    for path, text in texts.items():
        target = os.path.join(tree, path)
        if not inside(tree, target) or not os.path.isfile(target) or os.path.islink(target):
            continue
        with open(target, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
