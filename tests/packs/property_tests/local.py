"""A Context without a sandbox: sessions and proofs are plain processes on two small trees."""

import importlib
import json
import os
import select
import subprocess
import sys
from pathlib import Path

from harness.check.interface import Limits, Side
from harness.check.loader import Pack, load_check
from harness.check.manifest import read_manifest
from harness.model.change import Change, ChangedFile
from harness.model.snapshot import Entry, Snapshot
from tests.support.lean import lean_python

ROOT = Path(__file__).resolve().parents[3]
PACK = ROOT / "checks" / "property_tests"
check = load_check(Pack(read_manifest(PACK), PACK, "built in"))


def module(name):
    """A module of the pack's outside code."""
    return importlib.import_module("harness_packs.property_tests." + name)


class LocalSession:
    def __init__(self, guest, entry, request, side, python):
        self.process = subprocess.Popen(
            [python, "-I", "-B", str(guest / "guestlib" / "start.py"), entry],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.buffer = b""
        self.tell({"protocol": 1, "side": side.value, "request": request})

    def tell(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self, timeout):
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], timeout)
            data = os.read(self.process.stdout.fileno(), 1 << 16) if ready else b""
            if not data:
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        message = json.loads(line)
        generated = message.get("type") == "batch"
        assert not (generated and message.get("error")), message["error"]  # the guest's own mistakes
        return message

    def ask(self, message, timeout):
        self.tell(message)
        return self.hear(timeout)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class LocalContext:
    """Trees are given as mappings of path to text. ``drafts`` collects what the check hands over."""

    limits = Limits()
    python_version = sys.version_info[:2]
    jobs = 2
    pack = PACK

    def __init__(self, place, base, head, seconds=45.0, python=""):
        self.settings = {
            "seconds": 5
        }  # of search a function: what is not found by then, tests do not wait for
        self.python = python or lean_python()
        self.drafts = []
        self.seconds = seconds
        self.guest = place / "guest"
        self.guest.mkdir(parents=True)
        (self.guest / "guestlib").symlink_to(ROOT / "harness" / "guest" / "guestlib")
        (self.guest / "pack").symlink_to(PACK / "guest")
        self.base, self.head = (
            self._tree(place / name, files) for name, files in (("base", base), ("head", head))
        )
        names = [name for name in sorted({*base, *head}) if base.get(name) != head.get(name)]
        files = tuple(
            ChangedFile(name, "added" if name not in base else "deleted" if name not in head else "modified")
            for name in names
        )
        self.change = Change("0" * 40, "1" * 40, "0" * 40, "1" * 40, files)

    def _tree(self, folder, files):
        for name, text in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return Snapshot(
            "0" * 40, folder, tuple(Entry(name, "file", len(text)) for name, text in files.items())
        )

    def open(self, *probes):
        return [self._session(side, probe) for side, probe in probes]

    def _session(self, side, probe):
        tree = str((self.base if side is Side.BASE else self.head).path)
        return LocalSession(self.guest, probe.entry, {**probe.request, "tree": tree}, side, self.python)

    def remaining(self):
        return self.seconds

    def draft(self, finding):
        self.drafts.append(finding)

    def progress(self, text):
        assert text

    def verdicts(self, draft):
        """Whether the proof of a draft passes, as (on base, on head)."""
        found = []
        for side in draft.proof.sides:
            with self._session(side, draft.proof.probe) as session:
                reply = session.hear(60)
                assert reply["type"] == "verdict", reply
                found.append(reply["passed"])
        return tuple(found)


def compared(place, base, head, tests=None):
    """The context after a check of one module, ``m.py``, in both forms; ``tests`` are files of both sides."""
    assert base != head
    context = LocalContext(place, {"m.py": base, **(tests or {})}, {"m.py": head, **(tests or {})})
    check(context)
    return context


def edited(place, base, old, new, test=""):
    """As :func:`compared`, for an edit of text that occurs once."""
    assert base.count(old) == 1
    return compared(place, base, base.replace(old, new), {"test_m.py": test} if test else {})
