"""What runs on a worker. It has the harness, a sandbox driver and a snapshot store of its own."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.check.interface import Side
from harness.check.loader import Pack, find_packs
from harness.cluster.messages import Answer, Hello, Unit, pack_message, read_message
from harness.cluster.trees import Arriving
from harness.config.schema import Config
from harness.errors import HarnessError
from harness.model.snapshot import Snapshot
from harness.replay.checking import run_here
from harness.replay.collect import Collector
from harness.replay.context import Workbench
from harness.replay.events import Silent
from harness.replay.plan import default_jobs
from harness.replay.prepare import pack_folder, state_folder
from harness.replay.results import code_digest, environment_of, pack_digest
from harness.replay.setup import set_up
from harness.replay.slots import Slots
from harness.sandbox.interface import Driver, Settings
from harness.sandbox.registry import choose


def hello(driver_name: str, config: bytes) -> bytes:
    """A :class:`Hello`; the reason stands in it when no sandbox works here."""
    try:
        driver = _driver(driver_name, read_message(config, Config))
    except (HarnessError, OSError, ValueError) as problem:
        return pack_message(Hello(code_digest(), problem=str(problem)))
    try:
        return pack_message(
            Hello(
                code_digest(), driver.name, environment_of(driver) or "", tuple(driver.describe()),
                driver.python_version(), driver.image(),
            )
        )  # fmt: skip
    finally:
        driver.shutdown()


def lacking(trees: list[str]) -> list[str]:
    """Those of the trees that this worker does not have."""
    return Arriving(state_folder()).lacking(trees)


def take(tree: str, sender: str, number: int, piece: bytes, last: bool) -> str:
    """Keep one piece of a tree; empty, or why it could not be kept."""
    try:
        Arriving(state_folder()).take(tree, sender, number, piece, last=last)
    except (OSError, ValueError) as problem:
        return str(problem)
    return ""


def run_unit(message: bytes) -> bytes:
    """Run a :class:`Unit`; an :class:`Answer`."""
    name = _address()
    unit: Unit = read_message(message, Unit)
    state = state_folder()
    trees = {Side.BASE: unit.change.base_tree, Side.HEAD: unit.change.head_tree}
    absent = Arriving(state).lacking(list(dict.fromkeys([*trees.values(), unit.policy_tree])))
    if absent:
        return pack_message(Answer(name, missing=tuple(absent)))
    try:
        return pack_message(_run(unit, trees, state, name))
    except (HarnessError, OSError) as problem:
        return pack_message(Answer(name, unfit=str(problem)))


def _run(unit: Unit, trees: Mapping[Side, str], state: Path, name: str) -> Answer:
    from harness.change.snapshots import SnapshotStore

    begin = time.monotonic()
    store = SnapshotStore(state / "snapshots")
    found = {side: store.get(tree) for side, tree in trees.items()}
    base, head = found[Side.BASE], found[Side.HEAD]
    assert base is not None
    assert head is not None
    policy = store.get(unit.policy_tree)
    assert policy is not None
    pack = _pack(unit, policy)
    driver = _driver(unit.driver, unit.config)
    try:
        snapshots = {Side.BASE: base, Side.HEAD: head}
        setup = set_up(unit.config.sandbox.setup, snapshots, driver, state, lambda said: None)
        if setup.results:
            return Answer(name, unfit=setup.results[0].reason)
        slots = Slots(unit.config.run.jobs or default_jobs())
        bench = Workbench(
            unit.change, base, head, driver, slots, begin + unit.seconds, setup.layers, config=unit.config
        )
        collector = Collector(slots.count, Silent())
        kept, failures = run_here(pack, bench, collector, Silent(), _quiet, unit.required)
        collector.cancel()
    finally:
        driver.shutdown()
    return Answer(name, unfit=failures[0]) if failures else Answer(name, kept)


def _pack(unit: Unit, base: Snapshot) -> Pack:
    extra = [(pack_folder(place, base), place) for place in unit.config.run.packs]
    for pack in find_packs(extra):
        if pack.id == unit.check and pack_digest(pack) == unit.pack_digest:
            return pack
    raise HarnessError(f"it has another version of the check {unit.check}, or none")


def _driver(name: str, config: Config) -> Driver:
    sandbox = config.sandbox
    settings = Settings(
        state=state_folder(), image=sandbox.image, runtime=sandbox.runtime, allow_pull=sandbox.allow_pull
    )
    driver = choose(name, settings)
    driver.clean()
    return driver


def _address() -> str:
    from distributed import get_worker

    worker: Any = get_worker()
    return str(worker.address)


def _quiet(text: str) -> None:
    pass
