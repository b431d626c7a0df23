"""Attacks, each a piece of Python that prints BREACH when it worked.

``{canary}`` is a world-readable file of the host that holds ``{secret}``; ``{folder}`` is its
folder; ``{pid}`` a process of the host whose command line holds ``{mark}``; ``{port}`` and
``{port6}`` servers of the host on its loopback addresses; ``{abstract}`` and ``{socket}`` its
local sockets; ``{descriptor}`` a descriptor that the harness holds open and inheritable;
``{services}`` and ``{data}`` are the names in the host's /run and /var/lib, ``{groups}`` control
groups of the host; the host's environment has ``CANARY={secret}``.
"""

import platform

# One attack a line.
# ruff: noqa: E501

READ = {
    "open": "print(open('{canary}').read())",
    "through /proc/self/root": "print(open('/proc/self/root{canary}').read())",
    "through /proc/self/cwd": "import os; os.chdir('/'); print(open('/proc/self/cwd{canary}').read())",
    "through dots": "print(open('/tree/../../../../../..{canary}').read())",
    "through a symbolic link": "import os; os.symlink('{canary}', '/tmp/l-{mark}'); print(open('/tmp/l-{mark}').read())",
    "through a hard link": "import os; os.link('{canary}', '{folder}/h'); print(open('{folder}/h').read())",
    "by a search of everything": (
        "import os\nfor where, _, names in os.walk('/'):\n"
        "    if where.startswith(('/proc', '/sys', '/usr')): continue\n"
        "    if 'canary-{mark}' in names: print(open(where + '/canary-{mark}').read()); break"
    ),
    "by the environment": "import os; print(os.environ['CANARY'])",
    "by the environment of every process": (
        "import glob\nfor path in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(open(path).read())\n    except OSError: pass"
    ),
    "by the root folder of every process": (
        "import glob\nfor path in glob.glob('/proc/[0-9]*/root'):\n"
        "    try: print(open(path + '{canary}').read())\n    except OSError: pass"
    ),
    "by the descriptors of every process": (
        "import glob\nfor path in glob.glob('/proc/[0-9]*/fd/*'):\n"
        "    try:\n        if 'canary-{mark}' in __import__('os').readlink(path): print(open(path).read())\n"
        "    except OSError: pass"
    ),
    "by an inherited descriptor": "import os; print(os.pread({descriptor}, 100, 0).decode())",
    "by an inherited descriptor's path": "print(open('/proc/self/fd/{descriptor}').read())",
    "by a shell": "import subprocess; print(subprocess.check_output('cat {canary}', shell=True).decode())",
    "by mounting": (
        "import subprocess; subprocess.run('mkdir -p /tmp/m-{mark}; mount --bind {folder} /tmp/m-{mark}', shell=True);"
        "print(open('/tmp/m-{mark}/canary-{mark}').read())"
    ),
    "by a memory map": (
        "import mmap, os; print(mmap.mmap(os.open('{canary}', 0), 0, prot=mmap.PROT_READ)[:].decode())"
    ),
    "by sendfile": (
        "import os; o = os.open('/dev/shm/s-{mark}', os.O_CREAT | os.O_RDWR); os.unlink('/dev/shm/s-{mark}');"
        "os.sendfile(o, os.open('{canary}', 0), 0, 99); print(os.pread(o, 99, 0).decode())"
    ),
    "by handles": (
        "import ctypes, os\nl = ctypes.CDLL(None, use_errno=True)\nb = ctypes.create_string_buffer(b'\\x80' + bytes(200))\n"
        "i = ctypes.c_int()\nif l.name_to_handle_at(-100, b'{canary}', b, ctypes.byref(i), 0) == 0:\n"
        "    print(open(os.open('{canary}', 0)).read())"
    ),
}

WRITE = {
    "into the host's folder": "open('{folder}/written', 'w').write('x')",
    "over the canary": "open('{canary}', 'a').write('x')",
    "by renaming": "import os; os.rename('{canary}', '{folder}/moved')",
    "by removing": "import os; os.remove('{canary}')",
    "by changing permissions": "import os; os.chmod('{canary}', 0o600)",
    "by truncating": "import os; os.truncate('{canary}', 0)",
    "by changing times": "import os; os.utime('{canary}', (1, 1))",
    "by linking": "import os; os.symlink('/', '{folder}/link')",
    "by making a pipe": "import os; os.mkfifo('{folder}/pipe')",
    "by a memory map": "import mmap, os; mmap.mmap(os.open('{canary}', os.O_RDWR), 0)[0] = 65",
    "by a shell": "import subprocess; subprocess.check_call('echo x >> {canary}', shell=True)",
    "by changing the owner": "import os; os.chown('{canary}', 12345, 12345)",
    "by a folder": "import os; os.mkdir('{folder}/new-folder')",
    "by allocating": "import os; os.posix_fallocate(os.open('{canary}', os.O_RDWR), 0, 4096)",
    "by extended attributes": "import os; os.setxattr('{canary}', 'user.x', b'y')",
}

REACH = {
    "the host's server": "socket.create_connection(('127.0.0.1', {port}), 3)",
    "the host's server by its name": "socket.create_connection(('localhost', {port}), 3)",
    "the host's server by 0.0.0.0": "socket.create_connection(('0.0.0.0', {port}), 3)",
    "the host's server by mapped IPv6": "socket.create_connection(('::ffff:127.0.0.1', {port}), 3)",
    "the host's server by IPv6": "socket.create_connection(('::1', {port6}), 3)",
    "the host's abstract socket": "socket.socket(socket.AF_UNIX).connect('\\0{abstract}')",
    "the host's local socket": "socket.socket(socket.AF_UNIX).connect('{socket}')",
    "the kernel's routing socket": "socket.socket(16, socket.SOCK_RAW, 0).bind((0, 0))",
    "the kernel's event socket": "socket.socket(16, socket.SOCK_RAW, 15).bind((0, 1))",
    "the wire by packet sockets": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "the wire by raw sockets": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "the kernel's cipher socket": "socket.socket(38, socket.SOCK_SEQPACKET)",
}

TOUCH = {
    "see a process of the host": (
        "import glob\nfor p in glob.glob('/proc/[0-9]*/cmdline'):\n"
        "    try:\n        if b'{mark}' in open(p, 'rb').read().split(b'\\0'): print('BREACH'); break\n"
        "    except OSError: pass"
    ),
    "signal a process of the host": "import os; os.kill({pid}, 0); print('BREACH')",
    "trace a process of the host": (
        "import ctypes, os\nl = ctypes.CDLL(None)\n"
        "if l.ptrace(16, {pid}, 0, 0) == 0: os.waitpid({pid}, 0x40000000); l.ptrace(17, {pid}, 0, 0); print('BREACH')"
    ),
    "read a process's memory": "open('/proc/{pid}/mem', 'rb'); print('BREACH')",
    "change a process's priority": "import os; os.setpriority(os.PRIO_PROCESS, {pid}, 1); print('BREACH')",
    "read a process's status": "print('BREACH' if 'sleep' in open('/proc/{pid}/status').read() else '')",
    "read a process's memory map": "print('BREACH' if open('/proc/{pid}/maps').read() else '')",
    "list a process's descriptors": "import os; os.listdir('/proc/{pid}/fd'); print('BREACH')",
    "change a process's limits": "import resource as r; r.prlimit({pid}, r.RLIMIT_CORE, (0, 0)); print('BREACH')",
    "move a process to a processor": "import os; os.sched_setaffinity({pid}, os.sched_getaffinity({pid})); print('BREACH')",
    "offer a process to the out-of-memory killer": "open('/proc/{pid}/oom_score_adj', 'w').write('7'); print('BREACH')",
    "wait for a process": "import os; os.pidfd_open({pid}); print('BREACH')",
    "list the host's services": "import os; print('BREACH' if set({services}) <= set(os.listdir('/run')) else '')",
    "list the host's programs' data": "import os; print('BREACH' if set({data}) <= set(os.listdir('/var/lib')) else '')",
    "list the kernel's objects": "import os; print('BREACH' if os.listdir('/sys/kernel') else '')",
    "enter a process's namespaces": "import os; os.open('/proc/{pid}/ns/net', 0); print('BREACH')",
    "be root": "import os; print('BREACH' if os.getuid() == 0 else '')",
    "hold capabilities": (
        "print('BREACH' if any(int(l.split()[1], 16) for l in open('/proc/self/status') if l.startswith('CapEff')) else '')"
    ),
    "become root": "import os; os.setuid(0); print('BREACH')",
    "learn the host's name": "import os; print('BREACH' if os.uname().nodename == '{node}' else '')",
    "see the host's mounts": "print('BREACH' if '{folder}' in __import__('os').popen('ls -d {folder}').read() else '')",
    "see the disks": "import glob, os, stat; print('BREACH' if any(stat.S_ISBLK(os.lstat(p).st_mode) for p in glob.glob('/dev/*')) else '')",
    "make a device": "import os, stat; os.mknod('/tmp/dev-{mark}', 0o666 | stat.S_IFCHR, os.makedev(1, 3)); print('BREACH')",
    "read the kernel's log": "import os; os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK); print('BREACH')",
    "write to /usr": "open('/usr/written-{mark}', 'w'); print('BREACH'); __import__('os').remove('/usr/written-{mark}')",
    "write to /etc": "open('/etc/written-{mark}', 'w'); print('BREACH'); __import__('os').remove('/etc/written-{mark}')",
    "write to /dev": "open('/dev/written-{mark}', 'w'); print('BREACH'); __import__('os').remove('/dev/written-{mark}')",
    "write to the root folder": "open('/written-{mark}', 'w'); print('BREACH'); __import__('os').remove('/written-{mark}')",
    "open a kernel setting": "import os; os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY); print('BREACH')",
    "change a setting of the kernel": (
        "import glob, os\nfor p in glob.glob('/proc/sys/**', recursive=True):\n"
        "    try:\n        if os.path.isfile(p): os.close(os.open(p, os.O_WRONLY)); print('BREACH'); break\n"
        "    except OSError: pass"
    ),
    "watch the host's load": "import os; os.open('/proc/pressure/memory', os.O_RDWR); print('BREACH')",
    "read how the kernel was started": "print('BREACH' if open('/proc/cmdline').read() else '')",
    "watch the host's interrupts": "print('BREACH' if open('/proc/interrupts').read() else '')",
    "list the host's disks": "import os; print('BREACH' if os.listdir('/sys/block') else '')",
    "make a set-id file": "import os; os.close(os.open('/tmp/set-id-{mark}', os.O_CREAT | os.O_WRONLY, 0o4755)); print('BREACH'); os.remove('/tmp/set-id-{mark}')",
    "make a set-id file as a node": "import os; os.mknod('/tmp/set-id-{mark}', 0o104755); print('BREACH'); os.remove('/tmp/set-id-{mark}')",
    "see the host's control groups": "import os; print('BREACH' if any(map(os.path.isdir, {groups})) else '')",
    "see the password file's secrets": "open('/etc/shadow'); print('BREACH')",
    "run a set-uid program with effect": (
        "import os, shutil, subprocess; shutil.copy('/usr/bin/id', '/tmp/id-{mark}'); os.chmod('/tmp/id-{mark}', 0o4755);"
        "print('BREACH'); os.remove('/tmp/id-{mark}')"
    ),
    "keep a daemon": (
        "import subprocess as s; s.Popen(['sleep', '{later}'], start_new_session=True, stdout=s.DEVNULL, stderr=s.DEVNULL)"
    ),
    "use real-time scheduling": "import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)); print('BREACH')",
    "raise its priority": "import os; os.nice(-5); print('BREACH')",
    "lift its file size limit": "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (r.RLIM_INFINITY,) * 2); print('BREACH')",
    "lift its process limit": "import resource as r; r.setrlimit(r.RLIMIT_CPU, (r.RLIM_INFINITY,) * 2); print('BREACH')",
    "write the status of its init": "open('/proc/1/mem', 'r+b'); print('BREACH')",
    "read its init's environment": "print('BREACH' if open('/proc/1/environ').read() else '')",
}  # fmt: skip

# Number on x86-64, on aarch64, arguments with which an unconfined root succeeds harmlessly.
CALLS = {
    "unshare a user namespace": (272, 97, "0x10000000"),
    "unshare a mount namespace": (272, 97, "0x20000"),
    "unshare a network namespace": (272, 97, "0x40000000"),
    "unshare a process namespace": (272, 97, "0x20000000"),
    "unshare an IPC namespace": (272, 97, "0x8000000"),
    "unshare a host-name namespace": (272, 97, "0x4000000"),
    "unshare a control-group namespace": (272, 97, "0x2000000"),
    "unshare a time namespace": (272, 97, "0x80"),
    "mount a file system": (165, 40, "b'x', b'/mnt', b'tmpfs', 0, 0"),
    "remount the root folder writable": (165, 40, "0, b'/', 0, 0x20 | 0x1000, 0"),
    "change the root folder": (161, 51, "b'/tmp'"),
    "open a mount": (428, 428, "-100, b'/', 1"),
    "open a file system": (430, 430, "b'tmpfs', 0"),
    "use keyrings": (250, 219, "0, -3, 1"),
    "add a key": (248, 217, "b'user', b'x', b'y', 1, -3"),
    "create an io_uring": (425, 425, "1, ctypes.create_string_buffer(200)"),
    "measure performance": (298, 241, "ctypes.create_string_buffer(bytes([1,0,0,0,112,0,0,0]) + bytes(104)), 0, -1, -1, 0"),
    "handle page faults": (323, 282, "0"),
    "watch all files": (300, 262, "0, 0"),
    "read the kernel's log by call": (103, 116, "3, ctypes.create_string_buffer(64), 64"),
    "name the host": (170, 161, "b'x', 1"),
    "set the clock": (227, 112, "0, (lambda t: (libc.clock_gettime(0, t), t)[1])(ctypes.create_string_buffer(16))"),
    "change the execution domain": (135, 92, "0x0040000"),
    "pin memory to nodes": (238, 237, "0, 0, 0"),
}  # fmt: skip

_CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall({number}, {arguments}) >= 0:
    print("BREACH")
"""


def probes() -> dict[str, str]:
    """All attacks by name. Braces are placeholders as the module says."""
    found = {}
    for name, code in READ.items():
        found[f"read {name}"] = code
    for name, code in WRITE.items():
        found[f"write {name}"] = f"{code}\nprint('BREACH')"
    for name, code in REACH.items():
        found[f"reach {name}"] = f"import socket\n{code}\nprint('BREACH')"
    for name, code in TOUCH.items():
        found[name] = code
    for name, (x86, arm, arguments) in CALLS.items():
        number = x86 if platform.machine() == "x86_64" else arm
        found[name] = _CALL.replace("{number}", str(number)).replace("{arguments}", arguments)
    return found
