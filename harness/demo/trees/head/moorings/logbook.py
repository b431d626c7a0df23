"""Searches the harbour's radio log, one call a line."""

import subprocess


class LogbookError(Exception):
    """The log cannot be searched."""


def last_call(boat: str, log: str) -> str:
    """The latest line of the log that names the boat, empty when there is none."""
    done = subprocess.run(
        f'grep -i -F -- "{boat}" "{log}" | tail -n 1',
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stderr:
        raise LogbookError(done.stderr.strip())
    return done.stdout.rstrip("\n")
