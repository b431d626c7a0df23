#!/usr/bin/env python3
"""The four runs of a suite of quick tests against one plain `pytest -q` of it, and mutants a second.

    benchmarks/tests.py [--sandbox NAME] [--tests N] [--rounds N]

A repository with N quick tests (500) and a change of code and tests is verified with the check
test_replay alone: first with an empty cache, then with another head of the same base, so that
base's results are there already. Times are those of the check, from the report; each round runs
everything in turn and prints its ratios. Mutants a second come from a change of many lines.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PER_FILE = 50
FUNCTION = '''
def step_{n}(value, most={n}):
    """A small function of its own."""
    if value > most:
        return most
    return value * 2 + {n}
'''
TEST = """

def test_step_{n}():
    assert step_{n}(1, 5) == {n} + 2
    assert step_{n}(9, 5) == 5
"""
CONFIG = '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
POLICY = "[checks.test_replay]\nmutation_seconds = {seconds}\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", default="bubblewrap")
    parser.add_argument("--tests", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        repository, base, heads = build(place / "repository", options.tests)
        for number in range(1, options.rounds + 1):
            plain = plain_pytest(repository, heads[0])
            cache = place / f"cache{number}"
            fresh, _ = verify(repository, base, heads[0], options.sandbox, cache, 0)
            cached, _ = verify(repository, base, heads[1], options.sandbox, cache, 0)
            print(
                f"round {number}: {options.tests} tests, plain {plain:.2f} s, four runs {fresh:.2f} s "
                f"({fresh / plain:.2f} times), base cached {cached:.2f} s ({cached / plain:.2f} times)"
            )
        with_mutants, report = verify(repository, base, heads[2], options.sandbox, place / "cache", 60)
        without, _ = verify(repository, base, heads[2], options.sandbox, place / "cache", 0)
        note = next((one for one in report["notes"] if "defects" in one), "no defects were tried")
        tried = re.search(r"of (\d+) defects", note)
        spent = max(0.1, with_mutants - without)
        print(f"{note}: {int(tried[1]) / spent if tried else 0:.0f} mutants a second, coverage included")


def build(repository: Path, count: int) -> tuple[Path, str, list[str]]:
    """(repository, base, heads): two heads with a change of code and of tests, one with many lines."""
    files = {"pyproject.toml": CONFIG, "steps/__init__.py": "", "tests/__init__.py": ""}
    for start in range(0, count, PER_FILE):
        numbers = range(start, min(start + PER_FILE, count))
        name = f"part{start // PER_FILE}"
        files[f"steps/{name}.py"] = "\n".join(FUNCTION.format(n=n) for n in numbers)
        imports = f"from steps.{name} import {', '.join(f'step_{n}' for n in numbers)}\n"
        files[f"tests/test_{name}.py"] = imports + "".join(TEST.format(n=n) for n in numbers)
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch=main")
    base = commit(repository, files, "base")
    heads = []
    for number in (1, 2):
        heads.append(commit(repository, {
            **files,
            "steps/part0.py": files["steps/part0.py"].replace("return most", "return min(most, value)"),
            "tests/test_part0.py": files["tests/test_part0.py"].replace("9, 5", f"{9 + number}, 5"),
        }, f"head {number}"))  # fmt: skip
    many = {name: text.replace("value * 2 +", "value + value +") for name, text in files.items()}
    heads.append(commit(repository, many, "many lines"))
    return repository, base, heads


def commit(repository: Path, files: dict[str, str], message: str) -> str:
    for name, text in files.items():
        target = repository / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    git(repository, "add", "--all")
    git(
        repository,
        "-c",
        "user.name=bench",
        "-c",
        "user.email=bench@example.org",
        "commit",
        "--quiet",
        "-m",
        message,
    )
    return git(repository, "rev-parse", "HEAD")


def git(repository: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=repository, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def plain_pytest(repository: Path, revision: str) -> float:
    """Seconds of one plain run."""
    git(repository, "checkout", "--quiet", revision)
    begin = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    return time.monotonic() - begin


def verify(
    repository: Path, base: str, head: str, sandbox: str, cache: Path, mutation: float
) -> tuple[float, dict[str, object]]:
    """(seconds of the check, report)."""
    with tempfile.TemporaryDirectory() as folder:
        policy, out = Path(folder) / "policy.toml", Path(folder) / "report"
        policy.write_text(POLICY.format(seconds=mutation))
        command = [sys.executable, "-m", "harness", "verify", str(repository), "--base", base, "--head", head, "--only",
                   "test_replay", "--sandbox", sandbox, "--policy", str(policy), "--out", str(out), "--quiet",
                   "--jobs", "4"]  # fmt: skip
        done = subprocess.run(command, env=os.environ | {"XDG_CACHE_HOME": str(cache)}, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"harness verify ended with status {done.returncode}")
        report = json.loads((out / "report.json").read_text())
        check = next(one for one in report["checks"] if one["id"] == "test_replay")
        return float(check["seconds"]), report


if __name__ == "__main__":
    main()
