"""A Context without a sandbox: probes run the real guest on copies of two small trees."""

import dataclasses
import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.check.interface import Change, Draft, Ended, Limits, Outcome, Probe, Reply, Side, Snapshot
from harness.check.loader import Pack, load_check
from harness.check.manifest import read_manifest
from harness.config.project import TestsConfig
from harness.model.change import ChangedFile
from harness.model.snapshot import Entry
from tests.support.lean import lean_python

ROOT = Path(__file__).resolve().parents[3]
PACK = ROOT / "checks" / "test_replay"
LIMITS = Limits(wall_seconds=60)
Files = Mapping[str, str]
CACHE: dict[str, Reply] = {}


def interpreter() -> str:
    """The Python that runs the tests of both trees."""
    return lean_python()


def part(name: str) -> ModuleType:
    """A module of the pack, loaded as the engine loads it."""
    load_check(Pack(read_manifest(PACK), PACK, "test"))
    return importlib.import_module(f"harness_packs.test_replay.{name}")


def write(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def read(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class LocalContext:
    """Two trees given as path-to-text mappings."""

    def __init__(self, place: Path, base: Files, head: Files, limits: Limits = LIMITS) -> None:
        self.place = place
        self.trees = {}
        for side, files in ((Side.BASE, base), (Side.HEAD, head)):
            folder = write(place / side.value, files)
            folder.mkdir(exist_ok=True)
            entries = tuple(Entry(path, "file", len(text)) for path, text in files.items())
            self.trees[side] = Snapshot("0" * 40, folder, entries)
        self.base, self.head = self.trees[Side.BASE], self.trees[Side.HEAD]
        self.change = Change("b" * 40, "c" * 40, "", "", tuple(changed(base, head)))
        # Most tests are about other parts of the check; those about this one set it.
        self.settings: dict[str, Any] = {"mutation_seconds": 0}
        self.tests = TestsConfig()
        self.limits = limits
        self.python_version = sys.version_info[:2]
        self.pack = PACK
        self.jobs = 2
        self.drafts: list[Draft] = []
        self.runs = 0
        self._lock = threading.Lock()

    def snapshot(self, side: Side) -> Snapshot:
        return self.trees[side]

    def run(self, side: Side, probe: Probe) -> Reply:
        self.runs += 1
        key = self._key(side, probe)
        if key not in CACHE:
            CACHE[key] = self._fresh(side, probe)
        return CACHE[key]

    def _key(self, side: Side, probe: Probe) -> str:
        """What a run depends on: the trees and the request. Equal runs are made once."""
        trees = [read(self.trees[side].path)]
        overlay = probe.request.get("overlay") or {}
        if overlay.get("from", side.value) != side.value:
            trees.append(read(self.trees[Side(overlay["from"])].path))
        else:
            overlay = {}
        return json.dumps([side, probe.entry, {**probe.request, "overlay": overlay}, trees], sort_keys=True)

    def _fresh(self, side: Side, probe: Probe) -> Reply:
        with tempfile.TemporaryDirectory(prefix="replay-", ignore_cleanup_errors=True) as name:
            return self._run(Path(name), side, probe)

    def _run(self, place: Path, side: Side, probe: Probe) -> Reply:
        tree = shutil.copytree(self.trees[side].path, place / "tree", symlinks=True)
        guest = place / "guest"
        guest.mkdir()
        (guest / "guestlib").symlink_to(ROOT / "harness" / "guest" / "guestlib")
        (guest / "pack").symlink_to(PACK / "guest")
        request = {**probe.request, "tree": str(tree), "inputs": str(self.place)}
        envelope = {"protocol": 1, "side": side.value, "request": request}
        done = subprocess.run(
            [interpreter(), "-I", "-B", str(guest / "guestlib" / "start.py"), str(probe.entry)],
            input=json.dumps(envelope) + "\n", capture_output=True, text=True, check=False,
        )  # fmt: skip
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        closed = bool(messages) and messages[-1] == {"type": "closed"}
        return Reply(
            Ended(done.returncode),
            tuple(messages[:-1] if closed else messages),
            stderr=done.stderr,
            closed=closed,
        )

    def run_all(self, *probes: tuple[Side, Probe]) -> list[Reply]:
        return [self.run(side, probe) for side, probe in probes]

    def remaining(self) -> float:
        return 600.0

    def draft(self, finding: Draft) -> None:
        self.drafts.append(finding)

    def progress(self, text: str) -> None:
        pass


def changed(base: Files, head: Files) -> list[ChangedFile]:
    found = []
    for path in sorted({*base, *head}):
        if path not in head:
            found.append(ChangedFile(path, "deleted"))
        elif path not in base:
            found.append(ChangedFile(path, "added"))
        elif base[path] != head[path]:
            found.append(ChangedFile(path, "modified"))
    return found


def verify(place: Path, base: Files, head: Files, limits: Limits = LIMITS) -> tuple[Outcome, LocalContext]:
    """Run the whole check on two trees."""
    context = LocalContext(place, base, head, limits)
    outcome: Outcome = part("check").check(context)
    return dataclasses.replace(outcome, findings=[*context.drafts, *outcome.findings]), context


def replay(context: LocalContext, draft: Draft) -> tuple[dict[str, bool | None], dict[str, str]]:
    """One replay a side of a draft's proof: whether it passed, and what was observed."""
    assert draft.proof is not None
    passed: dict[str, bool | None] = {}
    observed = {}
    for side in draft.proof.sides:
        verdicts = context.run(side, draft.proof.probe).of("verdict")
        passed[side.value] = verdicts[0]["passed"] if len(verdicts) == 1 else None
        observed[side.value] = verdicts[0]["observed"] if verdicts else ""
    return passed, observed
