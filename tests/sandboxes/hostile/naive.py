"""How far attacks on resources get where a limit does not stop them, and naive collectors.

A bomb is only ever run in a sandbox: here one whose limits are wide, though finite. The watcher
in it is the bomb's neighbour, as a naive set-up has many: it counts what the bomb takes.
"""

import subprocess
from pathlib import Path

from harness.sandbox.interface import Limits

WIDE = Limits(
    wall_seconds=30, cpu_seconds=25, memory_bytes=640 << 20, processes=300, disk_bytes=480 << 20, disk_inodes=60_000,
    file_bytes=2 << 40, output_bytes=4 << 20, open_files=4096, collect_bytes=1 << 20, collect_files=50,
)  # fmt: skip

# Runs the bomb of its argument for some seconds, and says what it took. Other output is the bomb's.
_WATCH = """
import os, signal, subprocess, sys, time
started = time.monotonic()
bomb = subprocess.Popen([sys.executable, '-c', sys.argv[1]], start_new_session=True)
most = names = 0
gone = None
while time.monotonic() - started < 6 and (gone is None or time.monotonic() - gone < 1):
    own, tasks = str(os.getpid()), 0
    for name in os.listdir('/proc'):
        if name.isdigit() and name not in ('1', own):
            try: tasks += max(1, len(os.listdir(f'/proc/{name}/task')))
            except OSError: pass
    most = max(most, tasks)
    room = os.statvfs('/out')
    names = max(names, room.f_files - room.f_ffree)
    if gone is None and bomb.poll() is not None: gone = time.monotonic()
    time.sleep(0.05)
os.write(1, f'\\nTASKS {most} NAMES {names} LEFT {tasks if gone else 0}\\n'.encode())
os._exit(0)
"""


def watched(code: str) -> list[str]:
    """The command that runs a bomb next to its watcher."""
    return ["{python}", "-c", _WATCH, code]


def counted(output: bytes) -> dict[str, int]:
    """What the watcher counted: most tasks, most names in /out, tasks left after the bomb's own end."""
    words = output.decode("ascii", "replace").split()[-6:]
    return {words[at]: int(words[at + 1]) for at in range(0, len(words) - 1, 2)}


def collected(place: Path) -> bytes:
    """A left file's content as a naive collector reads it. Raises OSError, TimeoutExpired (it hangs)."""
    done = subprocess.run(["cat", place], capture_output=True, check=False, timeout=1)
    if done.returncode:
        raise OSError(done.stderr)
    return done.stdout
