"""The engine's description of a container: each hardening is there for each job."""

from pathlib import Path

from harness.sandbox.interface import Job, Limits
from tests.sandboxes.docker import module

options = module("options")

FRAME = options.Frame("sha256:abc", "{}", covered=("/data",))
LIMITS = Limits(memory_bytes=100 << 20, processes=20, cpus=0.5, disk_bytes=5 << 20, disk_inodes=77)


def body(job: Job | None = None, frame=FRAME, extent=None):
    job = job or Job(["true"], tree=Path("/some/tree"), limits=LIMITS)
    return options.container(job, frame, [], extent or options.Extent(), b"\x01\x02")


def test_isolation():
    host = body()["HostConfig"]
    assert host["NetworkMode"] == "none"
    assert host["CapDrop"] == ["ALL"]
    assert host["ReadonlyRootfs"] is True
    assert host["SecurityOpt"] == ["no-new-privileges:true", "seccomp={}"]
    assert host["IpcMode"] == "private"
    assert host["LogConfig"]["Type"] == "none"
    assert body()["User"] == "65534:65534"
    assert body()["Healthcheck"] == {"Test": ["NONE"]}


def test_limits_with_room_for_the_tree_and_the_supervisor():
    host = body(extent=options.Extent(size=1 << 20, entries=3))["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == (101 << 20) + options.RESERVE_BYTES
    assert host["PidsLimit"] == 20 + options.EXTRA_PROCESSES
    assert host["NanoCpus"] == 500_000_000
    assert f"size={6 << 20}," in host["Tmpfs"]["/tree"]
    assert "nr_inodes=80," in host["Tmpfs"]["/tree"]


def test_gvisor_has_room_for_its_own_threads():
    host = body(frame=options.Frame("x", "{}", gvisor=True))["HostConfig"]
    assert host["PidsLimit"] == options.GVISOR_TASKS + 20 * options.GVISOR_TASKS_A_PROCESS
    assert "PidsLimit" not in body(frame=options.Frame("x", "{}", gvisor=True, processes=False))["HostConfig"]


def test_every_writable_place_is_bounded_and_carries_no_set_id_or_devices():
    places = body()["HostConfig"]["Tmpfs"]
    assert set(places) == {"/tree", "/tmp", "/out", "/data"}
    for text in places.values():
        assert {"nosuid", "nodev"} < set(text.split(","))
        assert "size=" in text
        assert "nr_inodes=" in text
    assert "noexec" in places["/out"].split(",")


def test_a_limit_that_the_engine_does_not_hold_is_not_named():
    frame = options.Frame("x", "{}", memory=False, cpu=False, processes=False)
    assert not {"Memory", "MemorySwap", "NanoCpus", "PidsLimit"} & set(body(frame=frame)["HostConfig"])


def test_a_private_tree_that_was_made_outside_is_mounted_and_not_copied():
    job = Job(["true"], tree=Path("/some/tree"), limits=LIMITS)
    made = options.container(job, FRAME, [options.Mount("/tree", "/x")], options.Extent(), b"")
    assert "/tree" not in made["HostConfig"]["Tmpfs"]
    assert made["HostConfig"]["Mounts"][0]["ReadOnly"] is False
    assert "source=" in made["Cmd"]


def test_everything_mounted_is_read_only():
    for mount in (options.Mount("/in", "/x"), options.Mount("/in", "volume", volume=True)):
        assert mount.config()["ReadOnly"] is True


def test_standard_input_is_open_only_when_it_is_needed():
    assert body()["OpenStdin"] is False
    assert body(Job(["cat"], stdin=b"x"))["OpenStdin"] is True
    assert body(Job(["cat"], interactive=True))["OpenStdin"] is True


def test_the_marker_is_in_the_environment_and_not_on_the_command_line():
    made = body()
    assert made["Env"] == [f"{options.MARKER}=0102"]
    assert not any("0102" in word for word in made["Cmd"])


def test_the_specification_carries_the_job():
    job = Job(["a", "b"], env={"X": "1", "HOME": "/h"}, tools=[Path("/usr/bin/true")], limits=LIMITS)
    told = options.specification(job, copies=False)
    assert told[-3:] == ["--", "a", "b"]
    assert told.count("--") == 1
    assert {"env:X=1", "env:HOME=/h", "cwd=/tmp", "source=", "tools=/opt/tools", "wall=60.0"} <= set(told)
