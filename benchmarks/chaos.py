#!/usr/bin/env python3
"""Kills things at random while a change is verified, again and again, and counts what goes wrong.

    benchmarks/chaos.py [--runs 200] [--sandbox bubblewrap] [--seed 1]

Each run verifies a change that must be blocked, and after a random time SIGKILL hits the harness or
a process of one of its sandboxes. Wrong are: a verdict other than block or inconclusive, a report
folder that is half written, a run that does not end, and anything left afterwards (processes, mounts,
control groups, containers). A run that was not hit in time counts too. Exit status 1 when anything was wrong.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

BASE = {
    "shop/__init__.py": "",
    "shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + (net * rate + 50) // 100\n",
    "tests/test_price.py": "from shop.price import total\n\ndef test_total():\n    assert total(100, 20) == 120\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
}
HEAD = {"shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + net * rate // 100\n"}
ONLY = ("property_tests", "test_replay", "secrets")
RUN_SECONDS = 300


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--sandbox", default="bubblewrap")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        made = make_change(folder / "repo")
        usual = one_run(folder, made, options.sandbox, None, 0.0, chance)[1]
        for number in range(options.runs):
            victim = chance.choice(("harness", "sandbox", "nobody" if number % 10 == 0 else "sandbox"))
            told, _seconds = one_run(folder, made, options.sandbox, victim, chance.uniform(0, usual), chance)
            counts[f"{victim}: {told}"] += 1
            problems = [told] if told.startswith("WRONG") else []
            problems += [f"WRONG left: {one}" for one in left(folder, options.sandbox)]
            wrong += [f"run {number}, {victim}: {problem}" for problem in problems]
            for problem in problems:
                print(f"run {number}, {victim}: {problem}", flush=True)
    for told, count in sorted(counts.items()):
        print(f"{count:5} {told}")
    print(f"{options.runs} runs, {len(wrong)} wrong")
    return 1 if wrong else 0


def make_change(folder: Path) -> Path:
    """A repository whose last commit must be blocked."""
    folder.mkdir()
    who = ["-c", "user.name=Sam", "-c", "user.email=sam@example.org"]
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    for files in (BASE, HEAD):
        for name, text in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
        subprocess.run(["git", "-C", str(folder), *who, "commit", "--quiet", "-m", "x"], check=True)
    return folder


def one_run(
    folder: Path, repository: Path, sandbox: str, victim: str | None, delay: float, chance: random.Random
) -> tuple[str, float]:
    """(what came of one run, how long it took in seconds). The victim is killed after ``delay`` seconds."""
    out = folder / "report"
    subprocess.run(["rm", "-rf", str(out)], check=True)
    only = [word for check in ONLY for word in ("--only", check)]
    command = [sys.executable, "-m", "harness", "verify", str(repository), "--base", "HEAD~1", "--out", str(out),
               "--sandbox", sandbox, "--no-cache", "--quiet", *only]  # fmt: skip
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "state")}
    began = time.monotonic()
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, start_new_session=True
    ) as harness:
        if victim in ("harness", "sandbox"):
            with contextlib.suppress(subprocess.TimeoutExpired):
                harness.wait(delay)
            strike(harness.pid, victim, chance)
        try:
            _, said = harness.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            harness.kill()
            return "WRONG: it did not end", time.monotonic() - began
    return judged(harness.returncode, out, said.decode(errors="replace")), time.monotonic() - began


def strike(pid: int, victim: str, chance: random.Random) -> None:
    below = sorted(descendants(pid))
    target = pid if victim == "harness" else chance.choice(below) if below else None
    with contextlib.suppress(ProcessLookupError):
        if target is not None:
            os.kill(target, signal.SIGKILL)


def judged(status: int, out: Path, said: str) -> str:
    outcome = "no report"
    if out.exists():
        try:
            outcome = json.loads((out / "report.json").read_text())["outcome"]
        except (OSError, ValueError, KeyError):
            return "WRONG: a report that is half written"
        if not (out / "report.html").is_file():
            return "WRONG: a report that is half written"
    if "Traceback" in said:
        return f"WRONG: a traceback, {outcome}"
    if status == -signal.SIGKILL:
        return f"killed, {outcome}" if outcome in ("no report", "block") else f"WRONG: killed, {outcome}"
    fits = {1: "block", 3: "inconclusive", 2: "no report"}.get(status)
    return f"{outcome}" if outcome == fits else f"WRONG: status {status}, {outcome}"


def left(folder: Path, sandbox: str) -> Iterator[str]:
    """What remains of runs that have ended, once the next start has had its chance to clean."""
    command = [sys.executable, "-m", "harness", "sandbox", "clean"]
    subprocess.run(
        command, env=os.environ | {"XDG_CACHE_HOME": str(folder / "state")}, capture_output=True, check=False
    )
    end = time.monotonic() + 15
    while (found := list(remains(folder, sandbox))) and time.monotonic() < end:
        time.sleep(0.2)
    yield from found


def remains(folder: Path, sandbox: str) -> Iterator[str]:
    mark = str(folder).encode()
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark in (place / "cmdline").read_bytes() or mark in (place / "environ").read_bytes():
                    yield f"process {place.name}"
    if str(folder) in Path("/proc/self/mountinfo").read_text():
        yield "a mount"
    if sandbox == "docker":
        listed = subprocess.run(
            ["docker", "ps", "-aq", "--filter", f"label=change-harness.state={folder / 'state'}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        yield from (f"container {name}" for name in listed.stdout.split())


def descendants(pid: int) -> set[int]:
    """Process ids below a process."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                fresh = {int(word) for word in task.read_text().split()} - found
                found |= fresh
                waiting += fresh
    return found


if __name__ == "__main__":
    sys.exit(main())
