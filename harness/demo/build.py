"""Makes the demonstration's git repository: a base commit and one AI-assisted change.

The change breaks four things that its tests do not notice: a fee is rounded down instead of
up (``fees.billable_metres``), a boat's name reaches a shell (``logbook.last_call``), a
loosened test hides that a refund is halved (``refunds.refund``), and the database is
replaced, its guard gone (``infra/``). ``berths`` is tidied up and right.
"""

import os
import subprocess
from pathlib import Path

from harness.errors import UsageError

HERE = Path(__file__).parent
TREES = HERE / "trees"
_AUTHOR = "Robin Shore"
_MAIL = "robin@moorings.example"
_BASE_DATE, _HEAD_DATE = "2025-03-01T09:00:00+0000", "2025-03-03T16:20:00+0000"


def build_demo(repository: Path) -> tuple[str, str]:
    """Make the repository in ``repository`` (absent or empty): the ids of base and head.

    The ids are the same on every machine. Neither the user's nor the system's git
    configuration is read, and no hook runs. Raises UsageError when the folder holds
    something, cannot be written, or git is missing.
    """
    base_tree = tree_files("base")
    head_tree = base_tree | tree_files("head")
    message = (HERE / "message.txt").read_text("utf-8")
    try:
        repository.mkdir(parents=True, exist_ok=True)
        if any(repository.iterdir()):
            raise UsageError(
                f"{repository} is not empty; name an absent or empty folder for the demonstration."
            )
        _git(repository, "init", "--quiet", "--template=", "--initial-branch=main")
        base = _commit(repository, base_tree, "Book berths, charge stays, pay refunds\n", _BASE_DATE, None)
        head = _commit(repository, head_tree, message, _HEAD_DATE, base)
        for name, content in head_tree.items():
            target = repository / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        _git(repository, "update-ref", "refs/heads/main", head)
    except OSError as error:
        raise UsageError(
            f"The demonstration cannot be made in {repository} ({error.strerror}); install git, or name another folder."
        ) from error
    return base, head


def tree_files(name: str) -> dict[str, bytes]:
    """Contents by path of ``trees/NAME``. ``head`` holds only what differs from ``base``."""
    root = TREES / name
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def _commit(repository: Path, files: dict[str, bytes], message: str, date: str, parent: str | None) -> str:
    entries = []
    for name, content in files.items():
        blob = _git(repository, "hash-object", "-w", "--no-filters", "--stdin", given=content)
        entries.append(f"100644 blob {blob}\t{name}\n")
    _git(repository, "read-tree", "--empty")
    _git(repository, "update-index", "--index-info", given="".join(entries).encode())
    tree = _git(repository, "write-tree")
    parents = ["-p", parent] if parent else []
    return _git(repository, "commit-tree", tree, *parents, given=message.encode(), date=date)


def _git(repository: Path, *arguments: str, given: bytes = b"", date: str = _BASE_DATE) -> str:
    # Nothing of the caller's environment: inside a git hook GIT_DIR would name another repository.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": _AUTHOR,
        "GIT_AUTHOR_EMAIL": _MAIL,
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_NAME": _AUTHOR,
        "GIT_COMMITTER_EMAIL": _MAIL,
        "GIT_COMMITTER_DATE": date,
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=repository, env=environment, input=given, capture_output=True, check=False
    )
    if done.returncode:
        problem = done.stderr.decode("utf-8", "replace").strip()
        raise UsageError(
            f"git {arguments[0]} failed in {repository}: {problem}; check that git is 2.28 or later."
        )
    return done.stdout.decode().strip()
