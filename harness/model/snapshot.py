"""One source tree, content-addressed and read-only on disk."""

from pathlib import Path
from typing import Literal

import msgspec

EntryKind = Literal["file", "symlink", "submodule", "unreadable"]


class Entry(msgspec.Struct, frozen=True):
    """One path of a tree: its kind, size in bytes and, for what was left out, the reason."""

    path: str
    kind: EntryKind
    size: int = 0
    executable: bool = False
    left_out: str | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """A materialised tree. ``digest`` is the git tree id, ``path`` the read-only folder."""

    digest: str
    path: Path
    entries: tuple[Entry, ...] = ()

    def read_text(self, name: str, limit: int = 2_000_000) -> str | None:
        """The text of a regular file, at most ``limit`` bytes decoded with replacement.

        None when there is no such regular file. Symbolic links are never followed: the
        snapshot's content is hostile and a link may point anywhere.
        """
        target = self.path
        for part in name.split("/"):
            if part in ("", ".", ".."):
                return None
            target = target / part
            if target.is_symlink():
                return None
        if not target.is_file():
            return None
        with target.open("rb") as stream:
            return stream.read(limit).decode("utf-8", "replace")
