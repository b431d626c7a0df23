"""The system-call filter: what it names, and that its conditions say what they should."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.sandboxes.docker import module

profile = module("profile")

FORBIDDEN = {
    "ptrace", "process_vm_readv", "process_vm_writev", "keyctl", "add_key", "request_key", "bpf",
    "perf_event_open", "userfaultfd", "mount", "umount2", "pivot_root", "chroot", "setns", "unshare",
    "open_by_handle_at", "init_module", "finit_module", "kexec_load", "io_uring_setup", "clone3", "fsopen",
    "move_mount", "open_tree", "mount_setattr", "swapon", "reboot", "settimeofday", "iopl", "quotactl",
    "acct", "syslog", "kcmp", "pidfd_getfd", "vmsplice", "memfd_secret",
}  # fmt: skip


def rules() -> list[dict]:
    return json.loads(profile.seccomp("x86_64"))["syscalls"]


def decide(call: str, *arguments: int) -> bool:
    """Whether the profile allows a call, by the meaning of its comparisons on 64-bit values."""

    def holds(condition: dict) -> bool:
        value = arguments[condition["index"]]
        if condition["op"] == "SCMP_CMP_EQ":
            return value == condition["value"]
        assert condition["op"] == "SCMP_CMP_MASKED_EQ"
        return value & condition["value"] == condition["valueTwo"]

    return any(
        rule["action"] == "SCMP_ACT_ALLOW" and call in rule["names"] and all(map(holds, rule.get("args", [])))
        for rule in rules()
    )


@pytest.mark.parametrize("call", sorted(FORBIDDEN))
def test_what_reaches_beyond_a_program_is_not_allowed(call):
    assert not decide(call, 0, 0, 0, 0, 0)


def test_the_default_is_a_refusal_and_foreign_architectures_are_not_named():
    whole = json.loads(profile.seccomp("x86_64"))
    assert whole["defaultAction"] == "SCMP_ACT_ERRNO"
    assert whole["architectures"] == ["SCMP_ARCH_X86_64"]


def test_programs_fall_back_from_clone3():
    absent = next(rule for rule in rules() if rule["action"] == "SCMP_ACT_ERRNO")
    assert "clone3" in absent["names"]
    assert absent["errnoRet"] == 38


@given(st.integers(min_value=0, max_value=50))
def test_only_local_and_internet_sockets(family):
    assert decide("socket", family, 1, 0) == (family in (1, 2, 10))


@pytest.mark.parametrize(
    "flag", [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]
)
def test_no_new_namespace_by_clone(flag):
    assert not decide("clone", flag | 17)
    assert decide("clone", 0x1200011)


@given(st.integers(min_value=0, max_value=(1 << 64) - 1))
@example(0x5412)
@example(0x541C)
@example(0x1_0000_5412)
@example(0xFFFFFFFF_0000541C)
@example(0x5401)
@example(0x5413)
@example(0x5418)
def test_every_terminal_request_but_injection(request_number):
    assert decide("ioctl", 0, request_number) == (request_number & 0xFFFFFFFF not in (0x5412, 0x541C))


def test_no_set_id_bits_no_devices_no_limits_of_others():
    assert decide("fchmodat", 0, 0, 0o755)
    assert decide("chmod", 0, 0o1777)
    assert not decide("chmod", 0, 0o4755)
    assert not decide("fchmodat", 0, 0, 0o2755)
    assert decide("open", 0, 0o101, 0o644)
    assert decide("open", 0, 0, 0o6755)
    assert not decide("open", 0, 0o101, 0o4755)
    assert decide("openat", 0, 0, 0o200000, 0o4000)
    assert not decide("openat", 0, 0, 0o20200002, 0o2755)
    assert not decide("creat", 0, 0o4755)
    assert not decide("openat2", 0, 0)
    assert decide("mknodat", 0, 0, 0o010644)
    assert not decide("mknodat", 0, 0, 0o020644)
    assert not decide("mknodat", 0, 0, 0o060644)
    assert decide("prlimit64", 0)
    assert not decide("prlimit64", 1)


def test_an_unknown_processor_has_no_profile():
    assert profile.seccomp("m68k") is None
    assert "SCMP_ARCH_AARCH64" in profile.seccomp("aarch64")
