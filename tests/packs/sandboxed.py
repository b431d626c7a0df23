"""A check on two small trees in real sandboxes, without git, engine and report."""

import functools
import tempfile
import time
from pathlib import Path

from harness.check.interface import Limits, Side
from harness.check.loader import Pack, builtin_folder, load_check
from harness.check.manifest import read_manifest
from harness.config.project import TestsConfig
from harness.model.change import Change
from harness.model.snapshot import Entry, Snapshot
from harness.replay.context import CheckContext, Workbench
from harness.replay.slots import Slots
from harness.sandbox.interface import Settings
from harness.sandbox.registry import load
from tests.packs.two_trees import changed


@functools.cache
def driver(name="bubblewrap"):
    return load(name, Settings(state=Path(tempfile.mkdtemp(prefix="harness-state-"))))


def snapshot(folder, digit, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
    entries = tuple(Entry(path, "file", len(text)) for path, text in files.items())
    return Snapshot(digit * 40, folder, entries)


def verify(name, place, base, head, settings=None, limits=None, by="bubblewrap"):
    """(Outcome, context) of a built-in pack on base and head, given as path-to-text mappings."""
    folder = builtin_folder("checks") / name
    pack = Pack(read_manifest(folder), folder, "test")
    trees = snapshot(place / "base", "a", base), snapshot(place / "head", "b", head)
    change = Change("b" * 40, "c" * 40, "", "", tuple(changed(base, head)))
    bench = Workbench(change, *trees, driver(by), Slots(2), time.monotonic() + 300)
    drafts = []
    context = CheckContext(
        bench, pack, settings or {}, TestsConfig(), limits or Limits(wall_seconds=120, cpu_seconds=100),
        drafts.append, lambda _text: None,
    )  # fmt: skip
    return load_check(pack)(context), context


def verdicts(context, draft):
    """One replay a side of a draft's proof: whether it passed, None without a verdict."""
    found = {}
    for side in draft.proof.sides:
        said = context.run(side, draft.proof.probe).of("verdict")
        said = tuple(one for one in said if one.get("about", "") == draft.proof.about)
        found[side.value] = said[0]["passed"] if len(said) == 1 else None
    return found


PROVEN = {Side.BASE.value: True, Side.HEAD.value: False}
