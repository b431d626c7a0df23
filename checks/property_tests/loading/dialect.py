"""Whether a source text that the sandbox's Python refuses may be written for a later one."""

import re
import sys

from harness.check.interface import Snapshot

from ..syntax import parse

Version = tuple[int, ...]
NEWER: tuple[tuple[Version, re.Pattern[str]], ...] = (
    ((3, 10), re.compile(r"^\s*match\b.*:\s*(#.*)?$\n\s+case\b", re.M)),
    ((3, 11), re.compile(r"^\s*except\s*\*", re.M)),
    (
        (3, 12),
        re.compile(r"^\s*(?:type\s+\w+\s*(?:\[.*\])?\s*=|(?:async\s+)?def\s+\w+\[|class\s+\w+\[)", re.M),
    ),
    ((3, 12), re.compile(r"""\b[fF](["'])(?:(?!\1).)*\{[^{}\n]*\1[^{}\n]*\1[^{}\n]*\}""")),
    ((3, 14), re.compile(r"""(?<![\w"'])[tT][rR]?["']""")),
)
"""Constructs by the first version that reads them."""
DEMANDED = re.compile(
    r"""(?:requires-python|python_requires)["']?\s*[=:]\s*["']?[^"'\n]*?>=?\s*(\d+)\.(\d+)"""
)


def for_a_later_python(text: str, head: Snapshot, version: Version) -> bool:
    """Whether ``text``, which Python ``version`` refuses, is likely to be right for a later version.

    What the project says of the versions that it supports decides; else what the text is made of.
    """
    demanded = _demanded(head)
    if demanded is not None:
        return demanded > version
    if sys.version_info[:2] > version and parse(text) is not None:
        return True  # the interpreter outside of the sandbox reads it
    return any(first > version and pattern.search(text) for first, pattern in NEWER)


def _demanded(head: Snapshot) -> Version | None:
    """The lowest version that the project says it supports."""
    for name in ("pyproject.toml", "setup.cfg", "setup.py"):
        found = DEMANDED.search(head.read_text(name, 200_000) or "")
        if found:
            return int(found.group(1)), int(found.group(2))
    return None
