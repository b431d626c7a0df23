"""Small git repositories for tests, made with no configuration of the user."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "Sam Rivera",
    "GIT_AUTHOR_EMAIL": "sam@example.org",
    "GIT_COMMITTER_NAME": "Sam Rivera",
    "GIT_COMMITTER_EMAIL": "sam@example.org",
    "GIT_AUTHOR_DATE": "2024-06-03T09:00:00+00:00",
    "GIT_COMMITTER_DATE": "2024-06-03T09:00:00+00:00",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Repository:
    """A git repository in ``path`` with plain ways to add commits."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, stdin: bytes | None = None, **extra: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | IDENTITY | extra,
            input=stdin,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Mapping[str, str | bytes], message: str = "Change", **extra: str) -> str:
        """Write files, commit everything, return the commit's id."""
        self.write(files)
        self.git("add", "--all", "--force", ".")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, **extra)
        return self.git("rev-parse", "HEAD")

    def raw_commit(self, entries: Mapping[bytes, tuple[str, str, bytes]], parent: str | None = None) -> str:
        """A commit over a tree that git's own commands would refuse to make.

        ``entries`` maps a name (one part, any bytes but NUL) to (mode, kind, content or id).
        """
        tree = b""
        for name, (mode, kind, content) in sorted(entries.items()):
            blob = kind == "blob"
            found = self.git("hash-object", "-w", "--stdin", stdin=content) if blob else content.decode()
            tree += mode.lstrip("0").encode() + b" " + name + b"\0" + bytes.fromhex(found)
        tree_id = self.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=tree)
        parents = ["-p", parent] if parent else []
        return self.git("commit-tree", tree_id, "-m", "Raw", *parents)
