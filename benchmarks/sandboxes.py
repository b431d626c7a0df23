"""What sandboxes cost: start to end of `true`, many in a row, several at a time, large trees.

``python benchmarks/sandboxes.py [--sandbox bubblewrap] [--large]``. Prints medians of wall time
and, where the driver measures it, processor time inside; for bubblewrap also the ratio to a
bare ``bwrap --unshare-all``.
"""

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.sandbox.interface import Driver, Ended, Job, Settings
from harness.sandbox.registry import choose

BARE = ["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin",
        "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "true"]  # fmt: skip


def median_ms(work: Callable[[], object], times: int = 30) -> float:
    """Median wall time of one call in milliseconds, after one call to warm up."""
    work()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def run(driver: Driver, tree: Path | None = None) -> None:
    """One sandbox that runs `true`."""
    result = driver.run(Job(["true"], tree=tree))
    if result.end != Ended(0):
        raise SystemExit(f"a sandbox ended with {result.end}")


def trees(driver: Driver, folder: Path, sizes: list[int]) -> None:
    """The cost of a private tree of so many files."""
    for size in sizes:
        tree = folder / str(size)
        for number in range(size):
            place = tree / f"d{number // 100}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"f{number}").write_text("content\n")
        print(f"tree of {size:>6} files        {median_ms(lambda tree=tree: run(driver, tree), 10):8.1f} ms")  # type: ignore[misc]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", default="auto")
    parser.add_argument("--large", action="store_true", help="also a tree of 100,000 files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        driver = choose(options.sandbox, Settings(state=Path(folder) / "state"))
        try:
            own = median_ms(lambda: run(driver))
            print(f"{driver.name}: true            {own:8.1f} ms")
            if driver.name == "bubblewrap" and shutil.which("bwrap"):
                bare = median_ms(lambda: subprocess.run(BARE, check=True))
                print(f"bare bwrap                  {bare:8.1f} ms   ratio {own / bare:.1f}")
            started = time.perf_counter()
            for _ in range(50):
                run(driver)
            print(f"50 in a row                 {(time.perf_counter() - started) * 1000:8.1f} ms")
            with ThreadPoolExecutor(8) as pool:
                started = time.perf_counter()
                list(pool.map(lambda _: run(driver), range(50)))
            print(f"50, 8 at a time             {(time.perf_counter() - started) * 1000:8.1f} ms")
            trees(driver, Path(folder), [1000, 10_000, *([100_000] if options.large else [])])
        finally:
            driver.shutdown()


if __name__ == "__main__":
    main()
