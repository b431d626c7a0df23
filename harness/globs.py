"""Globs over ``/`` separated paths: ``**/`` is any number of folders, ``*`` stays in one."""

import fnmatch
import re
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=4096)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob as a regular expression for ``fullmatch``."""
    text, index = "", 0
    while index < len(glob):
        if glob.startswith("**/", index):
            text, index = text + "(?:[^/]+/)*", index + 3
        elif glob.startswith("**", index):
            text, index = text + ".*", index + 2
        elif glob[index] in "*?":
            text, index = text + ("[^/]*" if glob[index] == "*" else "[^/]"), index + 1
        elif glob[index] == "[" and "]" in glob[index:]:
            end = glob.index("]", index)
            text, index = text + fnmatch.translate(glob[index : end + 1])[4:-3], end + 1
        else:
            text, index = text + re.escape(glob[index]), index + 1
    return re.compile(text)


def matches(globs: Sequence[str], path: str) -> bool:
    """Whether one of the globs matches the path."""
    return any(glob_pattern(glob).fullmatch(path) for glob in globs)
