"""What a repository's README says of a target."""

import re

from harness.check.interface import Snapshot

from .target import Target


def readme_of(tree: Snapshot) -> str:
    """The text of the README, empty without one."""
    for name in ("README.md", "README.rst", "README.txt", "README"):
        text = tree.read_text(name, 200_000)
        if text:
            return text
    return ""


def about(readme: str, target: Target) -> str:
    """Paragraphs of the README that name the function or its module."""
    names = [
        re.escape(name)
        for name in (target.name.rpartition(".")[2], target.module.rpartition(".")[2], *target.focus)
    ]
    word = re.compile(r"\b(" + "|".join(names) + r")\b")
    return "\n\n".join(part for part in re.split(r"\n\s*\n", readme) if word.search(part))[:8000]
