"""The embedded sandbox: bubblewrap behind a trusted stage."""

import os
import socket
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from shutil import which

from harness.errors import SandboxUnavailableError
from harness.sandbox.failed import NotStarted
from harness.sandbox.interface import Availability, Job, Limits, Result, Running, Settings
from harness.sandbox.support import OLDEST_PYTHON, support_folder

from . import cleaning, diagnosis
from .interpreter import Interpreter, default_interpreter, identity_of, resolve
from .plan import Machine, PlanError, make_spec
from .running import BubblewrapRunning, Pipes
from .seccomp import UnsupportedMachineError
from .server import Server
from .stage.hierarchy import Parents, discover

_COPY_ENTRIES, _COPY_BYTES = 2000, 64 << 20
_FIRST_WITH_DISABLE_USERNS = (0, 8)


def create(settings: Settings) -> "BubblewrapDriver":
    """The driver. Nothing is started or looked up yet."""
    return BubblewrapDriver(settings)


class BubblewrapDriver:
    """Implements Driver. All methods may be called from several threads."""

    name = "bubblewrap"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server = Server()
        self._lock = threading.Lock()
        self._live: set[BubblewrapRunning] = set()
        self._closed = False
        self._copied = False
        self._interpreter: Interpreter | None = None
        self._machine: Machine | None = None
        self._support: Path | None = None
        self._support_made = False
        self._parents: Parents | None = None

    def probe(self) -> Availability:
        """See Driver.probe."""
        return diagnosis.probe(self)

    def describe(self) -> Sequence[str]:
        """See Driver.describe."""
        isolation = diagnosis.describe(self.machine(), self.parents(), copied=self._copied)
        return [*isolation, *diagnosis.borrowed(self.interpreter().version, self.interpreter().lacks)]

    def python_version(self) -> tuple[int, int]:
        """See Driver.python_version."""
        return self.interpreter().version

    def image(self) -> str | None:
        """None: there are no images."""
        return None

    def identity(self) -> str:
        """What a job's result depends on besides the job: the interpreter, its packages, the system."""
        return identity_of(self.interpreter())

    def interpreter(self) -> Interpreter:
        """The interpreter of jobs. Raises SandboxUnavailableError."""
        with self._lock:
            if self._interpreter is None:
                self._interpreter = resolve(self._settings.python or default_interpreter())
            return self._interpreter

    def parents(self) -> Parents:
        """Where control groups of jobs go."""
        with self._lock:
            if self._parents is None:
                self._parents = discover()
            return self._parents

    def machine(self) -> Machine:
        """What this machine offers. Raises SandboxUnavailableError without bubblewrap."""
        parents = self.parents()
        with self._lock:
            if self._machine is None:
                self._machine = _look(parents)
            return self._machine

    def support(self) -> Path | None:
        """The folder for /support, None where it could not be made."""
        fits = self.interpreter().version >= OLDEST_PYTHON
        with self._lock:
            if not self._support_made:
                if fits:
                    self._support = support_folder(self._settings.state)
                self._support_made = True
            return self._support

    def start(self, job: Job) -> Running:
        """See Driver.start."""
        if self._closed:
            return NotStarted("the harness is shutting down")
        try:
            spec = make_spec(job, self.interpreter(), self.machine(), self.support())
            return self._submit(job, spec)
        except (PlanError, SandboxUnavailableError, UnsupportedMachineError, OSError) as error:
            return NotStarted(str(error))

    def _submit(self, job: Job, spec: bytes) -> Running:
        given: list[int] = []
        kept: list[int] = []
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            given.append(_memory_file(spec))
            stdin = None
            if job.interactive or job.stdin:
                reading, stdin = os.pipe2(os.O_CLOEXEC)
                given.append(reading)
                kept.append(stdin)
            else:
                given.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
            for _ in ("stdout", "stderr"):
                reading, writing = os.pipe2(os.O_CLOEXEC)
                given.append(writing)
                kept.append(reading)
            self._server.submit([*given, theirs.fileno()])
        except OSError:
            for descriptor in kept:
                os.close(descriptor)
            ours.close()
            raise
        finally:
            theirs.close()
            for descriptor in given:
                os.close(descriptor)
        pipes = Pipes(stdin, kept[-2], kept[-1], ours)
        running = BubblewrapRunning(pipes, job.limits, job.stdin, job.interactive, self._ended)
        with self._lock:
            self._live.add(running)
            closed = self._closed
        if closed:
            running.kill()
        return running

    def _ended(self, running: BubblewrapRunning) -> None:
        with self._lock:
            self._live.discard(running)
            self._copied = self._copied or running.tree_kind == "copy"

    def run(self, job: Job) -> Result:
        """See Driver.run."""
        with self.start(job) as running:
            return running.wait()

    def shutdown(self) -> None:
        """See Driver.shutdown."""
        self._closed = True
        with self._lock:
            live = list(self._live)
        for running in live:
            running.kill()
        self._server.close()

    def clean(self) -> Sequence[str]:
        """See Driver.clean."""
        return cleaning.clean(self.parents())

    def trial(self) -> Result:
        """Run a real sandbox that does nothing."""
        return self.run(Job(["true"], limits=Limits(wall_seconds=30)))


def _memory_file(content: bytes) -> int:
    descriptor = os.memfd_create("job", os.MFD_CLOEXEC)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    return descriptor


def _look(parents: Parents) -> Machine:
    bwrap = which("bwrap", path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/local/bin")
    if bwrap is None:
        raise SandboxUnavailableError(diagnosis.MISSING)
    root = os.geteuid() == 0
    return Machine(
        os.path.realpath(bwrap), _version(bwrap) >= _FIRST_WITH_DISABLE_USERNS, parents.counts_memory,
        parents.counts_processes, root, 0 if root else _COPY_ENTRIES, 0 if root else _COPY_BYTES,
    )  # fmt: skip


def _version(bwrap: str) -> tuple[int, ...]:
    done = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False, timeout=30)
    numbers = done.stdout.split()[-1:] or ["0"]
    return tuple(int(part) for part in numbers[0].split(".") if part.isdigit())
