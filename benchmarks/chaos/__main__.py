"""Kills things at random while a change is verified, again and again, and counts what goes wrong.

    python -m benchmarks.chaos [--runs 200] [--world bubblewrap|docker|engine|cluster] [--seed 1]

Each run verifies a change that must be blocked, and after a random time SIGKILL hits the harness, a process
of one of its sandboxes, the Docker engine (``engine``, one of its own) or a worker (``cluster``, two on this
machine). Wrong are: a verdict other than block or inconclusive, a report folder that is half written, a run
that does not end, and anything left afterwards (processes, mounts, control groups, containers). A run that was
not hit in time counts too. Exit status 1 when anything was wrong.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.chaos.runs import left, make_change, one_run
from benchmarks.chaos.worlds import world_of


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument(
        "--world", default="bubblewrap", choices=("bubblewrap", "docker", "engine", "cluster")
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, world_of(options.world, Path(name)) as world:
        folder = Path(name)
        made = make_change(folder / "repo")
        usual = one_run(folder, made, world, None, 0.0, chance)[1]
        for number in range(options.runs):
            victim = None if number % 20 == 19 else chance.choice(world.victims)
            told, _seconds = one_run(folder, made, world, victim, chance.uniform(0, usual), chance)
            counts[f"{victim or 'nobody'}: {told}"] += 1
            world.mend()
            problems = [told] if told.startswith("WRONG") else []
            problems += [f"WRONG left: {one}" for one in left(folder, world)]
            wrong += [f"run {number}, {victim}: {problem}" for problem in problems]
            for problem in problems:
                print(f"run {number}, {victim}: {problem}", flush=True)
    for told, count in sorted(counts.items()):
        print(f"{count:5} {told}")
    print(f"{options.world}: {options.runs} runs, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
