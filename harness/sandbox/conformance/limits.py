"""Every limit holds, and its breach is told."""

from harness.sandbox.conformance.world import World, behaviour, equal, expect, says, succeeded
from harness.sandbox.interface import Ended, Limited, Result

_FORK = """
import os, time
count = 0
try:
    while count < 500:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        count += 1
except OSError as error:
    print(count, error.errno)
"""


def _out_of_memory(result: Result) -> None:
    """Killed for memory, or refused memory by a limit per process."""
    by_process = isinstance(result.end, Ended) and result.end.status != 0 and b"MemoryError" in result.stderr
    expect(result.end == Limited("memory") or by_process, f"ended with {result.end}")


@behaviour("limits: wall time ends a sleeper")
def wall(world: World) -> None:
    equal(world.run("sleep", "60", limits={"wall_seconds": 0.5}).end, Limited("wall"), "end")


@behaviour("limits: wall time ends one that ignores signals")
def wall_stubborn(world: World) -> None:
    code = (
        "import signal, time\n"
        "for n in range(1, 32):\n"
        "    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except OSError: pass\n"
        "time.sleep(60)"
    )
    equal(world.python(code, limits={"wall_seconds": 1}).end, Limited("wall"), "end")


@behaviour("limits: processor time ends a loop")
def cpu(world: World) -> None:
    result = world.python("while True: pass", limits={"cpu_seconds": 1, "wall_seconds": 40})
    equal(result.end, Limited("cpu"), "end")


@behaviour("limits: processor time counts for children together")
def cpu_children(world: World) -> None:
    code = (
        "import os\n"
        "for _ in range(30):\n"
        "    if os.fork() == 0:\n"
        "        x = 0\n"
        "        for i in range(8_000_000): x += i\n"
        "        os._exit(0)\n"
        "    os.wait()"
    )
    result = world.python(code, limits={"cpu_seconds": 2, "wall_seconds": 50})
    equal(result.end, Limited("cpu"), "end")


@behaviour("limits: memory of one process is limited")
def memory(world: World) -> None:
    _out_of_memory(world.python("x = b'x' * (400 << 20); print(len(x))", limits={"memory_bytes": 128 << 20}))


@behaviour("limits: memory of many processes together is limited")
def memory_together(world: World) -> None:
    code = (
        "import os, time\n"
        "for _ in range(12):\n"
        "    if os.fork() == 0:\n"
        "        x = b'x' * (60 << 20); time.sleep(20); os._exit(0)\n"
        "for _ in range(12):\n"
        "    if os.wait()[1]: raise MemoryError"
    )
    _out_of_memory(world.python(code, limits={"memory_bytes": 256 << 20, "wall_seconds": 50}))


@behaviour("limits: ordinary memory use is not disturbed")
def memory_enough(world: World) -> None:
    says(
        world.python("x = b'x' * (200 << 20); print(len(x) >> 20)", limits={"memory_bytes": 512 << 20}), "200"
    )


@behaviour("limits: the number of processes is limited")
def processes(world: World) -> None:
    result = succeeded(world.python(_FORK, limits={"processes": 24}))
    count = int(result.stdout.split()[0])
    expect(10 <= count <= 30, f"{count} processes were possible with a limit of 24")


@behaviour("limits: a fork bomb is contained")
def fork_bomb(world: World) -> None:
    result = world.python(
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        limits={"processes": 50, "wall_seconds": 3, "cpu_seconds": 40},
    )
    equal(result.end, Limited("wall"), "end")
    succeeded(world.run("true"))


@behaviour("limits: output is limited")
def output(world: World) -> None:
    result = world.python("while True: print('x' * 1000)", limits={"output_bytes": 1 << 20})
    equal(result.end, Limited("output"), "end")
    expect(len(result.stdout) + len(result.stderr) <= 1 << 20, "more output than the limit was kept")


@behaviour("limits: error output counts too")
def error_output(world: World) -> None:
    result = world.python(
        "import sys\nwhile True: print('x' * 1000, file=sys.stderr)", limits={"output_bytes": 1 << 20}
    )
    equal(result.end, Limited("output"), "end")


@behaviour("limits: output below the limit is whole")
def output_below(world: World) -> None:
    result = succeeded(world.python("print('x' * 1_000_000)", limits={"output_bytes": 1_100_000}))
    equal(len(result.stdout), 1_000_001, "length")


@behaviour("limits: a full disk is an error inside and no end")
def disk(world: World) -> None:
    code = (
        "import errno\n"
        "for place in ('/tmp', '/out', '/tree'):\n"
        "  try:\n"
        "    with open(place + '/big', 'wb') as f:\n"
        "      for _ in range(200): f.write(bytes(1 << 20))\n"
        "    print('written')\n"
        "  except OSError as e: print(errno.errorcode[e.errno])"
    )
    result = world.python(code, tree=world.make_tree({}), limits={"disk_bytes": 32 << 20})
    equal(succeeded(result).stdout.split()[0], b"ENOSPC", "error")
    expect(b"written" not in result.stdout, f"200 MiB fitted a disk of 32 MiB: {result.stdout!r}")


@behaviour("limits: the number of files is limited")
def inodes(world: World) -> None:
    code = (
        "import errno\n"
        "try:\n"
        "  for n in range(50_000): open(f'/tmp/{n}', 'w').close()\n"
        "  print('made')\n"
        "except OSError as e: print(errno.errorcode[e.errno])"
    )
    says(world.python(code, limits={"disk_inodes": 2000}), "ENOSPC")


@behaviour("limits: the size of one file is limited")
def file_size(world: World) -> None:
    code = (
        "import errno\n"
        "try:\n"
        "  with open('/tmp/big', 'wb') as f:\n"
        "    for _ in range(9): f.write(bytes(1 << 20))\n"
        "  print('written')\n"
        "except OSError as e: print(errno.errorcode[e.errno])"
    )
    says(world.python(code, limits={"file_bytes": 4 << 20}), "EFBIG")


@behaviour("limits: open files are limited")
def open_files(world: World) -> None:
    code = (
        "import errno\n"
        "kept = []\n"
        "try:\n"
        "  for _ in range(5000): kept.append(open('/dev/null'))\n"
        "except OSError as e: print(errno.errorcode[e.errno], len(kept) < 100)"
    )
    says(world.python(code, limits={"open_files": 64}), "EMFILE True")


@behaviour("limits: no core files are written")
def core(world: World) -> None:
    result = world.shell(
        "cd /out; ulimit -c; ulimit -c unlimited 2>/dev/null; python3 -c 'import os; os.abort()'; ls"
    )
    expect(b"core" not in result.stdout and result.stdout.startswith(b"0"), f"{result.stdout!r}")


@behaviour("limits: limits cannot be raised from inside")
def not_raised(world: World) -> None:
    code = (
        "import resource\n"
        "try:\n"
        "  resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40)); print('raised')\n"
        "except (ValueError, OSError): print('refused')"
    )
    says(world.python(code), "refused")
