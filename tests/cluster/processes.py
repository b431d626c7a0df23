"""A real scheduler and real workers, as processes on this machine, each worker with a cache of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

START_SECONDS = 60


class Cluster:
    """Processes that are ended with the test. ``url`` is what --executor takes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.processes: list[subprocess.Popen[bytes]] = []
        scheduler = self._start(
            "scheduler",
            ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        )
        self.address = self._said(scheduler, r"Scheduler at:\s+tcp://(\S+:\d+)")
        self.url = f"dask://{self.address}"

    def worker(self, name: str, *more: str, **variables: str) -> subprocess.Popen[bytes]:
        """A worker that takes two checks at a time, once the scheduler knows it."""
        program = [
            "-m", "distributed.cli.dask_worker", f"tcp://{self.address}", "--nworkers", "1", "--nthreads", "4",
            "--host", "127.0.0.1", "--no-nanny", "--no-dashboard", "--name", name,
            *(more or ("--resources", "sandbox=2")),
        ]  # fmt: skip
        log = self._start(name, program, XDG_CACHE_HOME=str(self.root / name), **variables)
        self._said(log, r"Registered to:\s+(\S+)")
        return self.processes[-1]

    def log(self, name: str) -> str:
        return (self.root / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, name: str, program: list[str], **variables: str) -> Path:
        log = self.root / f"{name}.log"
        with log.open("wb") as stream:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, *program], stdout=stream, stderr=stream, stdin=subprocess.DEVNULL,
                    env=os.environ | variables, cwd=self.root,
                )
            )  # fmt: skip
        return log

    def _said(self, log: Path, pattern: str) -> str:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            found = re.search(pattern, log.read_text(errors="replace"))
            if found:
                return found[1]
            time.sleep(0.1)
        raise AssertionError(f"{log.name}: {log.read_text(errors='replace')[-2000:]}")
