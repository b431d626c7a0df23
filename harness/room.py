"""Telling a full disk from everything else that can go wrong with a file."""

import errno
import os

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says when there is no room for a file: no space, no file numbers, quota used up."""
REMEDY = "Make room there, or name another place for the harness's files with XDG_CACHE_HOME and TMPDIR."


def remedy_for(reason: str) -> str:
    """What to do when a reason that quotes the system speaks of a full disk; empty when it does not."""
    return REMEDY if any(os.strerror(number) in reason for number in FULL) else ""
