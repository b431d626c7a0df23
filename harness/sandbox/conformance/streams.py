"""Standard streams, lines and conversation."""

from harness.sandbox.conformance.world import World, behaviour, equal, expect, says, succeeded
from harness.sandbox.interface import Ended

_ECHO = "import sys\nfor line in sys.stdin:\n    print('got', line.strip(), flush=True)\nprint('bye')"


@behaviour("streams: output and error stay apart")
def apart(world: World) -> None:
    result = succeeded(world.shell("echo one; echo two >&2"))
    equal((result.stdout, result.stderr), (b"one\n", b"two\n"), "streams")


@behaviour("streams: bytes pass unchanged")
def unchanged(world: World) -> None:
    code = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 1000)"
    equal(succeeded(world.python(code)).stdout, bytes(range(256)) * 1000, "output")


@behaviour("streams: standard input reaches the command")
def stdin(world: World) -> None:
    data = bytes(range(256)) * 4000
    code = "import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    import hashlib

    says(world.python(code, stdin=data), hashlib.sha256(data).hexdigest())


@behaviour("streams: without input, standard input is at its end")
def no_stdin(world: World) -> None:
    says(world.python("import sys; print(repr(sys.stdin.read()))"), "''")


@behaviour("streams: unread input does not hang the job")
def unread_input(world: World) -> None:
    succeeded(world.run("true", stdin=b"x" * (4 << 20)))


@behaviour("streams: a filter gets and gives much at the same time")
def both_ways(world: World) -> None:
    data = b"line of text\n" * 100_000
    equal(succeeded(world.run("cat", stdin=data)).stdout, data, "output")


@behaviour("streams: a conversation goes line by line")
def conversation(world: World) -> None:
    with world.driver.start(world.job(["{python}", "-u", "-c", _ECHO], interactive=True)) as running:
        for word in (b"one", b"two", b"three"):
            running.send(word + b"\n")
            equal(running.read_line(30), b"got " + word + b"\n", "answer")
        running.close_stdin()
        equal(running.read_line(30), b"bye\n", "last line")
        equal(running.read_line(30), b"", "end of output")
        equal(running.wait().end, Ended(0), "end")


@behaviour("streams: reading a line gives up after its timeout")
def read_timeout(world: World) -> None:
    with world.driver.start(world.job(["sleep", "30"], interactive=True)) as running:
        equal(running.read_line(0.2), None, "line")


@behaviour("streams: a last line without newline is given")
def last_line(world: World) -> None:
    with world.driver.start(world.job(["printf", "a\\nb"])) as running:
        equal([running.read_line(30) for _ in range(3)], [b"a\n", b"b", b""], "lines")


@behaviour("streams: lines that were read are not repeated")
def not_repeated(world: World) -> None:
    with world.driver.start(world.job(["printf", "a\\nb\\n"])) as running:
        running.read_line(30)
        equal(running.wait().stdout, b"b\n", "rest")


@behaviour("streams: sending to an ended job is silent")
def send_after_end(world: World) -> None:
    with world.driver.start(world.job(["true"], interactive=True)) as running:
        running.read_line(30)
        running.send(b"x" * 1000)
        equal(running.wait().end, Ended(0), "end")


@behaviour("streams: much is sent while much is received")
def send_both_ways(world: World) -> None:
    with world.driver.start(world.job(["cat"], interactive=True)) as running:
        running.send(b"0123456789abcde\n" * 65536)
        running.close_stdin()
        count = 0
        while running.read_line(30):
            count += 1
        equal(count, 65536, "lines")


@behaviour("streams: there is no terminal")
def no_terminal(world: World) -> None:
    says(world.python("import os; print([os.isatty(n) for n in (0, 1, 2)])"), "[False, False, False]")


@behaviour("streams: only the three standard descriptors are open")
def descriptors(world: World) -> None:
    code = "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:4])"
    result = succeeded(world.python(code))
    expect(result.stdout.strip() in (b"[0, 1, 2, 3]", b"[0, 1, 2]"), f"open: {result.stdout!r}")


@behaviour("streams: a very long line is given whole")
def long_line(world: World) -> None:
    with world.driver.start(world.job(["{python}", "-c", "print('x' * 3_000_000)"])) as running:
        line = running.read_line(30)
        equal(len(line or b""), 3_000_001, "length")
