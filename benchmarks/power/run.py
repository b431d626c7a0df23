#!/usr/bin/env python3
"""What the behaviour check catches, misses and reports wrongly on small changes.

    python -m benchmarks.power.run [--tests] [--without INGREDIENT ...] [--group GROUP ...] [NAME ...]

Each pair is a module before and after a change, marked ``different`` (a bug came in) or ``same`` (a
refactoring). A difference counts as caught when the proof's own test file, run by plain pytest, passes
before the change and fails after it. Budgets are numbers of inputs, so that figures do not depend on how
busy the machine is. ``--without`` switches an ingredient of the search off. Names choose pairs.
"""

import argparse
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed

from . import releases
from .judged import Judged, judged
from .mutants import mutants
from .pairs import written


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tests", action="store_true", help="with the test files that do not notice")
    parser.add_argument("--without", action="append", default=[], metavar="INGREDIENT")
    parser.add_argument("--group", action="append", default=[], help="releases and mutants only where named")
    parser.add_argument("--kind", choices=("different", "same"), help="only pairs of this kind")
    parser.add_argument("--inputs", type=int, default=2000, help="most inputs a function")
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    every = [*written(options.tests), *(releases.pairs() if "releases" in options.group else ())]
    if "mutants" in options.group:
        every += mutants(pair for pair in every if pair.group in ("refactors", "services"))
    pairs = [
        pair
        for pair in every
        if (not options.names or any(name in pair.name for name in options.names))
        and (not options.group or pair.group in options.group)
        and (options.kind is None or pair.different == (options.kind == "different"))
    ]
    settings = {"without": options.without, "inputs": options.inputs, "seconds": 60}
    begin = time.monotonic()
    results = []
    with ThreadPoolExecutor(options.parallel) as pool:
        for done in as_completed([pool.submit(judged, pair, settings) for pair in pairs]):
            one = done.result()
            results.append(one)
            print(
                f"{one.verdict:<12}{one.pair.group:<12}{one.pair.name[:38]:<40}{one.inputs:>6} {one.said[:150]}",
                flush=True,
            )
    summary(results, time.monotonic() - begin)


def summary(results: list[Judged], seconds: float) -> None:
    for group in sorted({one.pair.group for one in results}):
        counts = Counter(one.verdict for one in results if one.pair.group == group)
        print(f"{group:<12}" + ", ".join(f"{counts[word]} {word}" for word in sorted(counts)))
    print(f"{len(results)} pairs in {seconds:.0f} s")


if __name__ == "__main__":
    main()
