#!/usr/bin/env python3
"""Whole verify time against the same tools run by hand, one after another.

    benchmarks/verify.py [--sandbox NAME] [CASE_FOLDER ...]

For the demonstration and each case folder (base/, head/, case.json) it prints: the time of a
whole `harness verify`; the time of semgrep over the changed files, pytest on base and on head
and terraform plan on base and on head; their ratio; the time to the first finding; and the
peak memory of the harness process itself. Both are measured in the same run, in turn. Tools
that are missing, and steps that a change does not have, are left out and named.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEASURED = """
import json, resource, sys
from harness.cli.main import main
status = main(sys.argv[2:])
with open(sys.argv[1], "w") as stream:
    json.dump({"status": status, "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}, stream)
"""
QUIET = {"SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off", "TF_IN_AUTOMATION": "1",
         "CHECKPOINT_DISABLE": "1"}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", default="bubblewrap")
    parser.add_argument("cases", nargs="*", type=Path)
    options = parser.parse_args()
    print(
        f"{'change':<36}{'verify':>9}{'by hand':>9}{'ratio':>7}{'first':>8}{'memory':>9}  outcome, tools by hand"
    )
    for name, repository, base, head in changes(options.cases):
        seconds, report, peak = verify(repository, base, head, options.sandbox)
        by_hand, tools = tools_by_hand(repository, base, head)
        first = report.get("first_finding_seconds")
        print(
            f"{name:<36}{seconds:>7.1f} s{by_hand:>7.1f} s{seconds / by_hand:>7.2f}"
            f"{f'{first:.1f} s' if first is not None else '-':>8}{peak >> 10:>5} MiB  {report['outcome']}; {tools}"
        )


def changes(cases: list[Path]) -> Iterator[tuple[str, Path, str, str]]:
    """(name, repository, base, head) of the demonstration and of each case."""
    from harness.demo.build import build_demo
    from harness.replay.samples import make_repository

    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "demo"
        yield "demo", repository, *build_demo(repository)
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            repository = Path(folder) / "repository"
            message = json.loads((case / "case.json").read_text())["message"]
            yield case.name, repository, *make_repository(repository, case / "base", case / "head", message)


def verify(repository: Path, base: str, head: str, sandbox: str) -> tuple[float, dict[str, object], int]:
    """(seconds, report, peak KiB of the harness process) with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        out, facts = Path(folder) / "report", Path(folder) / "facts.json"
        command = [sys.executable, "-c", MEASURED, str(facts), "verify", str(repository), "--base", base, "--head",
                   head, "--sandbox", sandbox, "--out", str(out), "--quiet"]  # fmt: skip
        begin = time.monotonic()
        subprocess.run(command, env=os.environ | {"XDG_CACHE_HOME": f"{folder}/cache"}, check=True)
        seconds = time.monotonic() - begin
        return (
            seconds,
            json.loads((out / "report.json").read_text()),
            json.loads(facts.read_text())["peak_kib"],
        )


def tools_by_hand(repository: Path, base: str, head: str) -> tuple[float, str]:
    """(seconds, names) of the tools run one after another as a person would."""
    with tempfile.TemporaryDirectory() as folder:
        trees = {side: checkout(repository, revision, Path(folder) / side) for side, revision in
                 (("base", base), ("head", head))}  # fmt: skip
        changed = subprocess.run(
            ["git", "diff", "--name-only", "--diff-filter=d", base, head], cwd=repository, capture_output=True,
            text=True, check=True,
        ).stdout.split()  # fmt: skip
        steps = list(commands(trees, changed))
        begin = time.monotonic()
        for _name, command, place in steps:
            subprocess.run(command, cwd=place, env=os.environ | QUIET, capture_output=True, check=False)
        return time.monotonic() - begin, ", ".join(name for name, _command, _place in steps)


def checkout(repository: Path, revision: str, target: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(repository), str(target)], check=True)
    subprocess.run(["git", "checkout", "--quiet", revision], cwd=target, check=True)
    return target


def commands(trees: dict[str, Path], changed: list[str]) -> Iterator[tuple[str, list[str], Path]]:
    """(name, argv, folder) of each step that this change has and this machine can do."""
    bin_folder = Path(sys.executable).parent
    semgrep = shutil.which("semgrep", path=f"{bin_folder}:{os.environ['PATH']}")
    if semgrep:
        rules = str(ROOT / "checks" / "static_scan" / "rules")
        yield "semgrep", [semgrep, "scan", "--metrics=off", "--config", rules, *changed], trees["head"]
    for side, tree in trees.items():
        if list(tree.rglob("test_*.py")):
            yield f"pytest {side}", [sys.executable, "-m", "pytest", "-q"], tree
    terraform = shutil.which("terraform") or shutil.which("tofu")
    folders = {str(Path(path).parent) for path in changed if path.endswith(".tf")}
    for side, tree in trees.items():
        for place in sorted(folders) if terraform else ():
            script = f"{terraform} init -input=false && {terraform} plan -input=false -refresh=false"
            yield f"plan {side}", ["sh", "-c", script], tree / place


if __name__ == "__main__":
    main()
