#!/usr/bin/env python3
"""Findings of the scanning checks over release-to-release upgrades of well-known packages.

    benchmarks/precision.py [--sandbox NAME] [--checks IDS] [PACKAGE ...]

Fetches two releases of each package as a wheel (nothing of it is run outside a sandbox), makes a
repository of the two, verifies the upgrade and prints every finding with its line, for a person
to judge. The judgements are written down in docs/static-scan-precision.md.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from harness.check.loader import find_packs
from harness.config.schema import Config
from harness.model.report import Report
from harness.replay.engine import verify
from harness.replay.events import Silent
from harness.replay.plan import Plan, default_jobs
from harness.replay.prepare import state_folder
from harness.replay.samples import make_repository
from harness.sandbox.interface import Settings
from harness.sandbox.registry import choose

UPGRADES = {
    "requests": ("2.25.1", "2.32.3"),
    "flask": ("1.1.4", "3.0.3"),
    "werkzeug": ("1.0.1", "3.0.4"),
    "click": ("7.1.2", "8.1.7"),
    "httpx": ("0.18.2", "0.27.2"),
    "rich": ("10.0.0", "13.9.4"),
    "celery": ("4.4.7", "5.4.0"),
    "paramiko": ("2.7.2", "3.5.0"),
    "gunicorn": ("20.0.4", "23.0.0"),
    "scrapy": ("2.4.1", "2.11.2"),
}
CHECKS = "static_scan,secrets,dependencies,pipeline,effects"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", default="bubblewrap")
    parser.add_argument("--checks", default=CHECKS)
    parser.add_argument("packages", nargs="*", metavar="PACKAGE")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for name in options.packages or UPGRADES:
        begin = time.monotonic()
        report, files = upgrade(name, *UPGRADES[name], options.checks.split(","), options.sandbox)
        seconds = time.monotonic() - begin
        print(f"\n{name} {' to '.join(UPGRADES[name])}: {files} changed files, {seconds:.1f} s")
        for check in report.checks:
            if check.status not in ("findings", "passed", "skipped"):
                print(f"  check {check.id} {check.status}: {check.reason}")
        for finding in report.findings:
            counts[finding.check] += 1
            place = f"{finding.location.path}:{finding.location.line}"
            print(f"  {finding.check}/{finding.rule} {finding.severity} {place} {finding.title}")
            print("      " + " ".join((finding.detail or finding.message).split())[:200])
    print("\n" + ", ".join(f"{check}: {count}" for check, count in counts.items()))


def upgrade(name: str, old: str, new: str, checks: list[str], sandbox: str) -> tuple[Report, int]:
    """The report of an upgrade and the number of its changed files."""
    from harness.change.git import Shadow
    from harness.change.resolve import resolve_change
    from harness.change.snapshots import SnapshotStore

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for side, version in (("base", old), ("head", new)):
            fetch(f"{name}=={version}", place / side)
        base, head = make_repository(
            place / "repository", place / "base", place / "head", f"Upgrade to {new}"
        )
        with Shadow(place / "repository") as shadow:
            change = resolve_change(shadow, base, head)
            store = SnapshotStore(state_folder() / "snapshots")
            trees = [store.materialise(shadow, tree) for tree in (change.base_tree, change.head_tree)]
        packs = [pack for pack in find_packs() if pack.id in checks]
        plan = Plan(change, *trees, packs, {}, Config(), "defaults", name, "report", default_jobs())
        driver = choose(sandbox, Settings(state=state_folder()))
        return verify(plan, driver, Silent()).report, len(change.files)


def fetch(requirement: str, target: Path) -> None:
    """Unpack a wheel, without its metadata folder."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", folder, requirement], check=True, stderr=subprocess.DEVNULL)
        [wheel] = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            members = [one for one in archive.namelist() if ".dist-info/" not in one and ".data/" not in one]
            archive.extractall(target, members)


if __name__ == "__main__":
    main()
