"""Searches the harbour's radio log, one call a line."""

import subprocess


class LogbookError(Exception):
    """The log cannot be searched."""


def last_call(boat: str, log: str) -> str:
    """The latest line of the log that names the boat, empty when there is none."""
    done = subprocess.run(
        ["grep", "-i", "-F", "--", boat, log],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stderr:
        raise LogbookError(done.stderr.strip())
    lines = done.stdout.splitlines()
    return lines[-1] if lines else ""
