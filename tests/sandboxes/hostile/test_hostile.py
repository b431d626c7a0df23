"""Every attack is contained by every driver, and works against a naive sandbox."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.sandbox.interface import Driver, Job, Limits
from tests.sandboxes.hostile.host import Host
from tests.sandboxes.hostile.probes import probes

# What a naive sandbox, root in namespaces that are half shared with the host, cannot show:
# what its kernel lacks, or what even root may not do from its namespaces.
ELSEWHERE = {
    "read by handles", "reach the kernel's cipher socket", "use real-time scheduling",
    "measure performance", "write by extended attributes", "handle page faults",
    "reach the host's server by IPv6", "use keyrings", "add a key", "create an io_uring", "watch all files",
    "unshare a time namespace", "write the status of its init", "read its init's environment",
}  # fmt: skip


@pytest.mark.parametrize("name", probes())
def test_attack_is_contained(driver: Driver, attacked: Host, tree: Path, name: str) -> None:
    attacked.plant()
    code = attacked.fill(probes()[name])
    limits = Limits(wall_seconds=60, cpu_seconds=30)
    result = driver.run(Job(["{python}", "-c", code], tree=tree, limits=limits))
    assert not attacked.breached(result.stdout + result.stderr), result
    assert not attacked.survived()


@pytest.mark.bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="a naive sandbox is run by root")
@pytest.mark.parametrize("name", [name for name in probes() if name not in ELSEWHERE])
def test_attack_works_on_a_naive_sandbox(attacked: Host, tree: Path, name: str) -> None:
    attacked.plant()
    naive = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--bind", str(tree), "/tmp",
             "--bind", "/proc", "/proc", "--unshare-uts", "--unshare-ipc", "--cap-add", "ALL"]  # fmt: skip
    if "/tree/" in probes()[name]:
        naive += ["--dir", "/tree"]
    if Path(sys.prefix).is_relative_to("/tmp"):  # a checkout there would be hidden by the tree above
        naive += ["--ro-bind", sys.prefix, sys.prefix]
    command = [*naive, sys.executable, "-c", attacked.fill(probes()[name])]
    for _ in range(10):
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=60, pass_fds=[attacked.descriptor]
        )
        if not done.stderr.startswith(b"bwrap: Can't"):  # a mount of some container went away meanwhile
            break
    worked = attacked.breached(done.stdout + done.stderr)
    assert attacked.survived() or worked, done


def test_there_are_enough_attacks() -> None:
    assert len(probes()) >= 100
