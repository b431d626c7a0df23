"""First process of a Docker sandbox: copies the tree, runs the job, hands back what it left.

Runs INSIDE, standard library of CPython 3.9 and later; ``bundle.py`` (outside) says how it
gets there and what its arguments are. It starts in every sandbox, so it loads the compiled
modules ``_ctypes`` and ``_signal`` and nothing like ``json``: their public faces cost several
times what the rest of it does.

The job has the container's own standard streams. When its first process has ended, or a
limit has, everything else inside is killed, and then, on standard output, follow a marker,
the last words (:func:`close`) and the contents of the files of ``/out``; on standard error
the marker alone. The marker is a random secret that the environment brings; this process
is not dumpable, hence no job can read it, and no job is alive when it is written.
"""

from __future__ import annotations

import _ctypes
import _signal as signal  # type: ignore[import-not-found]
import os
import resource
import sys
import time

from .accounting import memory_kills, peak_memory, processor_seconds
from .copying import UnreadableError, copy_tree
from .leavings import Harvest, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

    # (wait status of the job's first process or None, limit that ended it or None, wall seconds)
    End = Tuple[int | None, str | None, float]

MARKER = "CHANGE_HARNESS_MARKER"
PR_SET_DUMPABLE = 4
POLL = 0.1  # seconds between looks at the processor time used


class Spec:
    """The job: ``name=value`` words, ``env:NAME=VALUE`` words, ``--`` and the command."""

    def __init__(self, words: list[str]) -> None:
        end = words.index("--")
        pairs = [word.partition("=")[::2] for word in words[:end]]
        values = dict(pair for pair in pairs if not pair[0].startswith("env:"))
        self.argv = words[end + 1 :]
        self.env = {name[4:]: value for name, value in pairs if name.startswith("env:")}
        self.cwd = values["cwd"]
        self.source = values["source"]  # folder to copy to /tree, or empty
        self.tools = values["tools"]  # last folder of the PATH, or empty
        self.programs = values["programs"]  # first folder of the PATH, or empty
        self.wall = float(values["wall"])
        self.cpu = float(values["cpu"])
        self.open_files = int(values["open_files"])
        self.file_bytes = int(values["file_bytes"])
        self.collect_bytes = int(values["collect_bytes"])
        self.collect_files = int(values["collect_files"])


def launch(spec: Spec, mask: Any) -> int:
    """Fork and run the command in a session of its own; its process id."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.umask(0o022)
        os.chdir(spec.cwd)
        set_limits(spec)
        argv = [sys.executable if part == "{python}" else part for part in spec.argv[:1]]
        argv += spec.argv[1:]
        environment = {**os.environ, **spec.env}
        if spec.programs:
            environment["PATH"] = spec.programs + ":" + environment.get("PATH", os.defpath)
        if spec.tools:
            environment["PATH"] = environment.get("PATH", os.defpath) + ":" + spec.tools
        os.execvpe(argv[0], argv, environment)
    except FileNotFoundError as error:
        say("cannot run %s: %s" % (spec.argv[0], error.strerror))
        os._exit(127)
    except BaseException as error:  # nothing of this process may go on in the child
        say("cannot run %s: %s" % (spec.argv[0], error))
        os._exit(126)


def say(text: str) -> None:
    """One line on standard error, before the job has begun."""
    os.write(2, ("sandbox: %s\n" % text).encode("utf-8", "replace"))


def set_limits(spec: Spec) -> None:
    """What the engine has no option for; a per-process limit holds for this and its children."""
    cpu = max(1, int(spec.cpu + 0.999))
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_FSIZE, spec.file_bytes, spec.file_bytes),
        (resource.RLIMIT_NOFILE, spec.open_files, spec.open_files),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))


def supervise(spec: Spec, mask: Any) -> End:
    """Run the job to its end or to a limit."""
    began = time.monotonic()
    spent = processor_seconds()
    child = launch(spec, mask)
    while True:
        left = spec.wall - (time.monotonic() - began)
        if left <= 0:
            return None, "wall", time.monotonic() - began
        event = signal.sigtimedwait({signal.SIGCHLD, signal.SIGTERM}, min(left, POLL))
        # Only a sender outside this process namespace has no number here: the job cannot ask.
        if event is not None and event.si_signo == signal.SIGTERM and event.si_pid == 0:
            return None, "stopped", time.monotonic() - began
        ended = reap(child)
        if ended is not None:
            return ended, None, time.monotonic() - began
        if processor_seconds() - spent > spec.cpu:
            return None, "cpu", time.monotonic() - began


def reap(child: int) -> int | None:
    """Collect ended processes; the wait status of ``child`` if it is among them."""
    found = None
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return found
            if pid == child:
                found = status
    except ChildProcessError:
        return found


def kill_all() -> None:
    """Kill every other process inside and wait until there is none."""
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def close(marker: bytes, end: End, spec: Spec, setup: str) -> None:
    """Tell how it ended: marker, length of the last words and newline, these, contents of the files.

    The words are fields with a NUL between them: status, limit, setup, memory kills, seconds,
    processor seconds, peak memory, number of files, path and size of each, what was left out.
    """
    ended, limit, seconds = end
    harvest = Harvest("/out", spec.collect_bytes, spec.collect_files).gather()
    if harvest.unnamed:
        harvest.left_out.append("and %d more" % harvest.unnamed)
    status = ""
    if ended is not None:
        status = str(-os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else os.WEXITSTATUS(ended))
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = peak_memory()
    fields = [
        status,
        limit or "",
        setup,
        str(memory_kills()),
        "%.6f" % seconds,
        "%.6f" % (usage.ru_utime + usage.ru_stime),
        "" if peak is None else str(peak),
        str(len(harvest.files)),
    ]
    for path, size in harvest.files:
        fields += [path, str(size)]
    words = "\0".join(fields + harvest.left_out).encode("utf-8", "replace")
    write(2, marker)
    write(1, marker + b"%d\n" % len(words) + words)
    harvest.send()


def protect() -> None:
    """Make this process unreadable for the job, which runs as the same user."""
    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")  # type: ignore[arg-type]
    if _ctypes.call_function(prctl, (PR_SET_DUMPABLE, 0, 0, 0, 0)) != 0:
        raise OSError("the process cannot be protected")


def main() -> None:
    protect()
    marker = bytes.fromhex(os.environ.pop(MARKER))
    spec = Spec(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    end: End = (None, None, 0.0)
    setup = ""
    try:
        os.makedirs(spec.env["HOME"], exist_ok=True)
        if spec.source:
            copy_tree(spec.source, "/tree")
        end = supervise(spec, mask)
    except UnreadableError as error:
        setup = "unreadable: %s" % error
    except OSError as error:
        setup = "cannot set up the sandbox: %s" % error
    kill_all()
    close(marker, end, spec, setup)
    os._exit(0)  # nothing is left to tidy up, and the container goes with this process
