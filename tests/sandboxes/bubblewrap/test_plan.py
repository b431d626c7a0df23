"""Specifications for the stage."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox.interface import Job, Limits
from sandboxes.bubblewrap import plan
from sandboxes.bubblewrap.interpreter import Interpreter

PYTHON = Interpreter("/opt/py/bin/python3", (3, 11), (("/opt/py", "/opt/py"),))


def machine(**changes: Any) -> plan.Machine:
    values = {
        "bwrap": "/usr/bin/bwrap", "disables_userns": True, "counts_memory": True, "counts_processes": True,
        "root": True, "copy_entries": 0, "copy_bytes": 0,
    }  # fmt: skip
    return plan.Machine(**{**values, **changes})


def spec_of(job: Job, **changes: Any) -> tuple[dict[str, Any], bytes]:
    data = plan.make_spec(job, PYTHON, machine(**changes), None)
    head, _, rest = data.partition(b"\n")
    return json.loads(rest[: int(head)]), rest[int(head) :]


def test_placeholder_becomes_the_interpreter() -> None:
    spec, _ = spec_of(Job(["{python}", "-c", "{python}"]))
    assert spec["command"][-3:] == ["/opt/py/bin/python3", "-c", "{python}"]


def test_contents_follow_in_order() -> None:
    spec, content = spec_of(Job(["true"], files={"a/b": b"first", "c": b"2"}))
    start, found = 0, {}
    for name, size in spec["files"]:
        found[name] = content[start : start + size]
        start += size
    assert (found["in/a/b"], found["in/c"], start) == (b"first", b"2", len(content))


@pytest.mark.parametrize("name", ["", "/x", "..", "a/../b", "a//b", "./a", "a\0b"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(plan.PlanError):
        spec_of(Job(["true"], files={name: b""}))


@pytest.mark.parametrize("variables", [{"A=B": "x"}, {"": "x"}, {"A": "x\0y"}])
def test_impossible_variables_are_refused(variables: dict[str, str]) -> None:
    with pytest.raises(plan.PlanError, match="environment"):
        spec_of(Job(["true"], env=variables))


def test_zero_bytes_in_the_command_are_refused() -> None:
    with pytest.raises(plan.PlanError, match="zero byte"):
        spec_of(Job(["true", "a\0b"]))


def test_missing_tool_is_named(tmp_path: Path) -> None:
    with pytest.raises(plan.PlanError, match="nowhere"):
        spec_of(Job(["true"], tools=[tmp_path / "nowhere"]))


def test_limits_per_process_stand_in_for_groups() -> None:
    job = Job(["true"], limits=Limits(memory_bytes=1000, processes=7))
    grouped, _ = spec_of(job)
    alone, _ = spec_of(job, counts_memory=False, counts_processes=False)
    assert not any(part.startswith("--nproc") for part in grouped["command"])
    assert "DATA" not in grouped["process_limits"]
    assert "--nproc=9" in alone["command"]
    assert alone["process_limits"]["DATA"] == [1000, 1000]


def test_disk_never_exceeds_memory() -> None:
    spec, _ = spec_of(Job(["true"], limits=Limits(memory_bytes=100 << 20, disk_bytes=512 << 20)))
    assert spec["limits"]["disk"] == 75 << 20


def test_old_bubblewrap_gets_no_unknown_option() -> None:
    assert "--disable-userns" not in spec_of(Job(["true"]), disables_userns=False)[0]["arguments"]
    assert "--disable-userns" in spec_of(Job(["true"]))[0]["arguments"]
