#!/usr/bin/env python3
"""What the behaviour check catches, misses and reports wrongly on small changes.

    benchmarks/power/run.py [--sandbox NAME] [--together N] [NAME ...]

Each pair in the *.txt files beside this script is a module before and after a change, marked
``different`` (a bug came in) or ``same`` (a refactoring). ``N`` pairs go into one change, as one
module each, so that the pairs share the check's time as the functions of a real change do. Only
findings of category regression, property or undeclared count as caught. Names choose pairs.
"""

import argparse
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.check.expectations import Case, Expect, Sample
from harness.check.loader import find_packs
from harness.model.report import Report
from harness.replay.prepare import state_folder
from harness.replay.samples import verify_sample
from harness.sandbox.interface import Settings
from harness.sandbox.registry import choose

HERE = Path(__file__).resolve().parent
COUNTED = ("regression", "property", "undeclared")


@dataclass(frozen=True)
class Pair:
    """A module before and after a change, and whether it behaves differently afterwards."""

    group: str
    name: str
    different: bool
    base: str
    head: str


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", default="bubblewrap")
    parser.add_argument("--together", type=int, default=6)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    pairs = [one for one in read_pairs() if not options.names or one.name in options.names]
    counts: dict[str, int] = {}
    begin = time.monotonic()
    for start in range(0, len(pairs), options.together):
        for verdict in tried(pairs[start : start + options.together], options.sandbox):
            counts[verdict] = counts.get(verdict, 0) + 1
    print(
        ", ".join(f"{counts[word]} {word}" for word in sorted(counts)), f"in {time.monotonic() - begin:.0f} s"
    )


def read_pairs() -> Iterator[Pair]:
    """Pairs of all files: ``=== NAME KIND``, base, then ``--- head`` whole or ``--- old`` and ``--- new``."""
    for file in sorted(HERE.glob("*.txt")):
        for name, kind, text in re.findall(
            r"^=== (\w+) (\w+)\n(.*?)(?=^=== |\Z)", file.read_text(), re.M | re.S
        ):
            base, *rest = re.split(r"^--- (\w+)\n", text, flags=re.M)
            parts = dict(zip(rest[::2], rest[1::2], strict=True))
            head = parts.get("head")
            if head is None:
                old, new = parts["old"].rstrip("\n"), parts["new"].rstrip("\n")
                if base.count(old) != 1:
                    raise SystemExit(f"{file.name}: {name}: the old text occurs {base.count(old)} times.")
                head = base.replace(old, new)
            yield Pair(file.stem, name, kind == "different", base, head)


def tried(pairs: list[Pair], sandbox: str) -> Iterator[str]:
    """Verify the pairs as one change; print and give each pair's verdict."""
    with tempfile.TemporaryDirectory() as folder:
        for side in ("base", "head"):
            for pair in pairs:
                file = Path(folder, side, f"{pair.name}.py")
                file.parent.mkdir(exist_ok=True)
                file.write_text(pair.base if side == "base" else pair.head)
                # git takes a file of the same size and time for the same file
                os.utime(file, (1e9, 1e9) if side == "base" else (2e9, 2e9))
        report = verified(Path(folder), sandbox)
    for pair in pairs:
        found = [one for one in report.findings if one.location and one.location.path == f"{pair.name}.py"
                 and one.category in COUNTED]  # fmt: skip
        verdict = (
            ("caught" if found else "MISSED") if pair.different else ("FALSE ALARM" if found else "silent")
        )
        left = [f"{one.what}: {one.why}" for one in report.unverified if one.what.startswith(f"{pair.name}.")]
        said = found[0].title if found else "; ".join(left)
        print(f"{verdict:<12}{pair.group:<12}{pair.name:<18}{said[:150]}", flush=True)
        yield verdict
    states = "; ".join(f"{one.status} {one.reason or ''}".strip() for one in report.checks)
    print(f"{'':<12}{len(pairs)} together in {report.seconds:.1f} s: {states}", flush=True)


def verified(folder: Path, sandbox: str) -> Report:
    pack = next(pack for pack in find_packs() if pack.id == "property_tests")
    sample = Sample(folder, Case("power", "Rework the modules", Expect()), True)
    return verify_sample(sample, pack, choose(sandbox, Settings(state=state_folder())), state_folder())


if __name__ == "__main__":
    main()
