"""One verification while something is killed, and what is wrong with its end."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.chaos.worlds import World

BASE = {
    "shop/__init__.py": "",
    "shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + (net * rate + 50) // 100\n",
    "tests/test_price.py": "from shop.price import total\n\ndef test_total():\n    assert total(100, 20) == 120\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
    "harness.toml": "[checks.test_replay]\nmutation_seconds = 0\n\n[checks.property_tests]\nseconds = 2\n",
}
HEAD = {"shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + net * rate // 100\n"}
ONLY = ("property_tests", "test_replay", "secrets")
RUN_SECONDS = 300


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
    folder: Path, repository: Path, world: World, victim: str | None, delay: float, chance: random.Random
) -> tuple[str, float]:
    """(what came of one run, how long it took in seconds). The victim is killed after ``delay`` seconds."""
    out = folder / "report"
    subprocess.run(["rm", "-rf", str(out)], check=True)
    only = [word for check in ONLY for word in ("--only", check)]
    command = [sys.executable, "-m", "harness", "verify", str(repository), "--base", "HEAD~1", "--out", str(out),
               *world.arguments, "--no-cache", "--quiet", *only]  # fmt: skip
    began = time.monotonic()
    with subprocess.Popen(
        command, env=environment(folder, world), stderr=subprocess.PIPE, start_new_session=True
    ) as harness:
        if victim is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                harness.wait(delay)
            world.strike(victim, harness.pid, chance)
        try:
            _, said = harness.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            harness.kill()
            return "WRONG: it did not end", time.monotonic() - began
    return judged(harness.returncode, out, said.decode(errors="replace")), time.monotonic() - began


def environment(folder: Path, world: World) -> dict[str, str]:
    """The harness's environment, with a cache folder of its own."""
    return os.environ | {"XDG_CACHE_HOME": str(folder / "state")} | dict(world.environment)


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


def left(folder: Path, world: World) -> Iterator[str]:
    """What remains of runs that have ended, once the next start has had its chance to clean."""
    command = [sys.executable, "-m", "harness", "sandbox", "clean"]
    subprocess.run(command, env=environment(folder, world), capture_output=True, check=False)
    end = time.monotonic() + 15
    while (found := [*remains(folder), *world.left()]) and time.monotonic() < end:
        time.sleep(0.2)
    yield from found


def remains(folder: Path) -> Iterator[str]:
    """Processes and mounts of runs in the folder; a cluster's workers have another one."""
    mark = str(folder / "state").encode()
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark in (place / "cmdline").read_bytes() or mark in (place / "environ").read_bytes():
                    yield f"process {place.name}"
    if str(folder / "state") in Path("/proc/self/mountinfo").read_text():
        yield "a mount"
