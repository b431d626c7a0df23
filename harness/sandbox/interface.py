"""What a sandbox driver is: it starts jobs, and tells three ends of a job apart.

Paths that every job sees, the same with every driver:

==============  ==============================================================
``/tree``       private writable copy of the job's tree (absent without one)
``/guest/…``    read-only folders of trusted guest code (``Job.guest``)
``/in/…``       read-only input: files of ``Job.files`` and folders of ``Job.mounts``
``/out``        writable; regular files in it are handed back in ``Result.files``
``/tmp``        writable, private, ``HOME`` and ``TMPDIR`` point into it
``/support``    read-only Python packages for the guest (pytest, hypothesis, coverage), if any
``/deps``       the project's dependencies, read-only (``Job.deps``); writable while they are set up
==============  ==============================================================

There is no network, no host file beyond what the interpreter needs, no privilege, and
nothing that outlives the job.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self, runtime_checkable

TREE = "/tree"
GUEST = "/guest"
INPUT = "/in"
OUTPUT = "/out"
SUPPORT = "/support"
DEPS = "/deps"

LimitName = Literal["wall", "cpu", "memory", "output", "disk", "processes"]


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one job. Times in seconds, sizes in bytes, ``cpus`` in cores."""

    wall_seconds: float = 60.0
    cpu_seconds: float = 60.0
    cpus: float = 1.0
    memory_bytes: int = 1 << 30
    processes: int = 256
    open_files: int = 1024
    file_bytes: int = 256 << 20
    disk_bytes: int = 512 << 20
    disk_inodes: int = 200_000
    output_bytes: int = 16 << 20
    collect_bytes: int = 64 << 20
    collect_files: int = 1000


@dataclass(frozen=True)
class Job:
    """One command to run in a fresh sandbox.

    ``argv[0]`` may be ``{python}``, which the driver replaces with its interpreter.
    ``tree`` is a folder on the host; the job gets a private writable copy at ``/tree``
    and starts there (else in ``/tmp``). ``guest`` maps a name to a host folder, visible
    read-only at ``/guest/NAME``. ``files`` (name to content) and ``mounts`` (name to host
    folder) appear read-only under ``/in``; names are single path parts or ``a/b`` paths
    without ``..``. ``tools`` names host programs (absolute paths, resolved) that are bound
    read-only at ``/opt/tools/BASENAME``, with ``/opt/tools`` last on the ``PATH``.
    ``deps`` is a host folder, visible read-only at ``/deps``; when it has ``bin/python``, that is
    ``{python}``, and ``/deps/bin`` is first on the ``PATH``. ``fills_deps`` gives an empty,
    private, writable ``/deps`` instead.
    ``stdin`` is fed to standard input first; ``interactive`` then keeps it open for
    :meth:`Running.send`.
    """

    argv: Sequence[str]
    tree: Path | None = None
    guest: Mapping[str, Path] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    mounts: Mapping[str, Path] = field(default_factory=dict)
    tools: Sequence[Path] = ()
    deps: Path | None = None
    fills_deps: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    interactive: bool = False
    limits: Limits = field(default_factory=Limits)
    label: str = ""

    @property
    def own_python(self) -> str | None:
        """The interpreter that came with the dependencies, as the job sees it."""
        if self.deps is None or not os.path.lexists(self.deps / "bin" / "python"):
            return None
        return f"{DEPS}/bin/python"


@dataclass(frozen=True)
class Ended:
    """The command ended by itself: exit status 0–255, or minus the number of its signal."""

    status: int


@dataclass(frozen=True)
class Limited:
    """A limit ended the command; it has no status."""

    limit: LimitName


@dataclass(frozen=True)
class Failed:
    """The sandbox itself failed. This says nothing about the command and is never a result."""

    reason: str


End = Ended | Limited | Failed


@dataclass(frozen=True)
class Result:
    """What came out of one job.

    ``stdout`` and ``stderr`` are capped together at ``Limits.output_bytes``. ``files`` maps
    paths below ``/out`` to contents; only regular files, harvested after everything inside
    was dead. ``left_out`` names what was not harvested and why. ``seconds`` is wall time.
    ``peak_memory_bytes`` is None where the driver cannot measure it.
    """

    end: End
    stdout: bytes = b""
    stderr: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    seconds: float = 0.0
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None


class Running(Protocol):
    """A started job. Use it as a context manager: leaving kills whatever still runs."""

    def send(self, data: bytes) -> None:
        """Write to the job's standard input (``interactive`` jobs only).

        Never blocks for longer than the job's wall limit. Data for a job that has ended is
        dropped silently: its end is told by :meth:`wait`.
        """

    def close_stdin(self) -> None:
        """End of input for the job."""

    def read_line(self, timeout: float | None = None) -> bytes | None:
        """The next line of standard output with its newline, or the last rest without one.

        ``b""`` at the end of the output, None when ``timeout`` seconds passed without a line.
        Lines that were read here are not repeated in :attr:`Result.stdout`.
        """

    def kill(self) -> None:
        """Kill everything inside at once. Returns immediately; safe from any thread."""

    def wait(self) -> Result:
        """Wait for the end, harvest, remove every trace, and say how it ended. Idempotent."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True)
class Availability:
    """Whether a driver works here. ``reason`` and ``remedy`` are sentences, empty when it does."""

    works: bool
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Settings:
    """What a driver is told when it is made, from ``[sandbox]`` of harness.toml and options.

    ``python`` is the interpreter of the project under test (bubblewrap), ``image`` the
    container image (docker), ``runtime`` the OCI runtime (docker), ``state`` a writable
    folder for caches and records of live sandboxes, shared by all harnesses of this user.
    """

    state: Path
    python: Path | None = None
    image: str | None = None
    runtime: str | None = None
    allow_pull: bool = False


@runtime_checkable
class Driver(Protocol):
    """A sandbox driver. ``sandboxes/<name>/driver.py`` has ``create(settings) -> Driver``."""

    name: str

    def probe(self) -> Availability:
        """Whether sandboxes can be started here; runs a real one. Never raises."""

    def describe(self) -> Sequence[str]:
        """The isolation in force as short sentences, and what is missing on this machine."""

    def python_version(self) -> tuple[int, int]:
        """Version of the interpreter inside. Raises SandboxUnavailableError when there is none."""

    def image(self) -> str | None:
        """Digest of the image that jobs run in, None for drivers without images."""

    def start(self, job: Job) -> Running:
        """Start a job. A sandbox that cannot start is a Running whose wait gives Failed."""

    def run(self, job: Job) -> Result:
        """``start`` and ``wait``."""

    def shutdown(self) -> None:
        """Kill every job that this object started; later starts give Failed. Any thread."""

    def clean(self) -> Sequence[str]:
        """Remove what dead harnesses of this user left behind; names what was removed."""


Factory = Callable[[Settings], Driver]
