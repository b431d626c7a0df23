#!/usr/bin/env python3
"""static_scan of a 30-file change in a 1,000-file tree, against plain semgrep on the same files.

    benchmarks/static_scan.py [--sandbox NAME] [--rounds N]

Both are measured in turn in one run, N times, and the medians compared. The check scans base and
head, in a sandbox, and holds them against each other; `semgrep scan` gets head's 30 files only,
with the same rules. Plain semgrep is given the settings that keep it from waiting for a network.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.change.git import Shadow
from harness.change.resolve import resolve_change
from harness.change.snapshots import SnapshotStore
from harness.check.loader import builtin_folder, find_packs
from harness.config.schema import Config
from harness.replay.engine import verify
from harness.replay.events import Silent
from harness.replay.plan import Plan, default_jobs
from harness.replay.samples import make_repository
from harness.sandbox.interface import Settings
from harness.sandbox.registry import choose

FILES, CHANGED = 1000, 30
QUIET = {"SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", default="bubblewrap")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write(place)
        base, head = make_repository(
            place / "repository", place / "base", place / "head", "Change thirty files"
        )
        with Shadow(place / "repository") as shadow:
            change = resolve_change(shadow, base, head)
            store = SnapshotStore(place / "snapshots")
            trees = [store.materialise(shadow, tree) for tree in (change.base_tree, change.head_tree)]
        packs = [pack for pack in find_packs() if pack.id == "static_scan"]
        plan = Plan(change, *trees, packs, {}, Config(), "defaults", "benchmark", "report", default_jobs())
        driver = choose(options.sandbox, Settings(state=place / "state"))
        names = [str(place / "head" / file.path) for file in change.files]
        ours, theirs = [], []
        for _ in range(options.rounds):
            [result] = verify(plan, driver, Silent()).report.checks
            assert result.status in ("passed", "findings"), result
            ours.append(result.seconds)
            theirs.append(semgrep(names))
    mine, plain = statistics.median(ours), statistics.median(theirs)
    print(f"static_scan, both sides of {len(names)} files: {mine:.2f} s (fastest {min(ours):.2f} s)")
    print(f"semgrep scan, head only, the same rules:  {plain:.2f} s (fastest {min(theirs):.2f} s)")
    print(f"ratio {mine / plain:.2f}")


def write(place: Path) -> None:
    """Two trees of ``FILES`` modules of about 60 lines, ``CHANGED`` of which differ."""
    for side in ("base", "head"):
        for number in range(FILES):
            path = place / side / "shop" / f"part{number // 50}" / f"module{number}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(module(number, edited=side == "head" and number % (FILES // CHANGED) == 0))


def module(number: int, *, edited: bool) -> str:
    functions = "".join(
        f'def rate{index}(items, factor={index}):\n    """Sum of the prices."""\n    total = 0\n'
        f"    for item in items:\n        if item.price > {index}:\n            total += item.price * factor\n"
        f"    return total\n\n\n"
        for index in range(6 + edited)
    )
    return f'"""Module {number}."""\n\nimport json\nimport subprocess\n\n\n{functions}'


def semgrep(files: list[str]) -> float:
    """Seconds of a plain scan. Exits when it fails."""
    program = str(Path(sys.executable).parent / "semgrep")
    rules = [
        str(path)
        for path in sorted((builtin_folder("checks") / "static_scan" / "rules").glob("*/*.yaml"))
        if "matcher:" not in path.read_text()
    ]
    configs = [word for path in rules for word in ("--config", path)]
    command = [program, "scan", "--metrics=off", "--quiet", "--no-git-ignore", "--json", *configs, *files]
    begin = time.monotonic()
    done = subprocess.run(command, env=os.environ | QUIET, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr.decode()[-500:])
    return time.monotonic() - begin


if __name__ == "__main__":
    main()
