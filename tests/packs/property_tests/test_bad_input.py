"""Changes that cannot be tried, or that fight back: told as unverified, never a false alarm, never silence."""

import pytest

from harness.check.interface import CheckSkipped

from .local import LocalContext, check

NETWORK = """
import socket


def status(port: int) -> str:
    with socket.create_connection(("example.invalid", port), timeout=1) as connection:
        return connection.recv(10).decode()
"""
DELETES = """
import pathlib


class Folder:
    def __init__(self, path):
        self._path = pathlib.Path(path)
        self._lock = open(self._path / "lock", "w")

    def clear(self, ending: str = "") -> int:
        removed = 0
        for place in sorted(self._path.iterdir()):
            if place.name != "lock" and place.name.endswith(ending):
                place.unlink()
                removed += 1
        return removed
"""
DELETES_TEST = """
from folder import Folder


def test_clear(tmp_path):
    for name in ("a.txt", "b.txt", "c.log"):
        (tmp_path / name).write_text(name)
    folder = Folder(tmp_path)
    assert folder.clear(".log") == 1
    assert sorted(place.name for place in tmp_path.iterdir()) == ["a.txt", "b.txt", "lock"]
    assert folder.clear(".txt") == 2
"""
FIGHTS = """
import builtins, os, signal, sys, threading

builtins.sorted = lambda *a, **k: []
threading.Thread(target=lambda: threading.Event().wait(3600), daemon=True).start()
signal.signal(signal.SIGPROF, signal.SIG_IGN)


def half(n: int) -> int:
    print("x" * 10_000_000)
    if n == 3:
        sys.exit(0)
    if n == 4:
        os.close(1)
    if n == 5:
        return half(n)
    return n // 2
"""


def run(place, name, base, head, tests=None):
    tests = tests or {}
    context = LocalContext(place, {name: base, **tests}, {name: head, **tests})
    return context, check(context)


def test_a_function_that_needs_the_network_is_unverified(tmp_path):
    context, outcome = run(tmp_path, "net.py", NETWORK, NETWORK.replace("recv(10)", "recv(20)"))
    assert context.drafts == []
    assert "net.status" in [one.what for one in outcome.unverified]


def test_files_that_a_call_deletes_are_there_for_the_test(tmp_path):
    worse = DELETES.replace("place.name.endswith(ending)", "place.name.endswith(ending.lower())")
    context, _ = run(tmp_path / "same", "folder.py", DELETES,
                     DELETES.replace("sorted(self._path.iterdir())", "sorted(self._path.glob('*'))"),
                     {"test_folder.py": DELETES_TEST})  # fmt: skip
    assert context.drafts == []
    worse = DELETES.replace("place.name.endswith(ending)", "place.name.endswith(ending or '.txt')")
    context, outcome = run(tmp_path / "worse", "folder.py", DELETES, worse, {"test_folder.py": DELETES_TEST})
    assert [one.location.symbol for one in context.drafts] == ["folder.Folder.clear"], outcome
    assert context.verdicts(context.drafts[0]) == (True, False)


def test_code_that_fights_back_ends_no_check(tmp_path):
    context, outcome = run(
        tmp_path, "shop.py", FIGHTS, FIGHTS.replace("return n // 2", "return n // 2 if n != 9 else 5")
    )
    assert not outcome.failed
    found = {one.difference.symbol for one in context.drafts}
    assert found == {"shop.half"} or "shop.half" in [one.what for one in outcome.unverified]


def test_an_unknown_syntax_is_told(tmp_path):
    base, head = "def f(n):\n    return n ?? 0\n", "def f(n):\n    return n ?? 1\n"
    context, outcome = run(tmp_path, "shop.py", base, head)
    assert context.drafts == []
    assert [one.what for one in outcome.unverified] == ["shop.py"]
    assert "no Python that this version reads" in outcome.unverified[0].why


WHOLE = "def f(n: int) -> int:\n    return n\n"
SAME = "def f(n: int) -> int:\n    return n + 0\n"


@pytest.mark.parametrize(
    ("base", "head", "why"),
    [
        ("import nothere\n" + WHOLE, SAME, "on base: ModuleNotFoundError"),
        (WHOLE.replace("return", "for _ in range(10**12):\n        pass\n    return"),
         SAME.replace("return", "for _ in range(10**12):\n        pass\n    return"),
         "no input was found that it accepts"),
        (WHOLE.replace("return", "import ctypes\n    ctypes.CDLL('libcuda.so.1')\n    return"),
         SAME.replace("return", "import ctypes\n    ctypes.CDLL('libcuda.so.1')\n    return"),
         "no input was found that it accepts"),
    ],
    ids=["import-base", "takes-an-hour", "needs-a-gpu"],
)  # fmt: skip
def test_what_cannot_be_tried_is_unverified_with_the_reason(tmp_path, base, head, why):
    context, outcome = run(tmp_path, "m.py", base, head)
    assert context.drafts == []
    assert [(one.what, why in one.why) for one in outcome.unverified] == [("m.f", True)], outcome.unverified


FORKS = """
import os


def f(n: int) -> int:
    {name} = os.fork()
    if {name} == 0:
        return -n
    os.waitpid({name}, 0)
    return n
"""
LOCKS = """
import threading

LOCK = threading.Lock()


def f(n: int) -> int:
    LOCK.acquire()
    try:
        return n // 2
    finally:
        LOCK.release()
"""
LOCKS_WITH = LOCKS.partition("    LOCK.acquire")[0] + "    with LOCK:\n        return n // 2\n"
UNWRITABLE = """
def f(sock, callback, items):
    return callback(next(items)), sock.fileno() > 0
"""
UNWRITABLE_LATER = UNWRITABLE.replace(
    "return callback(next(items))", "first = next(items)\n    return callback(first)"
)
UNWRITABLE_TEST = """
import socket

from m import f


def test_it():
    with socket.socket() as sock:
        assert f(sock, lambda n: n + 1, (n for n in range(3))) == (1, True)
"""


@pytest.mark.parametrize(
    ("base", "head", "test"),
    [
        (FORKS.format(name="child"), FORKS.format(name="process"), ""),
        (LOCKS, LOCKS_WITH, ""),
        (UNWRITABLE, UNWRITABLE_LATER, UNWRITABLE_TEST),
    ],
    ids=["forks", "holds-a-lock", "arguments-that-cannot-be-written"],
)  # fmt: skip
def test_what_is_hard_to_try_is_no_alarm(tmp_path, base, head, test):
    context, outcome = run(tmp_path, "m.py", base, head, {"test_m.py": test} if test else None)
    assert context.drafts == []
    assert not outcome.failed


def test_of_too_many_functions_those_that_tests_call_come_first(tmp_path):
    base = "\n".join(f"def f{at}(n: int) -> int:\n    return n + {at}\n" for at in range(300))
    head = base.replace("return n +", "return +n +").replace("return +n + 250", "return n - 250")
    test = "import m\n\n\ndef test_it():\n    assert m.f250(1)\n"
    tests = {"test_m.py": test}
    context = LocalContext(tmp_path, {"m.py": base, **tests}, {"m.py": head, **tests}, seconds=25)
    outcome = check(context)
    assert {one.location.symbol for one in context.drafts} == {"m.f250"}
    left = [one.what for one in outcome.unverified]
    assert len(left) >= 260
    assert "m.f250" not in left


def test_a_change_that_only_moves_files_is_skipped(tmp_path):
    context = LocalContext(
        tmp_path, {"a/m.py": WHOLE, "a/__init__.py": ""}, {"b/m.py": WHOLE, "b/__init__.py": ""}
    )
    with pytest.raises(CheckSkipped):
        check(context)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("fast.pyx", "compiled"), ("fast.c", "compiled"), ("fast.so", "compiled"),
        ("a.ipynb", "notebook"), ("m_pb2.py", "generated"),
    ],
)  # fmt: skip
def test_what_is_not_plain_python_is_unverified_with_the_reason(tmp_path, name, why):
    head = "# Generated by a compiler.  DO NOT EDIT!\nx = 2\n"
    context = LocalContext(tmp_path, {name: "x = 1\n"}, {name: head})
    outcome = check(context)
    assert [one.what for one in outcome.unverified] == [name]
    assert why in outcome.unverified[0].why
