"""Attacks on resources, and hostile output folders. Each is a piece of Python.

A bomb prints nothing of use: what counts is that the job's limits hold, that the host keeps
what it had, and that nothing survives. ``{later}`` marks what would outlive the job.
"""

# One attack a line.
# ruff: noqa: E501

_CALLS = "import ctypes, mmap, os, socket, time\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.shmat.restype = ctypes.c_void_p\n"

MEMORY = {
    "anonymous memory": "keep = []\nwhile True: keep.append(bytearray(32 << 20))",
    "memory of many processes": "for _ in range(30):\n    if os.fork() == 0:\n        keep = bytearray(b'x' * (40 << 20)); time.sleep(60)\ntime.sleep(3); os._exit(1)",
    "memory files": "files = [os.memfd_create('x') for _ in range(500)]\nfor file in files: os.write(file, b'x' * (4 << 20))",
    "shared memory of System V": (
        "while True:\n    number = libc.shmget(0, 32 << 20, 0o1600)\n    if number < 0: raise MemoryError\n"
        "    place = libc.shmat(number, None, 0); ctypes.memset(place, 1, 32 << 20); libc.shmdt(ctypes.c_void_p(place))"
    ),
    "message queues of System V": (
        "text = ctypes.create_string_buffer(b'\\1' + bytes(7) + b'x' * 8000)\nkeep = []\n"
        "for _ in range(40000):\n    queue = libc.msgget(0, 0o1600)\n    if queue < 0: break\n    while libc.msgsnd(queue, text, 8000, 0o4000) == 0: pass\n"
        "while True: keep.append(bytearray(8 << 20))"
    ),
    "files in /dev/shm": "for number in range(100): open(f'/dev/shm/{number}', 'wb').write(b'x' * (16 << 20))",
    "files in /tmp": "for number in range(100): open(f'/tmp/{number}', 'wb').write(b'x' * (16 << 20))",
    "files in /out": "for number in range(100): open(f'/out/{number}', 'wb').write(b'x' * (16 << 20))",
    "files in /tree": "for number in range(100): open(f'/tree/{number}', 'wb').write(b'x' * (16 << 20))",
    "nameless files": "keep = []\nwhile True:\n    keep.append(os.open('/tmp', os.O_TMPFILE | os.O_RDWR)); os.write(keep[-1], b'x' * (8 << 20))",
    "pipes": (
        "import fcntl\nfor _ in range(60):\n    if os.fork() == 0:\n        keep = []\n        while True:\n            pair = os.pipe(); keep.append(pair); os.set_blocking(pair[1], False)\n"
        "            try:\n                fcntl.fcntl(pair[1], 1031, 1 << 20)\n            except OSError: pass\n            try:\n                while True: os.write(pair[1], bytes(65536))\n            except BlockingIOError: pass\ntime.sleep(4); os._exit(1)"
    ),
    "local sockets": (
        "for _ in range(60):\n    if os.fork() == 0:\n        keep = []\n        while True:\n            pair = socket.socketpair(); keep.append(pair); pair[0].setblocking(False)\n"
        "            try:\n                while True: pair[0].send(bytes(65536))\n            except BlockingIOError: pass\ntime.sleep(4); os._exit(1)"
    ),
    "page tables": (
        "for _ in range(40):\n    if os.fork() == 0:\n        place = mmap.mmap(-1, 1 << 36, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=1)\n"
        "        for at in range(0, 1 << 36, 1 << 21): place[at]\n        time.sleep(60)\ntime.sleep(4); os._exit(1)"
    ),
    "huge pages": "mmap.mmap(-1, 1 << 31, flags=0x40000 | mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)[0] = 1; print('BREACH')",
    "a file of a terabyte": "open('/out/sparse', 'wb').truncate(1 << 40); print('BREACH')",
    "names of files": "for number in range(10 ** 7): open(f'/out/{number}', 'w').close()",
    "folders in folders": "os.chdir('/out')\nfor _ in range(10 ** 6): os.mkdir('a' * 100); os.chdir('a' * 100)",
    "output": "while True: os.write(1, bytes(1 << 20))",
    "errors": "while True: os.write(2, bytes(1 << 20))",
}  # fmt: skip

PROCESSES = {
    "a fork bomb": "while True:\n    try: os.fork()\n    except OSError: pass",
    "a fork bomb in sessions of its own": "while True:\n    try:\n        if os.fork() == 0: os.setsid()\n    except OSError: time.sleep(0.1)",
    "forks that never stay": "if os.fork() == 0:\n    os.setsid()\n    while True:\n        try:\n            if os.fork(): os._exit(0)\n        except OSError: pass\nprint('left')",
    "zombies": "while True:\n    try:\n        if os.fork() == 0: os._exit(0)\n    except OSError: time.sleep(0.1)",
    "threads": "import threading\nwhile True:\n    try: threading.Thread(target=time.sleep, args=(60,)).start()\n    except RuntimeError: time.sleep(0.1)",
    "deafness": "import signal\nfor number in range(1, 65):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\ntime.sleep(600)",
    "closed streams": "for number in range(3): os.close(number)\ntime.sleep(600)",
    "a stop": "os.kill(0, 19); time.sleep(600)",
    "a daemon that holds the streams": "import subprocess\nsubprocess.Popen(['sleep', '{later}'], start_new_session=True)",
    "a daemon without streams": (
        "import subprocess as s\ns.Popen(['sh', '-c', 'trap \"\" 1 2 3 15; exec sleep {later}'], start_new_session=True, stdin=s.DEVNULL, stdout=s.DEVNULL, stderr=s.DEVNULL)"
    ),
    "killing everything": "os.kill(-1, 9); os.kill(1, 9); os.kill(1, 19); time.sleep(0.3)",
}  # fmt: skip

LEAVINGS = {
    "pipes": "os.mkfifo('x')",
    "sockets": "socket.socket(socket.AF_UNIX).bind('x')",
    "a link to a file of the host": "os.symlink('{canary}', 'x')",
    "a link to a folder of the host": "os.symlink('{folder}', 'x')",
    "a link to everything": "os.symlink('/', 'x')",
    "a link to itself": "os.symlink('x', 'x')",
    "a second name": "open('a', 'w').write('x'); os.link('a', 'x')",
    "a name with a new line": "open('x\\ny', 'w').write('x')",
    "a name that turns text around": "open('x\\u202ey', 'w').write('x')",
    "a name with an escape sequence": "open('x\\x1b]0;y\\x07', 'w').write('x')",
    "a name that is no text": "open(b'x\\xff', 'w').write('x')",
    "a large file": "open('x', 'wb').truncate(32 << 20)",
}  # fmt: skip


def bombs() -> dict[str, str]:
    """Attacks on what the host has to give."""
    return {f"bomb of {name}": _CALLS + code for name, code in {**MEMORY, **PROCESSES}.items()}


def leavings() -> dict[str, str]:
    """What a job may leave in /out that must not be handed over; each is called x."""
    return {f"leave {name}": _CALLS + "os.chdir('/out')\n" + code for name, code in LEAVINGS.items()}
