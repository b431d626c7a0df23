"""Killing, shutting down, and that nothing outlives a job."""

import threading
import time
from pathlib import Path

from harness.sandbox import registry
from harness.sandbox.conformance.world import World, behaviour, equal, expect, succeeded
from harness.sandbox.interface import Ended, Failed, Limited

_OWN_FDS = Path("/proc/self/fd")
_DAEMON = "(setsid sleep {seconds} </dev/null >/dev/null 2>&1 &) ; echo started"


def _host_has(argument: str) -> bool:
    """Whether a process with this argument runs on this machine."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if argument.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                    return True
            except OSError:
                continue
    return False


@behaviour("lifecycle: a daemon does not outlive its job")
def daemon(world: World) -> None:
    equal(succeeded(world.shell(_DAEMON.format(seconds="63.1"))).stdout, b"started\n", "output")
    expect(not _host_has("63.1"), "the daemon still runs")


@behaviour("lifecycle: a daemon that holds the output open does not hold the job")
def holding_daemon(world: World) -> None:
    result = succeeded(world.shell("(setsid sleep 63.2 &); echo started"))
    expect(result.seconds < 30, "the job waited for its daemon")
    expect(not _host_has("63.2"), "the daemon still runs")


@behaviour("lifecycle: children die with a wall-clock limit")
def children_at_limit(world: World) -> None:
    result = world.shell("sleep 63.3 & sleep 63.3 & wait", limits={"wall_seconds": 1})
    equal(result.end, Limited("wall"), "end")
    expect(not _host_has("63.3"), "a child still runs")


@behaviour("lifecycle: kill ends a job at once")
def kill(world: World) -> None:
    started = time.monotonic()
    with world.driver.start(world.job(["sleep", "63.4"])) as running:
        running.kill()
        end = running.wait().end
    expect(end == Ended(-9), f"ended with {end}")
    expect(time.monotonic() - started < 30, "the job was not killed")
    expect(not _host_has("63.4"), "the command still runs")


@behaviour("lifecycle: kill works from another thread while one waits")
def kill_from_thread(world: World) -> None:
    with world.driver.start(world.job(["sleep", "50"])) as running:
        timer = threading.Timer(0.5, running.kill)
        timer.start()
        equal(running.wait().end, Ended(-9), "end")
        timer.join()


@behaviour("lifecycle: leaving the context kills")
def leave_context(world: World) -> None:
    with world.driver.start(world.job(["sleep", "63.5"], interactive=True)) as running:
        running.read_line(0.5)
    expect(not _host_has("63.5"), "the command still runs")


@behaviour("lifecycle: wait can be called again")
def wait_again(world: World) -> None:
    with world.driver.start(world.job(["sh", "-c", "echo x; exit 4"])) as running:
        equal(running.wait(), running.wait(), "second result")


@behaviour("lifecycle: eight jobs run at the same time")
def at_once(world: World) -> None:
    results: list[bytes] = []

    def work(number: int) -> None:
        results.append(world.python(f"print({number})").stdout.strip())

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(sorted(results), [str(n).encode() for n in range(8)], "outputs")


@behaviour("lifecycle: a job survives the thread that started it")
def starting_thread(world: World) -> None:
    started = []
    job = world.job(["sh", "-c", "sleep 1; echo done"])
    thread = threading.Thread(target=lambda: started.append(world.driver.start(job)))
    thread.start()
    thread.join()
    with started[0] as running:
        equal(running.wait().stdout, b"done\n", "output")


@behaviour("lifecycle: shutdown kills what runs and refuses what comes")
def shutdown(world: World) -> None:
    other = registry.load(world.driver.name, world.settings)
    running = other.start(world.job(["sleep", "63.6"]))
    other.shutdown()
    end = running.wait().end
    expect(end == Ended(-9), f"the running job ended with {end}")
    expect(isinstance(other.run(world.job(["true"])).end, Failed), "a job ran after shutdown")
    expect(not _host_has("63.6"), "the command still runs")
    succeeded(world.run("true"))


@behaviour("lifecycle: cleaning leaves living jobs alone")
def clean(world: World) -> None:
    with world.driver.start(world.job(["sh", "-c", "sleep 1; echo alive"])) as running:
        world.driver.clean()
        equal(running.wait().stdout, b"alive\n", "output")


@behaviour("lifecycle: no descriptor is lost")
def no_leak(world: World) -> None:
    succeeded(world.run("true"))
    before = len(list(_OWN_FDS.iterdir()))
    runs = 6
    for _ in range(runs):
        succeeded(world.run("true", stdin=b"x"))
    # What a driver tidies beside the work may hold some for a moment, before and after.
    limit = time.monotonic() + 10
    while (kept := len(list(_OWN_FDS.iterdir())) - before) > 0 and time.monotonic() < limit:
        time.sleep(0.05)
    expect(kept <= 0, f"{kept} more open descriptors of the harness after {runs} runs")


def _mounts() -> list[str]:
    """Mounts of this machine without those of containers, which others start and end meanwhile."""
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "docker" not in line]


@behaviour("lifecycle: no mount is left on the host")
def no_mounts(world: World) -> None:
    before = _mounts()
    succeeded(world.run("true", tree=world.make_tree({"a": "A"})))
    equal(_mounts(), before, "mounts")
