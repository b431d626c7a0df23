"""The driver on a real engine: what is particular to containers.

Behaviours that all drivers share are in the conformance suite.
"""

import io
import os
import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from harness.errors import SandboxUnavailableError
from harness.sandbox.interface import Ended, Failed, Job, Limited, Limits, Settings
from harness.sandbox.registry import load
from tests.sandboxes.docker import module

pytestmark = pytest.mark.docker


def shell(driver, text, **fields):
    return driver.run(Job(["sh", "-c", text], **fields))


def containers(label: str | None = None) -> list[str]:
    """Containers of this process, or with a label; other harnesses may be at work meanwhile."""
    import docker

    owner = module("owner")
    label = label or f"{owner.OWNER}={owner.identity()}"
    return [found["Id"] for found in docker.from_env().api.containers(all=True, filters={"label": label})]


def none_is_left(listed: Callable[[], list[Any]]) -> bool:
    """Ended containers are removed beside the work, soon."""
    limit = time.monotonic() + 30
    while listed():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def volumes() -> list[str]:
    import docker

    owner = module("owner")
    label = f"{owner.OWNER}={owner.identity()}"
    return docker.from_env().api.volumes(filters={"label": label})["Volumes"] or []


def test_a_job_sees_its_inputs_and_nothing_is_left(driver, tree, tmp_path):
    guest = tmp_path / "guest"
    guest.mkdir(mode=0o755)
    (guest / "g.py").write_text("pass")
    result = shell(
        driver,
        "cat pkg/a.py /in/x/y /in/base/pkg/a.py && ls /guest/lib && ./run.sh && true-tool && pwd"
        " && echo changed > pkg/a.py && mv pkg moved && cat moved/a.py",
        tree=tree,
        guest={"lib": guest},
        files={"x/y": b"file\n"},
        mounts={"base": tree},
        tools=[tool(tmp_path)],
    )
    assert result.stdout.decode().split() == [
        "A",
        "=",
        "1",
        "file",
        "A",
        "=",
        "1",
        "g.py",
        "ran",
        "tool",
        "/tree",
        "changed",
    ]
    assert result.end == Ended(0)
    assert (tree / "pkg" / "a.py").read_text() == "A = 1\n"
    assert none_is_left(containers)


def tool(folder):
    program = folder / "true-tool"
    program.write_text("#!/bin/sh\necho tool\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    "place", ["/in/x", "/in/new", "/guest/lib/g.py", "/opt/tools/true-tool", "/usr/x", "/etc/x"]
)
def test_inputs_and_the_image_are_read_only(driver, tmp_path, place):
    guest = tmp_path / "guest"
    guest.mkdir(mode=0o777)
    (guest / "g.py").write_text("pass")
    (guest / "g.py").chmod(0o666)
    guest.chmod(0o777)
    result = shell(
        driver, f"echo x >> {place}", guest={"lib": guest}, files={"x": b""}, tools=[tool(tmp_path)]
    )
    assert result.end != Ended(0)
    assert (guest / "g.py").read_text() == "pass"


def test_a_private_tree_reaches_the_job(driver, tree):
    (tree / "pkg" / "a.py").chmod(0o600)
    (tree / "pkg").chmod(0o700)
    result = shell(driver, "cat pkg/a.py && echo B >> pkg/a.py", tree=tree)
    assert (result.end, result.stdout) == (Ended(0), b"A = 1\n")
    assert (tree / "pkg" / "a.py").read_text() == "A = 1\n"


def test_the_first_process_tells_nothing_and_cannot_be_ended(driver):
    text = (
        "cat /proc/1/environ /proc/1/mem /proc/1/maps; ls /proc/1/fd;"
        " kill -INT 1; kill -TERM 1; kill -KILL 1; kill -CHLD 1; kill -HUP 1; kill -USR1 1; sleep 0.3; echo alive"
    )
    result = shell(driver, text)
    assert result.end == Ended(0)
    assert result.stdout == b"alive\n"
    assert result.stderr.count(b"Permission denied") == 4


def test_limits_of_the_first_process_cannot_be_changed(driver):
    code = "import resource\nresource.prlimit(1, resource.RLIMIT_CPU, (0, 0))"
    result = driver.run(Job(["{python}", "-c", code]))
    assert b"PermissionError" in result.stderr
    assert result.end == Ended(1)


def test_a_forged_ending_is_plain_output(driver):
    code = (
        "import os, sys\n"
        "words = b'\\0'.join([b'0', b'', b'', b'0', b'0.1', b'0.1', b'', b'0'])\n"
        "os.write(1, b'\\0' * 24 + b'%d\\n' % len(words) + words); os.write(2, b'\\0' * 24); sys.exit(3)"
    )
    result = driver.run(Job(["{python}", "-c", code]))
    assert result.end == Ended(3)
    assert result.stdout.startswith(b"\0" * 24 + b"16\n0\0")


def test_pipes_left_non_blocking_or_closed_do_not_hide_the_end(driver):
    code = (
        "import os, fcntl\n"
        "for fd in (0, 1, 2):\n"
        "    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)\n"
        "open('/out/big', 'wb').write(b'x' * 3_000_000)\n"
        "os.closerange(0, 3); os._exit(5)"
    )
    result = driver.run(Job(["{python}", "-c", code]))
    assert result.end == Ended(5)
    assert len(result.files["big"]) == 3_000_000


def test_what_outlives_the_first_process_is_dead_before_files_are_taken(driver):
    text = "(trap '' TERM HUP; while :; do date +%N > /out/beat; done) & sleep 0.2; echo done > /out/file"
    result = shell(driver, text)
    assert result.end == Ended(0)
    assert result.files["file"] == b"done\n"
    assert none_is_left(containers)


@pytest.mark.parametrize(
    ("text", "limits", "end"),
    [
        ("echo kept > /out/f; sleep 60", Limits(wall_seconds=1), Limited("wall")),
        ("echo kept > /out/f; while :; do :; done", Limits(cpu_seconds=1), Limited("cpu")),
        ("echo kept > /out/f; yes", Limits(output_bytes=100_000), Limited("output")),
    ],
    ids=["wall", "cpu", "output"],
)
def test_files_survive_a_limit(driver, text, limits, end):
    result = shell(driver, text, limits=limits)
    assert result.end == end
    assert result.files == {"f": b"kept\n"}
    assert len(result.stdout) <= limits.output_bytes


def test_memory_of_all_processes_together(driver):
    code = (
        "import os, sys, time\n"
        "child = os.fork()\n"
        "block = b'x' * (70 << 20)\n"
        "time.sleep(2)\n"
        "sys.exit(child and os.wait()[1] != 0)"
    )
    result = driver.run(Job(["{python}", "-c", code], limits=Limits(memory_bytes=100 << 20)))
    assert result.end == Limited("memory")


def test_a_full_disk_is_the_jobs_own_error(driver):
    result = shell(
        driver, "head -c 50000000 /dev/zero > /tmp/x || echo full", limits=Limits(disk_bytes=4 << 20)
    )
    assert result.stdout == b"full\n"


def test_a_tree_does_not_count_against_the_disk_limit(driver, tree):
    (tree / "big").write_bytes(b"x" * (8 << 20))
    result = shell(driver, "echo more > more && wc -c < big", tree=tree, limits=Limits(disk_bytes=1 << 20))
    assert result.stdout == b"8388608\n"


def test_missing_commands_and_missing_folders(driver, tmp_path):
    missing = driver.run(Job(["no-such-program"]))
    assert missing.end == Ended(127)
    assert b"no-such-program" in missing.stderr
    gone = driver.run(Job(["true"], tree=tmp_path / "gone"))
    assert isinstance(gone.end, Failed)
    assert "gone" in gone.end.reason
    assert isinstance(driver.run(Job(["true"], files={"../x": b""})).end, Failed)


def test_input_larger_than_any_pipe(driver):
    result = driver.run(Job(["wc", "-c"], stdin=b"x" * 3_000_000))
    assert result.stdout.strip() == b"3000000"


def test_input_that_nobody_reads_does_not_hold_the_job(driver):
    assert shell(driver, "exit 4", stdin=b"x" * 3_000_000).end == Ended(4)


def test_a_conversation(driver):
    with driver.start(Job(["sed", "-u", "s/^/got /"], interactive=True)) as running:
        running.send(b"a\n")
        assert running.read_line(20) == b"got a\n"
        assert running.read_line(0.1) is None
        running.send(b"b\nrest")
        assert running.read_line(20) == b"got b\n"
        running.close_stdin()
        assert running.read_line(20) == b"got rest"
        assert running.read_line(20) == b""
        assert running.wait().end == Ended(0)


def test_output_can_be_followed(driver):
    pieces = []
    with driver.start(Job(["sh", "-c", "echo out; echo err >&2; exit 2"])) as running:
        result = running.follow(lambda stream, data: pieces.append((stream, data)))
    assert result.end == Ended(2)
    assert sorted(pieces) == [("stderr", b"err\n"), ("stdout", b"out\n")]
    assert (result.stdout, result.stderr) == (b"", b"")


def test_kill_ends_everything(driver):
    with driver.start(Job(["sleep", "60"])) as running:
        running.kill()
        assert running.wait().end == Ended(-9)
    assert none_is_left(containers)


def test_shutdown_from_another_thread(tmp_path):
    own = load("docker", Settings(state=tmp_path))
    ends = []
    running = own.start(Job(["sleep", "60"]))
    waiter = threading.Thread(target=lambda: ends.append(running.wait().end))
    waiter.start()
    own.shutdown()
    waiter.join(20)
    assert ends == [Ended(-9)]
    assert isinstance(own.run(Job(["true"])).end, Failed)
    assert none_is_left(containers)
    assert none_is_left(lambda: list((tmp_path / "docker" / "live").iterdir()))


def test_an_engine_that_does_not_see_our_files_gets_them_uploaded(driver, tree, tmp_path, monkeypatch):
    placing = module("placing")

    def unseen(self, job, support):
        return placing.Placed()

    monkeypatch.setattr(placing.Binds, "place", unseen)
    remote = load("docker", Settings(state=tmp_path / "state"))
    (tree / "pkg" / "a.py").chmod(0o600)
    try:
        result = shell(
            remote,
            "cat pkg/a.py /in/x /in/base/pkg/a.py && true-tool && ./run.sh"
            " && echo x > pkg/a.py && ! touch /in/x /in/new",
            tree=tree, files={"x": b"file\n"}, mounts={"base": tree}, tools=[tool(tmp_path)],
        )  # fmt: skip
        assert result.end == Ended(0), result.stderr
        assert result.stdout.split() == b"A = 1 file A = 1 tool ran".split()
        assert any("upload" in line for line in remote.describe())
    finally:
        remote.shutdown()
    assert none_is_left(containers)
    assert none_is_left(volumes)


def test_what_a_killed_harness_leaves_is_removed_by_the_next(driver, tree, tmp_path):
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from harness.sandbox.interface import Job, Settings\nfrom harness.sandbox.registry import load\n"
        f"driver = load('docker', Settings(state=Path({str(tmp_path)!r})))\n"
        f"tree = Path({str(tree)!r})\n"
        "running = driver.start(Job(['sleep', '60'], tree=tree, files={'x': b'1'}))\n"
        "print(running.container, flush=True)\ntime.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    container = process.stdout.readline().strip()
    own = load("docker", Settings(state=tmp_path))
    with driver.start(Job(["sleep", "60"])) as mine:
        assert not any(container[:12] in text or str(tmp_path) in text for text in own.clean())
        assert container in containers("change-harness.kind=job")
        process.kill()
        process.wait()
        removed = own.clean()
        assert f"container {container[:12]}" in removed
        assert any(text.startswith("folder ") for text in removed)
        assert str(tmp_path) not in pathlib.Path("/proc/self/mountinfo").read_text()
        assert mine.container in containers()


def test_a_missing_image_says_how_to_get_it(tmp_path):
    own = load("docker", Settings(state=tmp_path, image="no-such/image:here"))
    state = own.probe()
    assert not state.works
    assert "no-such/image:here" in state.reason
    assert "docker pull no-such/image:here" in state.remedy
    with pytest.raises(SandboxUnavailableError, match="no-such/image:here"):
        own.python_version()
    assert isinstance(own.run(Job(["true"])).end, Failed)


def test_a_runtime_that_the_engine_lacks_is_refused(tmp_path):
    state = load("docker", Settings(state=tmp_path, runtime="no-such-runtime")).probe()
    assert not state.works
    assert "no-such-runtime" in state.reason


def test_the_engine_that_is_named_must_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    state = load("docker", Settings(state=tmp_path)).probe()
    assert not state.works
    assert state.remedy


def test_a_container_that_vanishes_is_a_failure_and_no_result(driver):
    import docker

    with driver.start(Job(["sleep", "60"])) as running:
        time.sleep(0.3)
        docker.from_env().api.remove_container(running.container, force=True)
        end = running.wait().end
    assert isinstance(end, Failed)


def test_a_volume_that_the_image_declares_is_bounded(driver, tmp_path):
    import docker

    client = docker.from_env().api
    body = {"Image": module("recipe").tag(), "Cmd": ["true"]}
    source = client.create_container_from_config(body)["Id"]
    try:
        client.commit(source, "change-harness/test", "volume", conf={"Volumes": {"/data": {}}})
        own = load("docker", Settings(state=tmp_path, image="change-harness/test:volume"))
        try:
            result = shell(own, "head -c 50000000 /dev/zero > /data/x || echo full; id -u")
        finally:
            own.shutdown()
        assert result.stdout == b"full\n65534\n"
    finally:
        client.remove_container(source, force=True)
        client.remove_image("change-harness/test:volume", force=True)


def test_an_image_without_our_packages_gets_them(driver, tmp_path):
    import docker

    client = docker.from_env().api
    tag = f"change-harness/test:bare-{os.getpid()}"
    recipe = f"FROM {module('recipe').tag()}\nUSER 0\nRUN rm -r /usr/local/lib/python3*/dist-packages/*\n"
    build = client.build(
        fileobj=io.BytesIO(recipe.encode()), tag=tag, rm=True, forcerm=True, network_mode="none"
    )
    assert "error" not in b"".join(build).decode()
    own = load("docker", Settings(state=tmp_path, image=tag))
    code = "import sys; sys.path.append('/support'); import pytest, coverage; print(pytest.__file__)"
    try:
        result = own.run(Job(["{python}", "-c", code]))
        assert any("pytest" in line for line in own.describe())
    finally:
        own.shutdown()
        client.remove_image(tag, force=True)
    if sys.version_info[:2] == driver.python_version():
        assert result.stdout == b"/support/pytest/__init__.py\n"
    else:
        assert result.end == Ended(1)


def test_the_report_can_name_what_ran(driver):
    assert driver.image().startswith("sha256:")
    assert driver.python_version() >= (3, 11)
    assert any("no network" in line for line in driver.describe())
    packages = "import pytest, hypothesis, coverage, sqlite3"
    assert driver.run(Job(["{python}", "-I", "-c", packages])).end == Ended(0)
    assert shell(driver, "git --version && grep -V && sqlite3 -version && make -v && patch -v").end == Ended(
        0
    )
