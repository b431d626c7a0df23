"""Attacks on resources end at the job's limits, and what a job leaves behind is taken with tongs."""

from pathlib import Path

import pytest

from harness.sandbox.interface import Driver, Ended, Failed, Job, Limited, Limits
from tests.sandboxes.hostile.bombs import bombs, leavings
from tests.sandboxes.hostile.host import Host

LIMITS = Limits(
    wall_seconds=8, cpu_seconds=6, memory_bytes=256 << 20, processes=64, disk_bytes=96 << 20, disk_inodes=20_000,
    file_bytes=64 << 20, output_bytes=1 << 20, collect_bytes=8 << 20, collect_files=50,
)  # fmt: skip
ROOM = 64 << 20  # what the supervising processes and counting in steps may add


@pytest.mark.parametrize("name", bombs())
def test_bomb_ends_at_the_limits(driver: Driver, attacked: Host, tree: Path, name: str) -> None:
    attacked.plant()
    result = driver.run(Job(["{python}", "-c", attacked.fill(bombs()[name])], tree=tree, limits=LIMITS))
    assert not isinstance(result.end, Failed), result.end
    assert not attacked.breached(result.stdout[:4096])
    assert not attacked.survived()
    assert len(result.stdout) + len(result.stderr) <= LIMITS.output_bytes
    assert sum(map(len, result.files.values())) <= LIMITS.collect_bytes
    assert len(result.files) <= LIMITS.collect_files
    assert (result.peak_memory_bytes or 0) <= LIMITS.memory_bytes + ROOM
    # The sandbox after it is as good as the one before.
    assert driver.run(Job(["true"], tree=tree)).end == Ended(0)


@pytest.mark.parametrize("name", ["bomb of output", "bomb of errors"])
def test_a_flood_is_named(driver: Driver, name: str) -> None:
    assert driver.run(Job(["{python}", "-c", bombs()[name]], limits=LIMITS)).end == Limited("output")


@pytest.mark.parametrize("name", leavings())
def test_what_is_left_is_not_handed_over(driver: Driver, attacked: Host, name: str) -> None:
    attacked.plant()
    code = attacked.fill(leavings()[name])
    result = driver.run(Job(["{python}", "-c", code + "\nopen('good', 'w').write('good')"], limits=LIMITS))
    taken = {path: content for path, content in result.files.items() if path.startswith("x")}
    assert not attacked.breached(result.stdout + b"".join(result.files.values()))
    assert taken == {}
    assert result.files["good"] == b"good"
    assert result.left_out
    assert all(line.isprintable() for line in result.left_out)
