"""How a job's end is told."""

import signal

from harness.sandbox.conformance.world import World, behaviour, equal, expect, succeeded
from harness.sandbox.interface import Ended, Failed


@behaviour("ends: status 0 is told")
def status_zero(world: World) -> None:
    succeeded(world.run("true"))


@behaviour("ends: a status other than 0 is told")
def other_status(world: World) -> None:
    equal(world.shell("exit 7").end, Ended(7), "end")


@behaviour("ends: the highest status is told")
def highest_status(world: World) -> None:
    equal(world.shell("exit 255").end, Ended(255), "end")


@behaviour("ends: death by a signal is told as minus its number")
def death_by_signal(world: World) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGABRT)"
    equal(world.python(code).end, Ended(-signal.SIGABRT), "end")


@behaviour("ends: a crash is told as its signal")
def crash(world: World) -> None:
    code = "import ctypes; ctypes.string_at(0)"
    equal(world.python(code).end, Ended(-signal.SIGSEGV), "end")


@behaviour("ends: the command's own SIGKILL is no limit")
def own_kill(world: World) -> None:
    equal(world.python("import os; os.kill(os.getpid(), 9)").end, Ended(-signal.SIGKILL), "end")


@behaviour("ends: a missing command ends with 127")
def missing_command(world: World) -> None:
    equal(world.run("no-such-command-anywhere").end, Ended(127), "end")


@behaviour("ends: a file that is no program ends with 126")
def not_executable(world: World) -> None:
    equal(world.run("/etc/passwd").end, Ended(126), "end")


@behaviour("ends: a tree that does not exist is a failure of the sandbox")
def missing_tree(world: World) -> None:
    end = world.run("true", tree=world.folder / "missing").end
    expect(isinstance(end, Failed) and end.reason, f"ended with {end}")


@behaviour("ends: an empty command is a failure of the sandbox")
def empty_command(world: World) -> None:
    expect(isinstance(world.run().end, Failed), "a job without a command did not fail")


@behaviour("ends: names that lead out of /in are refused")
def escaping_name(world: World) -> None:
    for name in ("../x", "/x", "a/../../x", ""):
        end = world.run("true", files={name: b"x"}).end
        expect(isinstance(end, Failed), f"an input called {name!r} gave {end}")


@behaviour("ends: a failing job leaves the driver usable")
def usable_after_failure(world: World) -> None:
    world.run("true", tree=world.folder / "missing")
    succeeded(world.run("true"))


@behaviour("ends: wall time is measured")
def seconds(world: World) -> None:
    result = succeeded(world.run("sleep", "0.3"))
    expect(result.seconds >= 0.3, f"a job that slept 0.3 s took {result.seconds} s")


@behaviour("ends: the interpreter has the version that the driver names")
def version(world: World) -> None:
    result = succeeded(world.python("import sys; print(*sys.version_info[:2])"))
    equal(tuple(map(int, result.stdout.split())), world.driver.python_version(), "version")
