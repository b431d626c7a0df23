"""The system-call filter of the sandbox: a classic BPF program built here, without libseccomp.

The filter refuses what reaches beyond an ordinary program's needs: other processes' memory,
kernel keyrings, tracing, asynchronous rings, mounts and namespaces, kernel administration,
socket families other than local and internet ones, set-uid bits, and injecting terminal
input. Calls of a foreign architecture (32-bit on a 64-bit kernel, x32) kill the process:
their numbers mean other calls.

Source of the numbers: the kernel's ``arch/x86/entry/syscalls/syscall_64.tbl`` and
``include/uapi/asm-generic/unistd.h``.
"""

import errno
import platform
import struct
from dataclasses import dataclass

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN, _AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16
_X32_BIT = 0x40000000

# Name: number on x86-64, number on aarch64 (None where the call does not exist).
_FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    "move_pages": (279, 239), "migrate_pages": (256, 238),
    # kernel keyrings
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # tracing and exploitation helpers
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "vmsplice": (278, 75), "modify_ldt": (154, None), "uselib": (134, None),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "setns": (308, 268), "unshare": (272, 97), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "fanotify_init": (300, 262), "fanotify_mark": (301, 263),
    # administration of the kernel
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "syslog": (103, 116),
    "vhangup": (153, 58), "sethostname": (170, 161), "setdomainname": (171, 162),
    "iopl": (172, None), "ioperm": (173, None), "nfsservctl": (180, 42), "sysfs": (139, None),
    "_sysctl": (156, None), "ustat": (136, None), "lookup_dcookie": (212, 18),
    # memory policy and execution domains
    "mbind": (237, 235), "set_mempolicy": (238, 237), "set_mempolicy_home_node": (450, 450),
    "personality": (135, 92),
}  # fmt: skip

# Refused as if the kernel had never heard of them: programs then take their older way.
_ABSENT: dict[str, tuple[int | None, int | None]] = {
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467), "memfd_secret": (447, 447),
    # clone3 hides its flags behind a pointer that a filter cannot read: libc falls back to clone
    "clone3": (435, 435),
    "statmount": (457, 457), "listmount": (458, 458),
    # takes the mode of a new file behind a pointer
    "openat2": (437, 437),
    "lsm_set_self_attr": (460, 460),
}  # fmt: skip

# Memory that neither resident sets nor the size of a file system show: refused where no
# control group accounts for it.
_UNCOUNTED: dict[str, tuple[int | None, int | None]] = {
    "memfd_create": (319, 279), "shmget": (29, 194), "msgget": (68, 186),
}  # fmt: skip

_NAMESPACE_FLAGS = 0x7E020000
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_SET_ID_BITS = 0o6000
_MAKES_FILE = 0o20000100  # O_CREAT, and the bit of O_TMPFILE that is not O_DIRECTORY
_TYPE_MASK, _CHARACTER_DEVICE, _BLOCK_DEVICE = 0o170000, 0o020000, 0o060000


@dataclass(frozen=True)
class _Machine:
    audit: int
    column: int
    clone: int
    ioctl: int
    sockets: tuple[int, int]
    modes: tuple[tuple[int, int], ...]
    nodes: tuple[tuple[int, int], ...]
    opens: tuple[tuple[int, int], ...]


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 0, 56, 16, (41, 53),
        modes=((90, 1), (91, 1), (268, 2), (452, 2), (85, 1)),
        nodes=((133, 1), (259, 2)),
        opens=((2, 1), (257, 2)),
    ),
    "aarch64": _Machine(
        0xC00000B7, 1, 220, 29, (198, 199),
        modes=((52, 1), (53, 2), (452, 2)),
        nodes=((33, 2),),
        opens=((56, 2),),
    ),
}  # fmt: skip


class UnsupportedMachineError(Exception):
    """There is no table of system calls for this processor."""


class _Program:
    def __init__(self) -> None:
        self._code: list[bytes] = []

    def add(self, operation: int, value: int, on_true: int = 0, on_false: int = 0) -> None:
        self._code.append(struct.pack("<HBBI", operation, on_true, on_false, value & 0xFFFFFFFF))

    def load_argument(self, index: int) -> None:
        """The low half of an argument; the kernel uses only that half where this is called."""
        self.add(_LOAD, _OFFSET_ARGUMENTS + 8 * index)

    def refuse(self, error: int) -> None:
        self.add(_RETURN, _ERRNO | error)

    def refuse_call(self, number: int, error: int) -> None:
        self.add(_JUMP_EQUAL, number, 0, 1)
        self.refuse(error)

    def bytes(self) -> bytes:
        return b"".join(self._code)


def build(machine: str | None = None, *, uncounted_memory: bool = True) -> bytes:
    """The filter as an array of ``struct sock_filter``.

    ``uncounted_memory`` false also refuses memory objects that only a control group counts.
    Raises UnsupportedMachineError for processors other than x86-64 and aarch64.
    """
    name = machine or platform.machine()
    if name not in _MACHINES:
        raise UnsupportedMachineError(f"no system-call filter for the processor {name!r}")
    target = _MACHINES[name]
    program = _Program()
    _refuse_foreign_calls(program, target, x32=name == "x86_64")
    tables = [(_FORBIDDEN, errno.EPERM), (_ABSENT, errno.ENOSYS)]
    if not uncounted_memory:
        tables.append((_UNCOUNTED, errno.ENOSYS))
    for table, error in tables:
        for numbers in table.values():
            number = numbers[target.column]
            if number is not None:
                program.refuse_call(number, error)
    _refuse_by_argument(program, target)
    program.add(_RETURN, _ALLOW)
    return program.bytes()


def _refuse_foreign_calls(program: _Program, target: _Machine, *, x32: bool) -> None:
    program.add(_LOAD, _OFFSET_ARCH)
    program.add(_JUMP_EQUAL, target.audit, 1, 0)
    program.add(_RETURN, _KILL_PROCESS)
    program.add(_LOAD, _OFFSET_NUMBER)
    if x32:
        program.add(_JUMP_AT_LEAST, _X32_BIT, 0, 1)
        program.add(_RETURN, _KILL_PROCESS)


def _refuse_by_argument(program: _Program, target: _Machine) -> None:
    """Each block starts with the call's number loaded and leaves it loaded for the next."""
    program.add(_JUMP_EQUAL, target.clone, 0, 4)
    program.load_argument(0)
    program.add(_JUMP_SET, _NAMESPACE_FLAGS, 0, 1)
    program.refuse(errno.EPERM)
    program.add(_RETURN, _ALLOW)

    program.add(_JUMP_EQUAL, target.ioctl, 0, 5)
    program.load_argument(1)
    program.add(_JUMP_EQUAL, _TERMINAL_INJECTION[0], 1, 0)
    program.add(_JUMP_EQUAL, _TERMINAL_INJECTION[1], 0, 1)
    program.refuse(errno.EPERM)
    program.add(_RETURN, _ALLOW)

    for number in target.sockets:
        program.add(_JUMP_EQUAL, number, 0, 6)
        program.load_argument(0)
        program.add(_JUMP_EQUAL, _FAMILIES[0], 3, 0)
        program.add(_JUMP_EQUAL, _FAMILIES[1], 2, 0)
        program.add(_JUMP_EQUAL, _FAMILIES[2], 1, 0)
        program.refuse(errno.EAFNOSUPPORT)
        program.add(_RETURN, _ALLOW)

    for number, index in target.modes:
        program.add(_JUMP_EQUAL, number, 0, 4)
        program.load_argument(index)
        program.add(_JUMP_SET, _SET_ID_BITS, 0, 1)
        program.refuse(errno.EPERM)
        program.add(_RETURN, _ALLOW)

    for number, index in target.nodes:
        program.add(_JUMP_EQUAL, number, 0, 7)
        program.load_argument(index)
        program.add(_JUMP_SET, _SET_ID_BITS, 3, 0)
        program.add(_AND, _TYPE_MASK)
        program.add(_JUMP_EQUAL, _CHARACTER_DEVICE, 1, 0)
        program.add(_JUMP_EQUAL, _BLOCK_DEVICE, 0, 1)
        program.refuse(errno.EPERM)
        program.add(_RETURN, _ALLOW)

    # The mode behind the flags means something only where a file is made.
    for number, index in target.opens:
        program.add(_JUMP_EQUAL, number, 0, 6)
        program.load_argument(index)
        program.add(_JUMP_SET, _MAKES_FILE, 0, 3)
        program.load_argument(index + 1)
        program.add(_JUMP_SET, _SET_ID_BITS, 0, 1)
        program.refuse(errno.EPERM)
        program.add(_RETURN, _ALLOW)
