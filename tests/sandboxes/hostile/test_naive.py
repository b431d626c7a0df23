"""Bombs and leavings do harm where nothing holds them: their probes prove something."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.sandbox.interface import Driver, Ended, Job, Settings
from harness.sandbox.registry import load
from tests.sandboxes.hostile.bombs import LEAVINGS, MEMORY, PROCESSES, bombs, leavings
from tests.sandboxes.hostile.host import Host
from tests.sandboxes.hostile.naive import WIDE, collected, counted, watched
from tests.sandboxes.hostile.test_bombs import LIMITS, ROOM

pytestmark = [
    pytest.mark.bubblewrap,
    pytest.mark.skipif(os.geteuid() != 0, reason="what a bomb takes is measured for root"),
]

FLOODS = ["output", "errors"]
NAMES = ["names of files", "folders in folders"]
SIZE = "a file of a terabyte"
ELSEWHERE = {"huge pages"}  # a host that has set none aside has none to lose
EATERS = [name for name in MEMORY if name not in {*FLOODS, *NAMES, SIZE, *ELSEWHERE}]
MANY = ["a fork bomb", "a fork bomb in sessions of its own", "zombies", "threads"]
UNSTOPPED = ["deafness", "closed streams", "a stop"]
DAEMONS = ["a daemon that holds the streams", "a daemon without streams"]
STAYING, KILLING = "forks that never stay", "killing everything"
HANGS, FAILS, LEAKS = (
    {"pipes"},
    {"sockets", "a link to itself"},
    {name for name in LEAVINGS if "host" in name},
)
EVERYTHING = "a link to everything"


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """The driver for jobs with wide limits; what they take there, the product's limits deny."""
    made = load("bubblewrap", Settings(state=tmp_path_factory.mktemp("state")))
    state = made.probe()
    if not state.works:
        pytest.skip(f"no bubblewrap sandbox here: {state.reason} {state.remedy}")
    yield made
    made.shutdown()


@pytest.mark.parametrize("name", EATERS)
def test_memory_is_eaten_where_the_limit_is_wide(wide: Driver, tree: Path, name: str) -> None:
    result = wide.run(Job(["{python}", "-c", bombs()[f"bomb of {name}"]], tree=tree, limits=WIDE))
    assert (result.peak_memory_bytes or 0) > LIMITS.memory_bytes + ROOM, result


@pytest.mark.parametrize("name", FLOODS)
def test_output_floods_where_the_limit_is_wide(wide: Driver, name: str) -> None:
    result = wide.run(Job(["{python}", "-c", bombs()[f"bomb of {name}"]], limits=WIDE))
    assert len(result.stdout) + len(result.stderr) > LIMITS.output_bytes


@pytest.mark.parametrize("name", NAMES)
def test_names_are_used_up_where_the_limit_is_wide(wide: Driver, name: str) -> None:
    result = wide.run(Job(watched(bombs()[f"bomb of {name}"]), limits=WIDE))
    assert counted(result.stdout)["NAMES"] > LIMITS.disk_inodes, result


def test_a_file_grows_where_the_limit_is_wide(wide: Driver) -> None:
    assert b"BREACH" in wide.run(Job(["{python}", "-c", bombs()[f"bomb of {SIZE}"]], limits=WIDE)).stdout


@pytest.mark.parametrize("name", MANY)
def test_processes_multiply_where_the_limit_is_wide(wide: Driver, name: str) -> None:
    result = wide.run(Job(watched(bombs()[f"bomb of {name}"]), limits=WIDE))
    assert counted(result.stdout)["TASKS"] > LIMITS.processes, result


def test_forks_stay_after_the_job_for_who_waits_for_its_process_alone(wide: Driver) -> None:
    result = wide.run(Job(watched(bombs()[f"bomb of {STAYING}"]), limits=WIDE))
    assert counted(result.stdout)["LEFT"] > 0, result


def test_neighbours_in_the_same_namespace_are_killed(wide: Driver) -> None:
    result = wide.run(Job(watched(bombs()[f"bomb of {KILLING}"]), limits=WIDE))
    assert b"TASKS" not in result.stdout
    assert result.end == Ended(-signal.SIGKILL)


@pytest.mark.parametrize("name", UNSTOPPED)
def test_a_runner_that_asks_politely_is_not_heard(name: str) -> None:
    command = [sys.executable, "-c", bombs()[f"bomb of {name}"]]
    job = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        _until(lambda: _rests(job.pid))
        if name == "closed streams":
            assert job.stdout is not None
            assert job.stdout.read() == b""  # taken for the job's end
        else:
            job.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            job.wait(1)
    finally:
        os.killpg(job.pid, signal.SIGKILL)
        job.wait()


@pytest.mark.parametrize("name", DAEMONS)
def test_a_daemon_outlives_its_job(attacked: Host, name: str) -> None:
    command = [sys.executable, "-c", attacked.fill(bombs()[f"bomb of {name}"])]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    assert attacked.survived()


@pytest.mark.parametrize("name", LEAVINGS)
def test_what_is_left_reaches_a_naive_collector(attacked: Host, tmp_path: Path, name: str) -> None:
    attacked.plant()
    code = attacked.fill(leavings()[f"leave {name}"]).replace("'/out'", repr(str(tmp_path)))
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    (left,) = (path for path in tmp_path.iterdir() if path.name.startswith("x"))
    if name in HANGS:
        with pytest.raises(subprocess.TimeoutExpired):
            collected(left)
    elif name in FAILS:
        with pytest.raises(OSError, match="cat: "):
            collected(left)
    elif name in LEAKS or name == EVERYTHING:
        behind = {
            "a link to a folder of the host": attacked.canary.name,
            EVERYTHING: str(attacked.canary)[1:],
        }
        assert attacked.secret.encode() in collected(left / behind.get(name, ""))
    else:
        assert collected(left) is not None


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def _rests(pid: int) -> bool:
    """Whether a Python that was started has done its work: it sleeps by its own will, or is stopped."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    waits = Path(f"/proc/{pid}/syscall").read_text().split()[0]
    return fields[0] == "T" or waits in {str(number) for number in (35, 230, 101, 115)}


def test_every_bomb_is_shown_to_work() -> None:
    shown = {*EATERS, *FLOODS, *NAMES, SIZE, *MANY, *UNSTOPPED, *DAEMONS, STAYING, KILLING}
    assert shown | ELSEWHERE == {*MEMORY, *PROCESSES}
