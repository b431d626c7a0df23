"""What sandboxes cost, side by side with doing the same by hand.

``python benchmarks/sandboxes.py [--sandbox NAME] [--large]``. Start to end of `true` against a bare
``bwrap --unshare-all`` (bubblewrap) or the same options through the engine's SDK (docker), taken in
turns; 50 in a row and 8 at a time; private trees of 1,000, 10,000 and, with ``--large``, 100,000
files, against `cp -a`. Medians of wall time; trust the ratios.
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
from typing import Any

from harness.sandbox.interface import Driver, Ended, Job, Settings
from harness.sandbox.registry import available, choose, driver_module

BARE = ["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin",
        "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "true"]  # fmt: skip


def in_turns(times: int, *works: Callable[[], object]) -> list[float]:
    """Median wall time of each in milliseconds, one call of each after another, warmed up."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(times + 2):
        for times_of_one, work in zip(taken, works, strict=True):
            started = time.perf_counter()
            work()
            if turn >= 2:
                times_of_one.append((time.perf_counter() - started) * 1000)
    return [statistics.median(one) for one in taken]


def run(driver: Driver, tree: Path | None = None) -> None:
    """One sandbox that runs `true`."""
    result = driver.run(Job(["true"], tree=tree))
    if result.end != Ended(0):
        raise SystemExit(f"a sandbox ended with {result.end}")


def by_hand(driver: Driver) -> tuple[str, Callable[[], object]]:
    """What a driver is measured against: its name, and one run of `true`."""
    if driver.name == "bubblewrap":
        return "bare bwrap --unshare-all", lambda: subprocess.run(BARE, check=True)
    return "the same options by the SDK", _through_the_sdk()


def _through_the_sdk() -> Callable[[], object]:
    import docker

    info = next(info for info in available() if info.name == "docker")
    options = driver_module(info, "options")
    profile = driver_module(info, "profile").seccomp("x86_64")
    image = driver_module(info, "recipe").tag()
    body = options.container(Job(["true"]), options.Frame(image, profile), [], options.Extent(), b"")
    body |= {"Entrypoint": None, "Cmd": ["true"]}
    client: Any = docker.from_env().api

    def once() -> None:
        container = client.create_container_from_config(body)["Id"]
        stream = client.attach(container, stream=True)
        client.start(container)
        for _ in stream:
            pass
        if client.wait(container)["StatusCode"]:
            raise SystemExit("the container made by hand failed")
        client.remove_container(container, force=True)

    return once


def trees(driver: Driver, folder: Path, sizes: list[int]) -> None:
    """The cost of a private tree of so many files."""
    for size in sizes:
        tree = folder / str(size)
        for number in range(size):
            place = tree / f"d{number // 100}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"f{number}").write_text("content\n")

        def copy(tree: Path = tree) -> None:
            subprocess.run(["cp", "-a", str(tree), str(folder / "copy")], check=True)
            shutil.rmtree(folder / "copy")

        empty, own, copied = in_turns(
            5 if size > 1000 else 10, lambda: run(driver), lambda tree=tree: run(driver, tree), copy
        )  # type: ignore[misc]
        show(
            f"tree of {size:>6} files",
            own,
            f"tree alone {own - empty:8.1f} ms; cp -a and rm {copied:8.1f} ms",
        )


def show(what: str, milliseconds: float, note: str = "") -> None:
    """One line."""
    print(f"{what:<28} {milliseconds:9.1f} ms   {note}", flush=True)


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
            name, hand = by_hand(driver)
            own, bare = in_turns(30, lambda: run(driver), hand)
            show(f"{driver.name}: true", own, f"{name}: {bare:.1f} ms   ratio {own / bare:.2f}")
            started = time.perf_counter()
            for _ in range(50):
                run(driver)
            show("50 in a row", (time.perf_counter() - started) * 1000)
            with ThreadPoolExecutor(8) as pool:
                started = time.perf_counter()
                list(pool.map(lambda _: run(driver), range(50)))
            show("50, 8 at a time", (time.perf_counter() - started) * 1000)
            trees(driver, Path(folder), [1000, 10_000, *([100_000] if options.large else [])])
        finally:
            driver.shutdown()


if __name__ == "__main__":
    main()
