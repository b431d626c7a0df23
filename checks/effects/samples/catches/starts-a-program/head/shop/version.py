"""The version that is shown."""

import subprocess


def shown(number):
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return f"v{number}"
    return f"v{number}-{done.stdout.strip()}"
