"""Runs the behaviour check on one pair and judges what it says, its proofs by plain pytest."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.check.interface import CheckSkipped

from .pairs import Pair

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.packs.property_tests.local import LocalContext, check

SECONDS = 240.0


@dataclass(frozen=True)
class Judged:
    """``verdict`` is caught, MISSED, silent, FALSE ALARM, BAD PROOF
    or BROKEN (the check itself failed); ``inputs`` were run on both sides."""

    pair: Pair
    verdict: str
    said: str
    inputs: int
    seconds: float


def judged(pair: Pair, settings: Mapping[str, Any]) -> Judged:
    """What the check says about a pair, in plain processes: the trees are trusted here."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="power-") as folder:
        context = LocalContext(Path(folder), pair.base, pair.head, seconds=SECONDS)
        context.settings = dict(settings)
        said, inputs = [], 0
        try:
            outcome = check(context)
            said = [f"{one.what}: {one.why}" for one in outcome.unverified]
            inputs = int(outcome.notes[-1].split()[0]) if outcome.notes else 0
        except CheckSkipped as why:
            said = [str(why)]
        except Exception as error:
            return Judged(pair, "BROKEN", repr(error), 0, time.monotonic() - begin)
        valid = [draft for draft in context.drafts if _valid(draft, context)]
    if pair.different:
        verdict = "caught" if valid else "BAD PROOF" if context.drafts else "MISSED"
    else:
        verdict = "FALSE ALARM" if valid else "silent"
    shown = (valid or context.drafts)[:1]
    text = (
        f"{shown[0].proof.input}: {shown[0].proof.base} → {shown[0].proof.head}" if shown else "; ".join(said)
    )
    return Judged(pair, verdict, text, inputs, time.monotonic() - begin)


def _valid(draft: Any, context: Any) -> bool:
    """Whether the proof's own file, run by hand, passes on base and fails on head."""
    name, content = next(iter(draft.proof.files.items()))
    return _passes(name, content, context.base.path) and not _passes(name, content, context.head.path)


def _passes(name: str, content: bytes, tree: Path) -> bool:
    with tempfile.TemporaryDirectory(prefix="proof-") as folder:
        file = Path(folder, name.replace("@id@", "f1"))
        file.write_bytes(content)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, file]
        environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                command, env=environment, cwd=tree, capture_output=True, timeout=300, check=False
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0
