"""Nothing is left when the harness itself is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.sandbox.interface import Driver, Ended, Failed, Job, Limited, Limits, Settings
from harness.sandbox.registry import load
from sandboxes.bubblewrap.stage import hierarchy

pytestmark = pytest.mark.bubblewrap

_HARNESS = """
import sys
from pathlib import Path
from harness.sandbox.interface import Job, Settings
from harness.sandbox.registry import load
driver = load("bubblewrap", Settings(state=Path(sys.argv[1])))
jobs = [driver.start(Job(["sleep", sys.argv[2]])) for _ in range(3)]
inner = driver.start(Job(["sh", "-c", "echo up; sleep " + sys.argv[2]]))
print(inner.read_line(30), flush=True)
jobs[0].wait()
"""


def processes_with(argument: str) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if argument.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def groups_of(pid: int) -> list[Path]:
    own = hierarchy.identity_of(pid)
    return [
        p
        for parent in hierarchy.discover().folders()
        for p in Path(parent).glob(f"{hierarchy.PREFIX}{own}-*")
    ]


def mounts() -> list[str]:
    """Mounts of this machine without those of containers, which come and go on their own."""
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "docker" not in line]


def eventually(condition: object, seconds: float = 30) -> bool:
    assert callable(condition)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_killed_harness_leaves_nothing(driver: Driver, settings: Settings, number: int) -> None:
    mark = f"300.{int(number)}{os.getpid()}"
    before = mounts()
    code = [sys.executable, "-c", _HARNESS, str(settings.state), mark]
    with subprocess.Popen(code, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as harness:
        assert harness.stdout is not None
        assert b"up" in harness.stdout.readline()
        made = groups_of(harness.pid)
        assert not hierarchy.discover().folders() or made
        harness.send_signal(number)
        harness.wait()
    assert eventually(lambda: not processes_with(mark))
    assert eventually(lambda: not any(path.exists() for path in made))
    assert mounts() == before


@pytest.mark.parametrize(("command", "status"), [("exit 137", 137), ("kill -9 $$", -9), ("exit 139", 139)])
def test_a_status_is_told_from_a_signal(driver: Driver, command: str, status: int) -> None:
    if tuple(map(int, os.uname().release.split(".")[:2])) < (6, 15):
        pytest.skip("the kernel tells how a process ended from version 6.15 on")
    assert driver.run(Job(["sh", "-c", command])).end == Ended(status)


def test_server_that_dies_is_replaced(settings: Settings) -> None:
    own = load("bubblewrap", settings)
    try:
        assert own.run(Job(["true"])).end == Ended(0)
        server = own._server._process  # type: ignore[attr-defined]
        server.kill()
        server.wait()
        assert own.run(Job(["true"])).end == Ended(0)
    finally:
        own.shutdown()


def test_stage_that_dies_is_a_failure_and_never_a_result(settings: Settings) -> None:
    own = load("bubblewrap", settings)
    try:
        with own.start(Job(["sh", "-c", "echo up; sleep 301"])) as running:
            assert running.read_line(30) == b"up\n"
            server = own._server._process.pid  # type: ignore[attr-defined]
            children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
            for child in children:
                os.kill(int(child), signal.SIGKILL)
            assert isinstance(running.wait().end, Failed)
        own.clean()
    finally:
        own.shutdown()


def test_job_keeps_its_limit_when_nobody_reads(driver: Driver) -> None:
    job = Job(["sh", "-c", "yes"], limits=Limits(wall_seconds=1, output_bytes=64 << 20))
    running = driver.start(job)
    time.sleep(2)
    assert running.wait().end == Limited("wall")


def test_status_of_a_sandbox_that_cannot_be_set_up(driver: Driver, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    job = Job(["true"], mounts={"x": gone / ".."}, tree=gone)
    assert driver.run(job).end == Ended(0)
    gone.rmdir()
    assert isinstance(driver.run(job).end, Failed)
