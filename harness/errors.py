"""Errors that a user can mend. Each text says what happened and what to do next.

The command line turns these, and nothing else, into one sentence and an exit status.
"""

import errno
import os

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says when there is no room for a file: no space, no file numbers, quota used up."""
ROOM = "Make room there, or name another place for the harness's files with XDG_CACHE_HOME and TMPDIR."


def remedy_for(reason: str) -> str:
    """What to do when a reason that quotes the system speaks of a full disk; empty when it does not."""
    return ROOM if any(os.strerror(number) in reason for number in FULL) else ""


class HarnessError(Exception):
    """Something the user can mend; ``exit_status`` is what the command line ends with."""

    exit_status = 2


class UsageError(HarnessError):
    """A wrong argument: no such revision, not a repository, a folder that cannot be written."""


class ConfigError(HarnessError):
    """harness.toml, check.toml or sandbox.toml holds a mistake."""


class SandboxUnavailableError(HarnessError):
    """No sandbox driver works on this machine; nothing was run."""


class PackError(HarnessError):
    """A check pack or a sandbox driver cannot be loaded."""


class ReportError(HarnessError):
    """A stored report or a proof in it cannot be read."""


class AttestationError(HarnessError):
    """An attestation is not what it has to be; whatever it should gate must not go on."""

    exit_status = 1
