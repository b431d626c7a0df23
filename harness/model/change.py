"""The change under verification: base..head and what is known about its author."""

from typing import Literal

import msgspec

BASE_MARK, HEAD_MARK = "@BASE@", "@HEAD@"
FileStatus = Literal["added", "modified", "deleted", "renamed", "type-changed"]


class ChangedFile(msgspec.Struct, frozen=True, omit_defaults=False):
    """One path that differs between base and head.

    ``path`` is the path on head (on base for a deleted file), with ``/`` between its parts.
    ``added`` and ``removed`` are line counts; both are 0 for a binary file.
    """

    path: str
    status: FileStatus
    added: int = 0
    removed: int = 0
    old_path: str | None = None
    binary: bool = False


class Provenance(msgspec.Struct, frozen=True):
    """Whether assistants took part in the change, by trailers and authors of its commits."""

    assisted: bool = False
    tools: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class Commit(msgspec.Struct, frozen=True):
    """One commit of the change. All texts are hostile input."""

    id: str
    author: str
    author_email: str
    committer_email: str
    time: int
    message: str


class Change(msgspec.Struct, frozen=True):
    """base..head: full commit ids (40 hex), tree digests, files, commits (oldest first).

    ``head`` of a worktree change is the commit that the worktree is based on;
    ``worktree`` then is true and ``head_tree`` is the tree of the files as they are on disk.
    """

    base: str
    head: str
    base_tree: str
    head_tree: str
    files: tuple[ChangedFile, ...] = ()
    commits: tuple[Commit, ...] = ()
    ai: Provenance = Provenance()
    worktree: bool = False

    def content(self) -> "Change":
        """What is changed, without who did so in which commits: equal for all that change the same.

        In place of the commits' ids stand marks, which become the ids in the files of proofs.
        """
        return Change(BASE_MARK, HEAD_MARK, self.base_tree, self.head_tree, self.files)

    @property
    def message(self) -> str:
        """All commit messages of the change, oldest first."""
        return "\n\n".join(commit.message for commit in self.commits)
