"""Other engines and runtimes work, or are refused with a reason; one that dies is no result."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox.interface import Availability, Driver, Ended, Failed, Job, Limited, Limits, Settings
from harness.sandbox.registry import load
from tests.sandboxes.docker.engines import Engine, dockerd, podman, rootless

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    known = {"crun": "/usr/bin/crun", "runsc": "/usr/bin/runsc", "bare-runsc": "/usr/bin/runsc"}
    runtimes: dict[str, dict[str, object]] = {
        name: {"path": path} for name, path in known.items() if shutil.which(path)
    }
    if "runsc" in runtimes:
        runtimes["runsc"]["runtimeArgs"] = ["--network=none", "--oci-seccomp"]
    with dockerd(runtimes) as made:
        yield made


def driver_of(
    engine: Engine, state: Path, monkeypatch: pytest.MonkeyPatch, runtime: str | None = None
) -> Driver:
    monkeypatch.setenv("DOCKER_HOST", engine.address)
    return load("docker", Settings(state=state, runtime=runtime))


def holds(driver: Driver, tree: Path) -> None:
    """The least that every sandbox must do."""
    script = "cat run.sh; echo changed > run.sh; echo out > /out/x; touch /usr/x || touch /in/x || id -u"
    result = driver.run(Job(["sh", "-c", script], tree=tree, files={"y": b""}))
    assert result.end == Ended(0), result
    assert result.stdout == b"#!/bin/sh\necho ran\n65534\n"
    assert result.files == {"x": b"out\n"}
    assert driver.run(Job(["sleep", "60"], limits=Limits(wall_seconds=1))).end == Limited("wall")
    assert (tree / "run.sh").read_text() == "#!/bin/sh\necho ran\n"


@pytest.mark.parametrize("runtime", [None, "crun", "runsc"])
def test_a_runtime_works_or_says_why_not(
    engine: Engine, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str | None
) -> None:
    driver = driver_of(engine, tmp_path / "state", monkeypatch, runtime)
    try:
        state = driver.probe()
        if not state.works:
            assert runtime is not None
            assert state.reason
            assert state.remedy
            assert isinstance(driver.run(Job(["true"])).end, Failed)
            return
        assert f"runtime {runtime or 'runc'}" in driver.describe()[0]
        holds(driver, tree)
    finally:
        driver.shutdown()


def test_gvisor_ends_a_fork_bomb_and_lets_others_fork(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("runsc"):
        pytest.skip("runsc is not installed (apt-get install runsc)")
    driver = driver_of(engine, tmp_path, monkeypatch, "runsc")
    limits = Limits(wall_seconds=20, cpu_seconds=20, processes=40, memory_bytes=512 << 20)
    try:
        fork = "import os, time\nfor _ in range({}):\n    if os.fork() == 0: time.sleep(60)\nos._exit(7)"
        result = driver.run(Job(["{python}", "-c", fork.format(30)], limits=limits))
        assert result.end == Ended(7)
        end = driver.run(Job(["{python}", "-c", fork.format(1000)], limits=limits)).end
        assert isinstance(end, Failed | Limited)
        assert driver.run(Job(["true"])).end == Ended(0)
    finally:
        driver.shutdown()


def test_a_runtime_that_filters_nothing_is_refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("runsc"):
        pytest.skip("runsc is not installed (apt-get install runsc)")
    state = driver_of(engine, tmp_path, monkeypatch, "bare-runsc").probe()
    assert not state.works
    assert "runtimeArgs" in state.remedy


def test_kata_is_refused_where_it_is_not_installed(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = driver_of(engine, tmp_path, monkeypatch, "kata").probe()
    assert not state.works
    assert "no runtime 'kata'" in state.reason
    assert "daemon.json" in state.remedy


def test_a_rootless_engine_works_and_says_what_it_does_not_hold(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rootless() as engine:
        driver = driver_of(engine, tmp_path / "state", monkeypatch)
        try:
            assert driver.probe() == Availability(True)
            described = driver.describe()
            assert "rootless" in described[0]
            unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
            assert unified or any(
                "holds no limit on memory, processors, processes" in line for line in described
            )
            holds(driver, tree)
            limits = Limits(wall_seconds=20, memory_bytes=128 << 20, processes=32)
            grows = driver.run(Job(["{python}", "-c", "x = bytearray(400 << 20)"], limits=limits))
            assert grows.end in (Ended(1), Limited("memory"))
            assert b"MemoryError" in grows.stderr or grows.end == Limited("memory")
        finally:
            driver.shutdown()


def test_podmans_socket(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with podman() as engine:
        driver = driver_of(engine, tmp_path / "state", monkeypatch)
        try:
            state = driver.probe()
            if not state.works:
                assert state.reason
                return
            assert "Podman" in driver.describe()[0]
            holds(driver, tree)
        finally:
            driver.shutdown()


def test_an_engine_that_dies_midway_is_a_failure_and_no_result(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dockerd({}) as engine:
        driver = driver_of(engine, tmp_path / "state", monkeypatch)
        try:
            with driver.start(Job(["sh", "-c", "echo up; sleep 60"], tree=tree)) as running:
                assert running.read_line(30) == b"up\n"
                engine.process.kill()
                engine.process.wait()
                end = running.wait().end
            assert isinstance(end, Failed)
            assert isinstance(driver.run(Job(["true"])).end, Failed)
        finally:
            driver.shutdown()
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()


def test_a_full_disk_of_the_engine_is_a_failure_told_in_a_sentence(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dockerd({}, data_bytes=1 << 30) as engine:
        driver = driver_of(engine, tmp_path / "state", monkeypatch)
        try:
            holds(driver, tree)
            ballast = engine.data / "ballast"
            with ballast.open("wb") as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 20))
            end = driver.run(Job(["true"], tree=tree)).end
            assert isinstance(end, Failed)
            assert "make room where the engine keeps its data" in end.reason
            ballast.unlink()
            holds(driver, tree)
        finally:
            driver.shutdown()
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()
