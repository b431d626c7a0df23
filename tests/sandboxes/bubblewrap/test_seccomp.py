"""The filter, run by a small interpreter of classic BPF."""

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.bubblewrap import seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def judge(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """What the filter returns for a call."""
    values = [*arguments, *([0] * (6 - len(arguments)))]
    data = struct.pack("<IIQ6Q", number, audit, 0, *values)
    code = [struct.unpack_from("<HBBI", program, offset) for offset in range(0, len(program), 8)]
    accumulator, position = 0, 0
    while True:
        operation, on_true, on_false, value = code[position]
        position += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x06:
            return int(value)
        else:
            tests = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
            position += on_true if tests[operation] else on_false


def refused(error: int) -> int:
    return 0x00050000 | error


X86 = seccomp.build("x86_64")
CALLS = [
    ("ptrace", 101, (), refused(errno.EPERM)),
    ("io_uring_setup", 425, (), refused(errno.ENOSYS)),
    ("clone3", 435, (), refused(errno.ENOSYS)),
    ("clone of a thread", 56, (0x3D0F00,), ALLOW),
    ("clone into a user namespace", 56, (0x10000011,), refused(errno.EPERM)),
    ("socket AF_UNIX", 41, (1, 1), ALLOW),
    ("socket AF_INET", 41, (2, 1), ALLOW),
    ("socket AF_INET6", 41, (10, 1), ALLOW),
    ("socket AF_NETLINK", 41, (16, 3), refused(errno.EAFNOSUPPORT)),
    ("socket AF_VSOCK", 41, (40, 1), refused(errno.EAFNOSUPPORT)),
    ("socket AF_INET with garbage above 32 bits", 41, (2 | 5 << 32, 1), ALLOW),
    ("ioctl TIOCSTI", 16, (0, 0x5412), refused(errno.EPERM)),
    ("ioctl TIOCSTI with garbage above 32 bits", 16, (0, 0x5412 | 1 << 40), refused(errno.EPERM)),
    ("ioctl TIOCLINUX", 16, (0, 0x541C), refused(errno.EPERM)),
    ("ioctl TCGETS", 16, (0, 0x5401), ALLOW),
    ("chmod 755", 90, (0, 0o755), ALLOW),
    ("chmod 4755", 90, (0, 0o4755), refused(errno.EPERM)),
    ("fchmodat 2755", 268, (0, 0, 0o2755), refused(errno.EPERM)),
    ("mknod of a pipe", 133, (0, 0o010644), ALLOW),
    ("mknod of a block device", 133, (0, 0o060644), refused(errno.EPERM)),
    ("mknodat of a character device", 259, (0, 0, 0o020644), refused(errno.EPERM)),
    ("mknod of a set-id file", 133, (0, 0o104755), refused(errno.EPERM)),
    ("open that makes a file", 2, (0, 0o101, 0o644), ALLOW),
    ("open that makes a set-id file", 2, (0, 0o101, 0o4755), refused(errno.EPERM)),
    ("open of a file with garbage for a mode", 2, (0, 0, 0o6755), ALLOW),
    ("openat of a folder with garbage for a mode", 257, (0, 0, 0o200000, 0o4000), ALLOW),
    ("openat of a nameless set-id file", 257, (0, 0, 0o20200002, 0o2755), refused(errno.EPERM)),
    ("creat of a set-id file", 85, (0, 0o4755), refused(errno.EPERM)),
    ("openat2", 437, (), refused(errno.ENOSYS)),
    ("read", 0, (), ALLOW),
    ("memfd_create", 319, (), ALLOW),
]  # fmt: skip


@pytest.mark.parametrize(("name", "number", "arguments", "wanted"), CALLS, ids=[call[0] for call in CALLS])
def test_call(name: str, number: int, arguments: tuple[int, ...], wanted: int) -> None:
    assert judge(X86, AUDIT["x86_64"], number, *arguments) == wanted


def test_foreign_architecture_and_x32_are_killed() -> None:
    assert judge(X86, 0x40000003, 1) == KILL
    assert judge(X86, AUDIT["x86_64"], 0x40000000 | 1) == KILL


def test_memory_that_nobody_counts_is_refused_without_groups() -> None:
    program = seccomp.build("x86_64", uncounted_memory=False)
    assert judge(program, AUDIT["x86_64"], 319) == refused(errno.ENOSYS)


def test_unknown_processor_is_an_error() -> None:
    with pytest.raises(seccomp.UnsupportedMachineError, match="riscv64"):
        seccomp.build("riscv64")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@given(number=st.integers(0, 500), arguments=st.tuples(*[st.integers(0, 2**64 - 1)] * 6))
def test_every_call_is_judged(machine: str, number: int, arguments: tuple[int, ...]) -> None:
    verdict = judge(seccomp.build(machine), AUDIT[machine], number, *arguments)
    assert verdict == ALLOW or verdict >> 16 == 5
