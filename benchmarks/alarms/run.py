#!/usr/bin/env python3
"""What a whole verification reports on honest changes of small projects.

    benchmarks/alarms/run.py [--sandbox NAME] [--only CHECK] [--findings] [--keep DIR] [NAME ...]

Each *.txt file beside this script is a small project with its tests, followed by changes of it:

- ``clean``: behaves as before. The outcome must be pass or review, and no finding may block or
  be of a category other than ``untested``.
- ``declared``: changes behaviour on purpose and ships a test that says so: must not block.
- ``undeclared``: changes more than its tests say: must block on a confirmed, undeclared difference.

Names choose changes or files. See :func:`read_changes` for the form of the files.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.replay.samples import make_repository

HERE = Path(__file__).resolve().parent
HARMLESS = ("untested",)
BEHAVIOUR = ("regression", "property", "test-failure")
Tree = dict[str, str]


@dataclass(frozen=True)
class Example:
    """One change of a project, what is expected of its report, and its two trees."""

    group: str
    name: str
    kind: str
    message: str
    base: Tree
    head: Tree


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", default="bubblewrap")
    parser.add_argument("--only", action="append", default=[], metavar="CHECK")
    parser.add_argument("--findings", action="store_true", help="print every finding, also harmless ones")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep each report.json here")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    begin = time.monotonic()
    for example in read_changes():
        if options.names and not {example.name, example.group} & set(options.names):
            continue
        report = verified(example, options.sandbox, options.only, options.keep)
        wrong = problems(example, report)
        counts[f"{example.kind}: {'wrong' if wrong else 'right'}"] += 1
        print(f"{'WRONG' if wrong else 'right'}  {example.kind:<11}{example.name:<26}"
              f"{report['outcome']:<13}{report['seconds']:>6.1f} s  {'; '.join(wrong)}", flush=True)  # fmt: skip
        for one in report["findings"] if options.findings or wrong else []:
            print(f"{'':<7}{one['check']} {one['severity']} {'declared ' if one['declared'] else ''}"
                  f"{one['category']}: {one['title']}\n{'':<9}{one['message'][:600]}", flush=True)  # fmt: skip
    print(", ".join(f"{counts[key]} {key}" for key in sorted(counts)), f"in {time.monotonic() - begin:.0f} s")


def read_changes() -> Iterator[Example]:
    """All changes. A file has sections, each headed by a line that begins with ``@@@``:

    ``service`` begins a project, ``file PATH`` its files; ``case NAME KIND MESSAGE`` begins a
    change, made of whole files, of ``edit PATH`` followed by the old text and ``with`` followed
    by the new, and of ``delete PATH``.
    """
    for file in sorted(HERE.glob("*.txt")):
        base: Tree = {}
        example: Example | None = None
        edited, old = "", ""
        for head, text in re.findall(r"^@@@ (.*)\n((?:(?!@@@ ).*(?:\n|\Z))*)", file.read_text(), re.M):
            word, _, rest = head.partition(" ")
            if word in ("service", "case") and example is not None:
                yield example
                example = None
            if word == "service":
                base = {}
            elif word == "case":
                name, kind, message = rest.split(" ", 2)
                example = Example(file.stem, name, kind, message, base, dict(base))
            elif word == "file":
                (base if example is None else example.head)[rest] = text
            elif word == "edit":
                edited, old = rest, text
            elif word == "with" and example is not None:
                if example.head[edited].count(old) != 1:
                    raise SystemExit(f"{example.name}: an old text is not once in {edited}:\n{old}")
                example.head[edited] = example.head[edited].replace(old, text)
            elif word == "delete" and example is not None:
                del example.head[rest]
        if example is not None:
            yield example


def verified(example: Example, sandbox: str, only: list[str], keep: Path | None) -> dict[str, Any]:
    """The report of one change, made by the command line as a user would."""
    with tempfile.TemporaryDirectory(prefix="alarms-") as folder:
        for side, tree in (("base", example.base), ("head", example.head)):
            for path, text in tree.items():
                file = Path(folder, side, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
                # git takes a file of the same size and time for the same file
                os.utime(file, (1e9, 1e9) if side == "base" else (2e9, 2e9))
        base, head = make_repository(
            Path(folder, "repository"), Path(folder, "base"), Path(folder, "head"), example.message
        )
        command = [sys.executable, "-m", "harness", "verify", f"{folder}/repository", "--base", base,
                   "--head", head, "--out", f"{folder}/report", "--sandbox", sandbox]  # fmt: skip
        done = subprocess.run(
            [*command, *(part for one in only for part in ("--only", one))], capture_output=True, text=True
        )
        report = Path(folder, "report", "report.json")
        if not report.exists():
            raise SystemExit(f"{example.name}: no report\n{done.stderr[-2000:]}")
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{example.name}.json").write_text(report.read_text())
        return dict(json.loads(report.read_text()))


def problems(example: Example, report: dict[str, Any]) -> list[str]:
    """What is wrong with a report, in words."""
    found = report["findings"]
    wrong = [f"{one['id']} failed: {one['reason']}" for one in report["checks"] if one["status"] == "failed"]
    if example.kind == "undeclared":
        caught = [one for one in found if one["category"] in BEHAVIOUR and not one["declared"]
                  and one["severity"] in ("medium", "high", "critical")]  # fmt: skip
        return wrong + ([] if caught and report["outcome"] == "block" else ["MISSED"])
    if report["outcome"] not in ("pass", "review"):
        wrong.append(f"outcome {report['outcome']}")
    if example.kind == "clean":
        wrong += [f"{one['check']}: {one['title']}" for one in found if one["category"] not in HARMLESS]
    return wrong


if __name__ == "__main__":
    main()
