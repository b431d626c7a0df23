"""Both ways to a private tree, whichever is the default for this user."""

import dataclasses
from collections.abc import Iterator

import pytest

from harness.sandbox.conformance import behaviours
from harness.sandbox.conformance.suite import run_one
from harness.sandbox.interface import Driver, Job, Limits, Settings
from harness.sandbox.registry import load

pytestmark = pytest.mark.bubblewrap

TREE = [name for name in behaviours() if name.startswith("tree:") or "full disk" in name]
NEEDS_ROOT = "tree: folders can be renamed"


@pytest.fixture(scope="module", params=["copy", "overlay"])
def other(request: pytest.FixtureRequest, driver: Driver, settings: Settings) -> Iterator[Driver]:
    made = load("bubblewrap", settings)
    entries = 10**6 if request.param == "copy" else 0
    changed = dataclasses.replace(made.machine(), copy_entries=entries, copy_bytes=entries << 10)  # type: ignore[attr-defined]
    made._machine = changed  # type: ignore[attr-defined]
    yield made
    made.shutdown()


@pytest.mark.parametrize("name", TREE)
def test_behaviour(other: Driver, settings: Settings, name: str) -> None:
    machine = other.machine()  # type: ignore[attr-defined]
    if name == NEEDS_ROOT and not machine.root and not machine.copy_entries:
        pytest.skip("an overlay by an ordinary user cannot rename folders of its lower layer")
    verdict = run_one(other, settings, name, behaviours()[name])
    assert verdict.holds, verdict.problem


def test_copy_does_not_use_up_the_disk(other: Driver, tmp_path_factory: pytest.TempPathFactory) -> None:
    tree = tmp_path_factory.mktemp("big")
    tree.chmod(0o755)
    (tree / "big").write_bytes(bytes(30 << 20))
    job = Job(
        ["sh", "-c", "head -c 15000000 /dev/zero > new && ls"], tree=tree, limits=Limits(disk_bytes=20 << 20)
    )
    assert other.run(job).stdout == b"big\nnew\n"
