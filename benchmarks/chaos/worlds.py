"""Where a change is verified while something is killed: what can be hit there, and how it comes back."""

import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tests.cluster.processes import Cluster
from tests.sandboxes.docker.engines import Engine, dockerd


class World(Protocol):
    """``arguments`` and ``environment`` make the harness work here; ``victims`` can be hit."""

    victims: Sequence[str]
    arguments: Sequence[str]
    environment: Mapping[str, str]

    def strike(self, victim: str, harness: int, chance: random.Random) -> None:
        """SIGKILL to the victim of a running harness, if there is one at this moment."""

    def mend(self) -> None:
        """Start again what was killed."""

    def left(self) -> Iterator[str]:
        """What remains here besides processes and mounts."""


def strike_processes(victim: str, harness: int, chance: random.Random) -> None:
    """Kill the harness, or one of the processes below it."""
    below = sorted(descendants(harness))
    target = harness if victim == "harness" else chance.choice(below) if below else None
    with contextlib.suppress(ProcessLookupError):
        if target is not None:
            os.kill(target, signal.SIGKILL)


class Here:
    """A driver on this machine."""

    victims = ("harness", "sandbox", "sandbox")

    def __init__(self, driver: str, state: Path, address: str = "") -> None:
        self.arguments = ("--sandbox", driver)
        self.environment = {"DOCKER_HOST": address} if address else {}
        self._docker = driver == "docker"
        self._state = state

    def strike(self, victim: str, harness: int, chance: random.Random) -> None:
        strike_processes(victim, harness, chance)

    def mend(self) -> None:
        pass

    def left(self) -> Iterator[str]:
        if self._docker:
            listed = subprocess.run(
                ["docker", "ps", "-aq", "--filter", f"label=change-harness.state={self._state}"],
                capture_output=True, text=True, check=False, env=os.environ | self.environment,
            )  # fmt: skip
            yield from (f"container {name}" for name in listed.stdout.split())


class OwnEngine(Here):
    """Docker with an engine of our own, which is killed and started again."""

    victims = ("harness", "engine", "engine")

    def __init__(self, engine: Engine, state: Path) -> None:
        super().__init__("docker", state, engine.address)
        self._engine = engine

    def strike(self, victim: str, harness: int, chance: random.Random) -> None:
        if victim == "engine":
            self._engine.process.kill()
        else:
            strike_processes(victim, harness, chance)

    def mend(self) -> None:
        self._engine.revive()


class OwnCluster(Here):
    """Two workers on this machine, one of which is killed and started again."""

    victims = ("harness", "worker", "worker")

    def __init__(self, cluster: Cluster, state: Path) -> None:
        super().__init__("bubblewrap", state)
        self._cluster = cluster
        self.arguments = ("--sandbox", "bubblewrap", "--executor", cluster.url)
        self._workers = {name: cluster.worker(name) for name in ("one", "two")}
        self._started = 2

    def strike(self, victim: str, harness: int, chance: random.Random) -> None:
        if victim == "worker":
            struck = self._workers[chance.choice(sorted(self._workers))]
            struck.kill()
            struck.wait(60)
        else:
            strike_processes(victim, harness, chance)

    def mend(self) -> None:
        for name, process in [*self._workers.items()]:
            if process.poll() is not None:
                self._started += 1
                del self._workers[name]
                self._workers[f"worker-{self._started}"] = self._cluster.worker(f"worker-{self._started}")


@contextlib.contextmanager
def world_of(name: str, folder: Path) -> Iterator[World]:
    """``bubblewrap``, ``docker``, ``engine`` or ``cluster``."""
    state = folder / "state"
    if name == "engine":
        with dockerd({}) as engine:
            yield OwnEngine(engine, state)
    elif name == "cluster":
        (folder / "cluster").mkdir()
        cluster = Cluster(folder / "cluster")
        try:
            yield OwnCluster(cluster, state)
        finally:
            cluster.close()
    else:
        yield Here(name, state)


def descendants(pid: int) -> set[int]:
    """Process ids below a process."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                fresh = {int(word) for word in task.read_text().split()} - found
                found |= fresh
                waiting += fresh
    return found
