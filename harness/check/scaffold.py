"""``harness check new``: a working pack to begin with."""

import shutil
from pathlib import Path

from harness.errors import UsageError

TEMPLATE = Path(__file__).parent / "template"
KINDS = ("rules", "command", "python")
"""Cheapest first: a semgrep file, a program whose output is compared, Python with proofs."""


def scaffold(check_id: str, parent: Path, kind: str) -> Path:
    """Write a pack of a kind that works into ``parent/CHECK_ID`` and return that folder.

    Raises UsageError when the id is no lower-case name or the folder exists.
    """
    if not check_id.isidentifier() or not check_id.islower():
        raise UsageError(
            f"{check_id!r} is no id for a check: use lower-case letters, digits and _, as in no_print."
        )
    folder = parent / check_id
    if folder.exists():
        raise UsageError(f"{folder} exists already; choose another id or another folder with --in.")
    try:
        shutil.copytree(TEMPLATE / kind, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for file in folder.rglob("*.txt"):
            text = file.read_text(encoding="utf-8").replace("@CHECK@", check_id)
            file.with_suffix("").write_text(text, encoding="utf-8")
            file.unlink()
    except OSError as problem:
        raise UsageError(f"{folder} cannot be written: {problem}.") from None
    return folder
