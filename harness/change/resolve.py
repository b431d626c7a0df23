"""From revisions to a Change: base, head, files and commits."""

import os
from pathlib import Path

from harness.change.git import OBJECT_ID, Shadow
from harness.errors import UsageError
from harness.model.change import Change, ChangedFile, Commit, FileStatus

MAX_COMMITS = 1000
MAX_FILES = 50_000
_STATUS: dict[str, FileStatus] = {
    "A": "added", "M": "modified", "D": "deleted", "R": "renamed", "C": "added", "T": "type-changed",
}  # fmt: skip
_DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


def resolve_change(shadow: Shadow, base: str | None, head: str | None, worktree: bool = False) -> Change:
    """The change base..head, its provenance not assessed yet.

    Raises UsageError for what cannot be resolved or is empty.
    """
    if shadow.resolve("HEAD") is None and (head is None or shadow.resolve(head) is None):
        raise UsageError("The repository has no commits yet; commit a base first, then the change.")
    head_id = _commit(shadow, head or "HEAD")
    base_id = _commit(shadow, base) if base else _merge_base(shadow, head_id)
    base_tree = _tree(shadow, base_id)
    head_tree = worktree_tree(shadow, head_id) if worktree else _tree(shadow, head_id)
    if base_tree == head_tree:
        raise UsageError(
            f"The change is empty: {base_id[:10]} and {'the worktree' if worktree else head_id[:10]} hold the "
            "same files. Name another --base or --head."
        )
    commits = _commits(shadow, base_id, head_id)
    return Change(
        base=base_id, head=head_id, base_tree=base_tree, head_tree=head_tree,
        files=changed_files(shadow, base_tree, head_tree),
        commits=commits, worktree=worktree,
    )  # fmt: skip


def _commit(shadow: Shadow, revision: str) -> str:
    found = shadow.resolve(revision)
    if found:
        return found
    hint = " The clone is shallow: fetch the whole history (in CI: fetch-depth: 0)." if shadow.shallow else ""
    raise UsageError(
        f"There is no commit {revision!r} in this repository; check the name, or fetch it.{hint}"
    )


def _tree(shadow: Shadow, commit: str) -> str:
    found = shadow.resolve(commit, "tree")
    if found is None:
        raise UsageError(
            f"The files of commit {commit[:10]} are missing; fetch them (in CI: fetch-depth: 0)."
        )
    return found


def default_branch(shadow: Shadow) -> str | None:
    """The branch that changes are merged into: the CI's target, the remote's HEAD, main or master."""
    named = [os.environ.get(name, "") for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")]
    candidates = [f"origin/{name}" for name in named if name] + [name for name in named if name]
    for name in (*candidates, *_DEFAULT_BRANCHES):
        if shadow.resolve(name):
            return name
    return None


def _merge_base(shadow: Shadow, head: str) -> str:
    branch = default_branch(shadow)
    if branch is None:
        raise UsageError(
            "There is no default branch to compare with (origin/HEAD, main, master); pass --base REV."
        )
    tip = _commit(shadow, branch)
    done = shadow.attempt("merge-base", tip, head)
    found = done.stdout.decode().split("\n")[0].strip()
    if done.returncode or not OBJECT_ID.fullmatch(found):
        hint = "the clone is shallow, fetch the whole history (in CI: fetch-depth: 0)"
        other = "pass --base REV"
        raise UsageError(f"{head[:10]} and {branch} have no merge base: {hint if shadow.shallow else other}.")
    if found == head:
        raise UsageError(
            f"The change is empty: head is already part of {branch}. Pass --base REV, such as HEAD~1."
        )
    return found


def _commits(shadow: Shadow, base: str, head: str) -> tuple[Commit, ...]:
    form = "%H%x00%an%x00%ae%x00%ce%x00%ct%x00%B%x00%x01"
    text = shadow.run(
        "log",
        "--no-show-signature",
        f"--max-count={MAX_COMMITS}",
        "--reverse",
        f"--format={form}",
        f"{base}..{head}",
    ).decode("utf-8", "replace")
    commits = []
    for record in text.split("\x00\x01"):
        fields = record.strip("\n").split("\0")
        if len(fields) != 6 or not OBJECT_ID.fullmatch(fields[0]):
            continue
        stamp = int(fields[4]) if fields[4].isdecimal() else 0
        commits.append(Commit(fields[0], fields[1], fields[2], fields[3], stamp, fields[5].strip()))
    return tuple(commits)


def changed_files(shadow: Shadow, base_tree: str, head_tree: str) -> tuple[ChangedFile, ...]:
    """Every path that differs, renames followed, with line counts."""
    counts = _line_counts(shadow, base_tree, head_tree)
    raw = shadow.run("diff-tree", "-r", "-z", "-M", "--raw", base_tree, head_tree).split(b"\0")
    files, index = [], 0
    while index < len(raw) and raw[index].startswith(b":"):
        status = raw[index].split(b" ")[-1].decode()[:1]
        width = 2 if status in "RC" else 1
        names = [show_path(name) for name in raw[index + 1 : index + 1 + width]]
        added, removed, binary = counts.get(names[-1], (0, 0, False))
        files.append(
            ChangedFile(
                names[-1],
                _STATUS.get(status, "modified"),
                added,
                removed,
                names[0] if width == 2 else None,
                binary,
            )
        )
        index += 1 + width
    if len(files) > MAX_FILES:
        raise UsageError(
            f"The change touches {len(files)} files; more than {MAX_FILES} cannot be verified at once."
        )
    return tuple(files)


def _line_counts(shadow: Shadow, base_tree: str, head_tree: str) -> dict[str, tuple[int, int, bool]]:
    fields = shadow.run(
        "diff-tree", "-r", "-z", "-M", "--numstat", "--no-ext-diff", "--no-textconv", base_tree, head_tree
    ).split(b"\0")
    counts, index = {}, 0
    while index < len(fields) and fields[index]:
        added, removed, name = fields[index].split(b"\t", 2)
        if not name:  # a rename: old and new name follow
            name = fields[index + 2]
            index += 2
        binary = added == b"-"
        counts[show_path(name)] = (0, 0, True) if binary else (int(added), int(removed), False)
        index += 1
    return counts


def unified_diff(shadow: Shadow, change: Change, limit: int = 4 << 20) -> dict[str, str]:
    """Unified diff text a file (path on head), at most ``limit`` bytes in all."""
    diffs: dict[str, str] = {}
    total = 0
    for file in change.files:
        if file.binary or total > limit:
            continue
        paths = [path for path in (file.old_path, file.path) if path]
        text = shadow.run(
            "diff-tree", "-p", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index",
            change.base_tree, change.head_tree, "--", *(f":(literal){path}" for path in paths),
        ).decode("utf-8", "replace")  # fmt: skip
        total += len(text)
        if total <= limit:
            diffs[file.path] = text
    return diffs


def worktree_tree(shadow: Shadow, head: str) -> str:
    """Tree id of the files as they are on disk: tracked, and untracked ones that are not ignored.

    The shadow has no configuration, so that no filter driver, hook or fsmonitor of the
    checkout can run; new objects are written into the shadow only.
    """
    at = [f"--work-tree={shadow.worktree}"]
    for arguments in (["read-tree", head], ["add", "--all", "--", ":/"]):
        done = shadow.attempt(*arguments, extra=at)
        if done.returncode:
            words = done.stderr.decode(errors="replace").strip()
            raise UsageError(f"The worktree cannot be read (git {arguments[0]}): {words}.")
    return shadow.run("write-tree").decode().strip()


def show_path(name: bytes) -> str:
    """A path as text; bytes that are no UTF-8 are shown as ``\\xNN``."""
    return name.decode("utf-8", "backslashreplace")


def repository_name(path: Path) -> str:
    """The repository as the report names it: its absolute folder."""
    return str(path.resolve())
