"""System calls that reach beyond an ordinary program's needs are refused."""

import platform

from harness.sandbox.conformance.world import World, behaviour, says

_CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
result = libc.syscall({number}, {arguments})
print("allowed" if result >= 0 else "refused")
"""
# Names: numbers on x86-64 and aarch64, arguments that succeed for an unconfined root.
_CALLS = {
    "ptrace": (101, 117, "0, 0, 0, 0"),
    "keyctl": (250, 219, "0, -3, 1"),
    "add_key": (248, 217, "b'user', b'x', b'y', 1, -3"),
    "bpf": (321, 280, "0, 0, 0"),
    "perf_event_open": (298, 241, "0, 0, -1, -1, 0"),
    "userfaultfd": (323, 282, "0"),
    "io_uring_setup": (425, 425, "1, ctypes.create_string_buffer(120)"),
    "unshare (user)": (272, 97, "0x10000000"),
    "unshare (mount)": (272, 97, "0x20000"),
    "mount": (165, 40, "b'x', b'/tmp', b'tmpfs', 0, 0"),
    "umount": (166, 39, "b'/tmp', 2"),
    "chroot": (161, 51, "b'/tmp'"),
    "pivot_root": (155, 41, "b'/tmp', b'/tmp'"),
    "open_tree": (428, 428, "-100, b'/', 1"),
    "fsopen": (430, 430, "b'tmpfs', 0"),
    "setns": (308, 268, "os.open('/proc/self/ns/net', 0), 0"),
    "open_by_handle_at": (304, 265, "-100, ctypes.create_string_buffer(64), 0"),
    "syslog": (103, 116, "3, ctypes.create_string_buffer(64), 64"),
    "swapoff": (168, 225, "b'/x'"),
    "reboot": (169, 142, "0, 0, 0, 0"),
    "kexec_load": (246, 104, "0, 0, 0, 0"),
    "init_module": (175, 105, "0, 0, b''"),
    "sethostname": (170, 161, "b'x', 1"),
    "clock_settime": (227, 112, "0, ctypes.create_string_buffer(16)"),
    "process_vm_readv": (310, 270, "os.getpid(), 0, 0, 0, 0, 0"),
    "chmod with set-uid bit": (268, 53, "-100, (open('/tmp/x', 'w').close(), b'/tmp/x')[1], 0o4755"),
}  # fmt: skip


def _register(name: str, number: int, arguments: str) -> None:
    @behaviour(f"kernel: {name} is refused")
    def refuse(world: World) -> None:
        says(world.python(_CALL.format(number=number, arguments=arguments)), "refused")


for _name, (_x86, _arm, _arguments) in _CALLS.items():
    _register(_name, _x86 if platform.machine() == "x86_64" else _arm, _arguments)


@behaviour("kernel: a process in new namespaces cannot be cloned")
def clone(world: World) -> None:
    number = 56 if platform.machine() == "x86_64" else 220
    code = (
        "import ctypes, os\nlibc = ctypes.CDLL(None)\n"
        f"pid = libc.syscall({number}, 0x10000000 | 17, 0, 0, 0, 0)\n"
        "if pid == 0: os._exit(0)\nprint('allowed' if pid > 0 else 'refused')"
    )
    says(world.python(code), "refused")


@behaviour("kernel: threads and processes work as usual")
def ordinary(world: World) -> None:
    code = (
        "import subprocess, threading, multiprocessing as m\n"
        "t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()\n"
        "print(subprocess.check_output(['echo', 'child']).decode().strip(), flush=True)\n"
        "p = m.get_context('fork').Process(target=print, args=('forked',)); p.start(); p.join()"
    )
    says(world.python(code), "thread\nchild\nforked")
