"""Sandboxes as containers of a Docker engine."""

import atexit
import contextlib
import secrets
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import SandboxUnavailableError, remedy_for
from harness.sandbox.failed import NotStarted
from harness.sandbox.interface import Availability, Driver, Job, Result, Running, Settings
from harness.sandbox.support import support_folder

from . import probing, sockets
from .cleaning import clean_engine
from .describing import packages, sentences
from .engine import EngineError, Facts, connect, facts, told
from .image import Image, build_image, find
from .options import Frame, container, is_gvisor
from .overlays import Overlays
from .placing import Binds, Measures, Placed, Placing, Workspace
from .profile import seccomp, stored
from .removing import Removals
from .running import DockerRunning, remove
from .volumes import Volumes

if TYPE_CHECKING:
    from docker.api.client import APIClient

__all__ = ["DockerDriver", "build_image", "create"]

_MARKER_BYTES = 24
_STARTS = 8  # an engine that starts many containers at once answers nobody in time
_BYTES_A_SECOND = 50 << 20  # of a tree's copy, at worst
_ENTRIES_A_SECOND = 2000


def create(settings: Settings) -> Driver:
    """The driver's factory. Contacts nothing yet."""
    return DockerDriver(settings)


class _Ready:
    """What has been found out once an engine has run a trial container."""

    def __init__(self, client: "APIClient", told_facts: Facts, image: Image, frame: Frame) -> None:
        self.client = client
        self.facts = told_facts
        self.image = image
        self.frame = frame
        self.look: probing.Look | None = None
        self.placing: Placing | None = None
        self.support: Path | None = None


class DockerDriver:
    """See ``harness.sandbox.interface.Driver``."""

    name = "docker"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._preparing = threading.Lock()
        self._ready: _Ready | None = None
        self._live: set[DockerRunning] = set()
        self._removals = Removals()
        self._registering = threading.Lock()
        self._starting = threading.BoundedSemaphore(_STARTS)
        self._closed = False
        self._workspace = Workspace(settings.state)

    def probe(self) -> Availability:
        """Whether sandboxes can be started here; runs a real one."""
        try:
            self._prepare()
        except EngineError as error:
            return Availability(False, f"{error}", error.remedy)
        except Exception as error:
            what = f"an unexpected error: {type(error).__name__}: {error}"
            if remedy := remedy_for(what):
                what = f"a file of the harness in {self._settings.state} or TMPDIR cannot be written: {error}"
            return Availability(False, what, remedy)
        return Availability(True)

    def describe(self) -> Sequence[str]:
        """The isolation in force as short sentences."""
        ready = self._required()
        lines = sentences(ready.facts, ready.frame, ready.image, ready.placing)
        if ready.look and ready.look.lacking:
            lines.append(packages(ready.look.lacking, supplied=ready.support is not None))
        return lines

    def python_version(self) -> tuple[int, int]:
        """Version of the interpreter inside."""
        look = self._required().look
        return look.version if look else (0, 0)

    def image(self) -> str | None:
        """Digest of the image that jobs run in."""
        return self._required().image.digest

    def identity(self) -> str:
        """What a job's result depends on besides the job: the image."""
        ready = self._required()
        return f"docker {ready.image.digest} {self._settings.runtime or ''} {ready.support}"

    def start(self, job: Job) -> Running:
        """Start a job."""
        if not job.argv:
            return NotStarted("the job names no command; give it at least one word")
        try:
            ready = self._prepare()
            if ready.placing is None:
                return NotStarted("the Docker sandbox is not ready")
            if problem := self._removals.take_problem():  # as good as a failure of the job before
                return NotStarted(problem)
            return self._start(ready, ready.placing, job)
        except EngineError as error:
            return NotStarted(f"{error}{'; ' if error.remedy else ''}{error.remedy}")
        except (OSError, ValueError) as error:
            return NotStarted(f"the job's files could not be handed over: {error}")

    def run(self, job: Job) -> Result:
        """``start`` and ``wait``."""
        with self.start(job) as running:
            return running.wait()

    def shutdown(self) -> None:
        """Kill every job that this object started; later starts give Failed."""
        with self._registering:
            self._closed = True
            live = list(self._live)
        if live and self._ready is not None:
            client = self._ready.client
            for running in live:
                running.kill()
            with ThreadPoolExecutor(max_workers=8) as pool:
                list(pool.map(lambda running: remove(client, running.container), live))
        self._tidy()

    def clean(self) -> Sequence[str]:
        """Remove what dead harnesses of this user left behind; names what was removed."""
        removed: list[str] = []
        with contextlib.suppress(EngineError):
            client = self._ready.client if self._ready else connect()
            removed += clean_engine(client)
        return removed + self._workspace.clean()

    def _tidy(self) -> None:
        """Remove what was kept on the host and in the engine for further jobs."""
        self._removals.settle()
        if self._ready is not None and self._ready.placing is not None:
            self._ready.placing.close()
        self._workspace.close()

    def _required(self) -> _Ready:
        try:
            return self._prepare()
        except EngineError as error:
            raise SandboxUnavailableError(
                f"The Docker sandbox does not work: {error}. {error.remedy}".strip()
            ) from error

    def _prepare(self) -> _Ready:
        """Connect, find the image and run a trial container, once. Raises EngineError."""
        with self._preparing:
            if self._ready is None:
                ready = self._connect()
                clean_engine(ready.client)
                self._workspace.clean()
                self._try_out(ready)
                self._ready = ready
                atexit.register(self._tidy)
            return self._ready

    def _connect(self) -> _Ready:
        client = connect()
        known = facts(client)
        runtime = self._settings.runtime
        if runtime and known.runtimes and runtime not in known.runtimes:
            raise EngineError(
                f"the engine has no runtime {runtime!r}, only {', '.join(known.runtimes)}",
                "install it and name it in the engine's daemon.json, or change 'runtime' in harness.toml",
            )
        image = find(client, self._settings)
        profile = seccomp(known.architecture)
        if profile is None:
            raise EngineError(f"there is no system-call filter for the processor {known.architecture!r}")
        if known.name == "Podman":
            profile = str(stored(profile, self._settings.state.resolve() / "docker"))
        frame = Frame(
            image.id, profile, runtime, image.volumes,
            memory=known.memory, cpu=known.cpu, processes=known.processes,
            podman=known.name == "Podman", gvisor=is_gvisor(runtime or known.default_runtime),
        )  # fmt: skip
        return _Ready(client, known, image, frame)

    def _try_out(self, ready: _Ready) -> None:
        """Bind a secret file; an engine that shows it inside sees this machine's files."""
        nonce = secrets.token_hex(16)
        measures = Measures(self._settings.state)
        ways: list[Placing] = [
            Binds(self._workspace, measures), Volumes(ready.client, ready.image.id, measures),
        ]  # fmt: skip
        if Overlays.possible():
            ways.insert(0, Binds(self._workspace, measures, Overlays()))
        problem = EngineError("no way to hand files to the engine's containers was found")
        tree = probing.trial_tree(self._workspace.fresh(), nonce)
        for placing in ways:
            try:
                with self._start(ready, placing, probing.job(nonce.encode(), tree)) as running:
                    look = probing.read(running.wait())
            except EngineError as error:
                problem = error if error.remedy else EngineError(str(error), probing.remedy(str(error)))
                continue
            if look.nonce == nonce and look.tree == nonce + "!":
                probing.judge(look, filtered=ready.frame.filter is not None)
                ready.look, ready.placing = look, placing
                if look.lacking and probing.support_fits(look):
                    with contextlib.suppress(OSError):  # described as lacking
                        ready.support = support_folder(self._settings.state)
                return
        raise problem

    def _start(self, ready: _Ready, placing: Placing, job: Job) -> Running:
        placed = placing.place(job, ready.support)
        try:
            return self._launch(ready, placed, job)
        except BaseException:
            placed.release()
            raise

    def _launch(self, ready: _Ready, placed: Placed, job: Job) -> Running:
        client, marker = ready.client, secrets.token_bytes(_MARKER_BYTES)
        body = container(job, ready.frame, placed.mounts, placed.extent, marker)
        name = f"change-harness-{secrets.token_hex(6)}"
        streams = {"stdin": int(body["OpenStdin"]), "stdout": 1, "stderr": 1, "stream": 1}
        with told():
            identity: str = client.create_container_from_config(body, name)["Id"]  # type: ignore[no-untyped-call]
        with contextlib.ExitStack() as undoing:
            undoing.callback(remove, client, identity)
            with told():
                attached: Any = client.attach_socket(identity, params=streams)
            slack = placed.extent.size / _BYTES_A_SECOND + placed.extent.entries / _ENTRIES_A_SECOND
            running = DockerRunning(
                client, identity, attached, marker, job, slack, partial(self._released, client, placed)
            )
            undoing.callback(running.abandon)
            self._register(running)
            undoing.callback(self._live.discard, running)
            with self._starting, told():
                client.start(identity)
            sockets.limit(identity, job.limits.memory_bytes)
            undoing.pop_all()
        running.begin()
        return running

    def _register(self, running: DockerRunning) -> None:
        with self._registering:
            if self._closed:
                raise EngineError("the harness is shutting down")
            self._live.add(running)

    def _released(self, client: "APIClient", placed: Placed, running: DockerRunning) -> None:
        def remove_it() -> str:
            problem = remove(client, running.container)
            with self._registering:  # only now: until then a shutdown removes it
                self._live.discard(running)
            return problem

        self._removals.later(remove_it, placed.release)
