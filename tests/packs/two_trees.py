"""A Context over two trees without a sandbox: probes run the real guest as plain processes."""

import importlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.check.interface import Change, Draft, Ended, Limits, Outcome, Probe, Reply, Side, Snapshot
from harness.check.loader import Pack, builtin_folder, load_check
from harness.check.manifest import read_manifest
from harness.model.change import ChangedFile
from harness.model.snapshot import Entry

GUESTLIB = Path(__file__).resolve().parents[2] / "harness" / "guest" / "guestlib"
Files = Mapping[str, str]


def pack_folder(name: str) -> Path:
    return builtin_folder("checks") / name


def part(pack: str, name: str) -> ModuleType:
    """A module of a pack, loaded as the engine loads it."""
    folder = pack_folder(pack)
    load_check(Pack(read_manifest(folder), folder, "test"))
    return importlib.import_module(f"harness_packs.{pack}.{name}")


def snapshot(folder: Path, files: Files) -> Snapshot:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return Snapshot("0" * 40, folder, tuple(Entry(path, "file", len(text)) for path, text in files.items()))


class TwoTrees:
    """base and head given as path-to-text mappings."""

    jobs = 2
    python_version = sys.version_info[:2]

    def __init__(
        self, pack: str, place: Path, base: Files, head: Files, settings: dict[str, Any] | None = None
    ):
        self.pack = pack_folder(pack)
        self.base, self.head = snapshot(place / "base", base), snapshot(place / "head", head)
        self.change = Change("b" * 40, "c" * 40, "", "", tuple(changed(base, head)))
        self.settings = settings or {}
        self.limits = Limits(wall_seconds=100)
        self.probes: list[Probe] = []

    def snapshot(self, side: Side) -> Snapshot:
        return self.base if side is Side.BASE else self.head

    def remaining(self) -> float:
        return 600.0

    def progress(self, text: str) -> None:
        pass

    def run_all(self, *probes: tuple[Side, Probe]) -> list[Reply]:
        return [self.run(side, probe) for side, probe in probes]

    def run(self, side: Side, probe: Probe) -> Reply:
        self.probes.append(probe)
        with tempfile.TemporaryDirectory() as name:
            return self._run(Path(name), side, probe)

    def _run(self, place: Path, side: Side, probe: Probe) -> Reply:
        if probe.command:
            return self._command(side, probe)
        guest, out = place / "guest", place / "out"
        guest.mkdir()
        out.mkdir()
        (guest / "guestlib").symlink_to(GUESTLIB)
        (guest / "pack").symlink_to(self.pack / "guest")
        paths = {
            "work": str(self._work()),
            "out": str(out),
            "base": str(self.base.path),
            "head": str(self.head.path),
        }
        for name, content in probe.files.items():  # a side of which only some files are there
            target = place / "in" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            paths[name.partition("/")[0]] = str(place / "in" / name.partition("/")[0])
        text = json.dumps({**probe.request, "paths": paths})
        for tool in probe.tools:
            text = text.replace(f"/opt/tools/{tool.name}", str(tool))
        for mount, folder in probe.mounts.items():
            text = text.replace(f"/in/{mount}", str(folder))
        envelope = {"protocol": 1, "side": side.value, "request": json.loads(text)}
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(guest / "guestlib" / "start.py"), str(probe.entry)],
            input=json.dumps(envelope) + "\n", capture_output=True, text=True, check=False,
        )  # fmt: skip
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        closed = bool(messages) and messages[-1] == {"type": "closed"}
        files = {path.name: path.read_bytes() for path in out.iterdir()}
        return Reply(Ended(done.returncode), tuple(messages), b"", done.stderr, files, closed=closed)

    def _work(self) -> Path:
        """The same place for every run, as in a sandbox, and nothing in it."""
        place = self.base.path.parent / "work"
        shutil.rmtree(place, ignore_errors=True)
        return place

    def _command(self, side: Side, probe: Probe) -> Reply:
        command = [self._here(side, word, probe) for word in probe.command]
        folder = self.snapshot(side).path
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        return Reply(Ended(done.returncode), (), done.stdout, done.stderr.decode("utf-8", "replace"))

    def _here(self, side: Side, word: str, probe: Probe) -> str:
        for tool in probe.tools:
            word = word.replace(f"/opt/tools/{tool.name}", str(tool))
        return word.replace("/tree", str(self.snapshot(side).path), 1) if word.startswith("/tree") else word


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


def verify(
    pack: str, place: Path, base: Files, head: Files, settings: dict[str, Any] | None = None
) -> tuple[Outcome, TwoTrees]:
    """Run a whole check on two trees."""
    context = TwoTrees(pack, place, base, head, settings)
    outcome: Outcome = part(pack, "check").check(context)
    return outcome, context


def verdicts(context: TwoTrees, draft: Draft) -> dict[str, bool | None]:
    """One replay a side of a draft's proof: whether it passed, None without a verdict."""
    assert draft.proof is not None
    found: dict[str, bool | None] = {}
    for side in draft.proof.sides:
        said = context.run(side, draft.proof.probe).of("verdict")
        said = tuple(one for one in said if one.get("about", "") == draft.proof.about)
        found[side.value] = said[0]["passed"] if len(said) == 1 else None
    return found
