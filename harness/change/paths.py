"""Which path names of a tree are written to disk, and why others are not."""

import re

MAX_NAME = 255
MAX_PATH = 3000
MAX_DEPTH = 100
_PLAIN = re.compile(rb"(?:[A-Za-z0-9_-][\w.-]*/){0,90}[A-Za-z0-9_-][\w.-]*")
"""Nearly all paths: what follows has nothing to say about them, and takes ten times as long."""
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


def refusal(name: bytes) -> str | None:
    """Why a path of a git tree is left out of a snapshot, None when it is written.

    git itself refuses most of these on checkout; here each has its own sentence because
    the tree is hostile and its writer is ours.
    """
    if _PLAIN.fullmatch(name) and len(name) <= MAX_NAME and b".git" not in name.lower():
        return None
    if not name or name.startswith(b"/"):
        return "the path is absolute"
    if len(name) > MAX_PATH:
        return "the path is too long"
    parts = name.split(b"/")
    if len(parts) > MAX_DEPTH:
        return "the path is nested too deeply"
    if any(part in (b"", b".", b"..") for part in parts):
        return "the path escapes its folder"
    if any(part.lower().rstrip(b" .") == b".git" or part.lower() == b"git~1" for part in parts):
        return "the path lies in a git folder"
    if _CONTROL.search(name):
        return "the path holds control characters"
    if any(len(part) > MAX_NAME for part in parts):
        return "a part of the path is too long"
    return None


def link_refusal(name: bytes, target: bytes) -> str | None:
    """Why a symbolic link is left out: it must stay inside the tree."""
    if not target or target.startswith(b"/") or b"\0" in target or len(target) > MAX_PATH:
        return "the symbolic link points outside the tree"
    depth = len(name.split(b"/")) - 1
    for part in target.split(b"/"):
        if part == b"..":
            depth -= 1
        elif part not in (b"", b"."):
            depth += 1
        if depth < 0:
            return "the symbolic link points outside the tree"
    return None
