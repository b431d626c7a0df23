#!/usr/bin/env python3
"""What a verification costs by size of the repository, size of the change, and what is known already.

    python benchmarks/scale.py [--large] [--quick] [EXPERIMENT ...]

Experiments, each a few rows of one table; figures of one experiment are measured side by side in one run:

  size       a one-file change in repositories of 100, 1,000, 10,000 and (--large) 100,000 files, base known
  functions  a change of 1, 10, 100 and (--large) 1,000 functions
  cache      the same change cold, again, and with one more commit on the branch
  budget     how far from its budget a run of the demonstration ends
  path       all checks together against the longest check alone and against all processor time over the cores
  workers    four changes at once on 1, 2 and 4 workers of a Dask cluster on this machine, one core each

``--quick`` takes the smallest sizes only. Trust the ratios.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.cluster.processes import Cluster
from tests.support.repositories import Repository

BASE = {
    "shop/__init__.py": "",
    "shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + (net * rate + 50) // 100\n",
    "tests/test_price.py": "from shop.price import total\n\n\ndef test_total():\n    assert total(100, 20) == 120\n",
}
WRONG = {"shop/price.py": "def total(net: int, rate: int) -> int:\n    return net + net * rate // 100\n"}
MEASURED = """
import json, resource, sys
from harness.cli.main import main
status = main(sys.argv[2:])
with open(sys.argv[1], "w") as stream:
    json.dump({"status": status, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}, stream)
"""
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Ran:
    """One verification: seconds of wall time and of the machine's processors meanwhile, peak memory of the
    harness in MiB. Sandboxes are nobody's children, so that only the machine knows what they took."""

    seconds: float
    cpu: float
    memory: int
    report: Mapping[str, Any]


def verify(repository: Path, state: Path, *more: str, base: str = "HEAD~1") -> Ran:
    """Verify the last commit in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        out, told = Path(name) / "out", Path(name) / "told.json"
        command = [sys.executable, "-c", MEASURED, str(told), "verify", str(repository), "--base", base, "-q"]
        command += ["--sandbox", "bubblewrap", "--out", str(out), *more]
        environment = os.environ | {"XDG_CACHE_HOME": str(state)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed harness is compiled
        before, began = _busy(), time.monotonic()
        done = subprocess.run(command, env=environment, check=False)
        seconds = time.monotonic() - began
        cpu = _busy() - before
        if done.returncode not in (0, 1, 3):
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
        peak = json.loads(told.read_text())["peak"] >> 10
        return Ran(seconds, cpu, peak, json.loads((out / "report.json").read_text()))


def usual(repository: Path, state: Path, *more: str, base: str = "HEAD~1") -> Ran:
    """The middle one of three: searches end when they end, and machines have other work."""
    runs = [verify(repository, state, *more, base=base) for _ in range(3)]
    return sorted(runs, key=lambda one: one.seconds)[1]


def _busy() -> float:
    """Seconds that the processors of this machine have worked."""
    user, nice, system, *_ = map(int, Path("/proc/stat").read_text().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def make(folder: Path, files: Mapping[str, str], changed: Mapping[str, str]) -> Path:
    """A repository of two commits."""
    repository = Repository(folder)
    repository.commit(files)
    repository.commit(changed)
    return folder


def size(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Base's snapshot is there, as on any machine that has verified a change of that base before."""
    first = 0.0
    for count in _chosen(options, (100, 1_000, 10_000, 100_000)):
        files = {f"data/{n // 1000:03}/{n // 50 % 20:02}/{n}.txt": f"record {n}\n" * 9 for n in range(count)}
        files |= {f"shop/part{n}.py": f"def part{n}(a):\n    return a + {n}\n" for n in range(count // 50)}
        place = make(folder / f"size{count}", files | BASE, WRONG)
        state = folder / f"state{count}"
        cold = verify(place, state, "--no-cache")
        Repository(place).commit(
            {"shop/price.py": WRONG["shop/price.py"].replace("// 100", "// 100 + 0 * rate")}
        )
        warm = usual(place, state, "--no-cache", base="HEAD~2")
        first = first or warm.seconds
        yield (
            f"one file changed of {count:,}", f"{warm.seconds:.1f} s, {warm.seconds / first:.2f}; {warm.memory} MiB; "
            f"with base's first snapshot {cold.seconds:.1f} s", "1.3; 200 MiB",
        )  # fmt: skip


def functions(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Every function differs on one input in a hundred."""
    for count in _chosen(options, (1, 10, 100, 1_000)):
        old = "".join(f"def part{n}(a: int) -> int:\n    return a * {n + 2}\n\n\n" for n in range(count))
        new = old.replace("    return a *", "    if a % 100 == 99:\n        a += 1\n    return a *")
        place = make(folder / f"functions{count}", BASE | {"shop/parts.py": old}, {"shop/parts.py": new})
        ran = usual(place, folder / "functions", "--no-cache")
        listed = [one for one in ran.report["unverified"] if "shop.parts" in one["what"]]
        found = [one for one in ran.report["findings"] if one["category"] == "regression"]
        goal = {1: "15 s", 10: "60 s"}.get(count, "-")
        yield (
            f"{count:,} functions changed", f"{ran.seconds:.1f} s, {len(found)} found, {len(listed)} listed", goal
        )  # fmt: skip


def cache(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Without and with a policy that says what code under test never reads."""
    for name, policy in (("", {}), (" with leave_out", {"harness.toml": '[run]\nleave_out = ["**/*.md"]\n'})):
        place, state = make(folder / f"cache{name}", BASE | policy, WRONG), folder / f"cached{name}"
        cold = verify(place, state)
        again = verify(place, state)
        Repository(place).commit({"README.md": "more\n"})
        more = verify(place, state, base="HEAD~2")
        yield f"first time{name}", f"{cold.seconds:.1f} s", "-"
        yield f"the same change again{name}", f"{again.seconds:.2f} s", "1 s"
        share = more.seconds / cold.seconds
        yield f"one more commit (a text){name}", f"{more.seconds:.1f} s, {share:.2f} of the first", "-"


def budget(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    for seconds in (10, 20) if options.quick else (10, 20, 30):
        command = [sys.executable, "-m", "harness", "demo", "--no-cache", "-q", "--sandbox", "bubblewrap"]
        command += ["--budget", str(seconds), "--out", str(folder / "demo")]
        began = time.monotonic()
        subprocess.run(command, check=True, env=os.environ | {"XDG_CACHE_HOME": str(folder / "budget")})
        taken = time.monotonic() - began
        yield f"demonstration with {seconds} s", f"{taken:.1f} s, {taken / seconds - 1:+.1%}", "5 %"


def path(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """What all checks need at least: the longest of them alone, or all their work over the cores."""
    place, state = make(folder / "path", BASE, WRONG), folder / "path-state"
    whole = verify(place, state, "--no-cache")
    ran = [one["id"] for one in whole.report["checks"] if one["status"] in ("passed", "findings")]
    alone = {name: verify(place, state, "--no-cache", "--only", name).seconds for name in ran}
    longest = max(alone, key=lambda name: alone[name])
    bound = max(alone[longest], whole.cpu / len(os.sched_getaffinity(0)))
    yield (
        "all checks together", f"{whole.seconds:.1f} s, {whole.seconds / bound:.2f} of what cannot be avoided "
        f"({longest} alone {alone[longest]:.1f} s, {whole.cpu:.1f} s of processor time)", "1.15",
    )  # fmt: skip


def workers(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    places = [make(folder / f"w{n}", BASE | {"n": str(n)}, WRONG) for n in range(4)]
    first = 0.0
    for count in (1, 2) if options.quick else (1, 2, 4):
        (folder / f"cluster{count}").mkdir()
        cluster = Cluster(folder / f"cluster{count}")
        try:
            for number in range(count):
                process = cluster.worker(f"worker{number}", "--resources", "sandbox=1")
                _pin(process.pid, number)
            began = time.monotonic()
            asking, url = folder / "asking", cluster.url
            with ThreadPoolExecutor(len(places)) as pool:
                asked = [
                    pool.submit(verify, place, asking, "--no-cache", "--executor", url) for place in places
                ]
                for one in asked:
                    one.result()
            taken = time.monotonic() - began
        finally:
            cluster.close()
        first = first or taken
        yield (
            f"{len(places)} changes on {count} workers",
            f"{3600 * len(places) / taken:.0f} changes an hour, {first / taken:.2f} times one worker", "-",
        )  # fmt: skip


def _pin(process: int, number: int) -> None:
    """One core for a worker and what it starts, so that workers stand for machines: as far as there are cores."""
    cores = sorted(os.sched_getaffinity(0))
    for thread in Path(f"/proc/{process}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {cores[number % len(cores)]})


def _chosen(options: argparse.Namespace, sizes: tuple[int, ...]) -> tuple[int, ...]:
    return sizes[:2] if options.quick else sizes if options.large else sizes[:3]


EXPERIMENTS: dict[str, Callable[[Path, argparse.Namespace], Iterator[Row]]] = {
    one.__name__: one for one in (size, functions, cache, budget, path, workers)
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("experiments", nargs="*", metavar="EXPERIMENT", help=", ".join(EXPERIMENTS))
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    unknown = set(options.experiments) - set(EXPERIMENTS)
    if unknown:
        parser.error(f"there is no experiment {', '.join(sorted(unknown))}; known: {', '.join(EXPERIMENTS)}")
    print(f"{'what':<34}{'figure':<72}goal")
    with tempfile.TemporaryDirectory(prefix="scale-", dir="/var/tmp") as name:
        for experiment in options.experiments or EXPERIMENTS:
            for what, figure, goal in EXPERIMENTS[experiment](Path(name), options):
                print(f"{what:<34}{figure:<72}{goal}", flush=True)


if __name__ == "__main__":
    main()
