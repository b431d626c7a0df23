"""Git plumbing in a shadow repository, so that nothing of the user's checkout is executed.

Ordinary git commands in a checkout with hostile configuration run code: clean and smudge
filters, fsmonitor, ext-diff, textconv, hooks. The shadow is a fresh bare repository whose
``objects/info/alternates`` points at the real object store; refs are copied as plain files
and only plumbing commands run in it, with no system, global or local configuration.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import UsageError

OBJECT_ID = re.compile(r"[0-9a-f]{40}")
_REF_LINE = re.compile(rb"[0-9a-f]{40}\s*|ref: refs/[^\s]+\s*")
_MISSING_OBJECTS = ("missing", "promisor", "bad object", "unable to read")
_MISSING = "git is not installed or not on the PATH; install it (Debian, Ubuntu: apt-get install git)."


def environment() -> dict[str, str]:
    """An environment in which git reads no configuration, asks nothing and fetches nothing."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return keep | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "LC_ALL": "C",
    }


class Shadow:
    """A private view of a repository's objects and refs. Use as a context manager.

    Raises UsageError when ``repository`` is no git repository.
    """

    def __init__(self, repository: Path) -> None:
        self.worktree, self._git_dir, self._common = _locate(repository)
        self._folder = Path(tempfile.mkdtemp(prefix="change-harness-git-"))
        self.path = self._folder / "shadow.git"
        try:
            self._create()
        except BaseException:
            self.close()
            raise

    def _create(self) -> None:
        command = ["git", "init", "--quiet", "--bare", "--template=", str(self.path)]
        try:
            made = subprocess.run(command, env=environment(), capture_output=True, check=False)
        except FileNotFoundError:
            raise UsageError(_MISSING) from None
        if made.returncode:
            raise UsageError(f"git init failed: {made.stderr.decode(errors='replace').strip()}")
        alternates = self.path / "objects" / "info" / "alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_bytes(os.fsencode(self._common / "objects") + b"\n")
        self._copy_refs()

    def _copy_refs(self) -> None:
        for name in ("packed-refs", "shallow"):
            source = self._common / name
            if source.is_file() and not source.is_symlink():
                shutil.copyfile(source, self.path / name)
        for top, folders, files in os.walk(self._common / "refs"):
            folders[:] = [name for name in folders if not (Path(top) / name).is_symlink()]
            for name in files:
                self._copy_ref(Path(top) / name)
        head = self._git_dir / "HEAD"
        if head.is_file():
            self._copy_line(head, self.path / "HEAD")

    def _copy_ref(self, source: Path) -> None:
        target = self.path / "refs" / source.relative_to(self._common / "refs")
        target.parent.mkdir(parents=True, exist_ok=True)
        self._copy_line(source, target)

    @staticmethod
    def _copy_line(source: Path, target: Path) -> None:
        if source.is_symlink():
            return
        with source.open("rb") as stream:
            text = stream.read(4096)
        if _REF_LINE.fullmatch(text):
            target.write_bytes(text)

    @property
    def shallow(self) -> bool:
        """Whether the history is cut off, as in a CI checkout with a fetch depth."""
        return (self.path / "shallow").is_file()

    def run(self, *arguments: str, stdin: bytes | None = None, limit: int = 1 << 30) -> bytes:
        """Standard output of a plumbing command. Raises UsageError with git's own words."""
        done = self.attempt(*arguments, stdin=stdin)
        if done.returncode:
            words = done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
            if any(sign in words for sign in _MISSING_OBJECTS):
                words += (
                    ". Objects are missing: fetch the whole history (in CI: fetch-depth: 0, no filter; "
                    "in a partial clone: git fetch --refetch --no-filter)"
                )
            raise UsageError(f"git {arguments[0]} failed: {words}.")
        if len(done.stdout) > limit:
            raise UsageError(
                f"git {arguments[0]} printed more than {limit >> 20} MiB; the change is too large."
            )
        return done.stdout

    def attempt(
        self, *arguments: str, stdin: bytes | None = None, extra: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a plumbing command in the shadow and return it, whatever its status."""
        command = ["git", f"--git-dir={self.path}", *extra, *arguments]
        return subprocess.run(command, env=environment(), input=stdin, capture_output=True, check=False)

    def popen(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """A plumbing command with open pipes, such as ``cat-file --batch``."""
        command = ["git", f"--git-dir={self.path}", *arguments]
        return subprocess.Popen(
            command,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def resolve(self, revision: str, kind: str = "commit") -> str | None:
        """The object id (40 hex) that a revision names, None when it names none."""
        if not revision or revision.startswith("-") or "\0" in revision:
            return None
        done = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{{kind}}}")
        found = done.stdout.decode().strip()
        return found if done.returncode == 0 and OBJECT_ID.fullmatch(found) else None

    def close(self) -> None:
        """Remove the shadow."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _locate(repository: Path) -> tuple[Path, Path, Path]:
    """(worktree, git dir, common dir), found without running git in the checkout."""
    if not repository.exists():
        raise UsageError(f"{repository} does not exist; give the folder of a git repository.")
    start = repository.resolve()
    for folder in (start, *start.parents):
        marker = folder / ".git"
        if marker.is_dir():
            return folder, marker, _common(marker)
        if marker.is_file():
            git_dir = _linked(marker)
            return folder, git_dir, _common(git_dir)
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir():
            return folder, folder, _common(folder)
    raise UsageError(
        f"{repository} is not a git repository; give the folder of one, or run `git init` and commit first."
    )


def _linked(marker: Path) -> Path:
    text = marker.read_text(encoding="utf-8", errors="surrogateescape")[:4096].strip()
    if not text.startswith("gitdir: "):
        raise UsageError(f"{marker} does not name a git folder; the checkout is damaged.")
    return (marker.parent / text.removeprefix("gitdir: ")).resolve()


def _common(git_dir: Path) -> Path:
    pointer = git_dir / "commondir"
    common = git_dir
    if pointer.is_file():
        common = (
            git_dir / pointer.read_text(encoding="utf-8", errors="surrogateescape")[:4096].strip()
        ).resolve()
    if not (common / "objects").is_dir():
        raise UsageError(f"{common} has no object store; the checkout is damaged, clone it again.")
    if (common / "reftable").is_dir():
        raise UsageError(
            "This repository keeps its refs in the reftable format, which is not read yet; "
            "run `git refs migrate --ref-format=files` in a clone of it."
        )
    return common
