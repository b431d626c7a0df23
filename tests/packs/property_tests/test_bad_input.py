"""Changes that cannot be tried, or that fight back: told as unverified, never a false alarm, never silence."""

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

    def clear(self, suffix: str = "") -> int:
        removed = 0
        for place in sorted(self._path.iterdir()):
            if place.name != "lock" and place.name.endswith(suffix):
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
    worse = DELETES.replace("place.name.endswith(suffix)", "place.name.endswith(suffix.lower())")
    context, _ = run(tmp_path / "same", "folder.py", DELETES,
                     DELETES.replace("sorted(self._path.iterdir())", "sorted(self._path.glob('*'))"),
                     {"test_folder.py": DELETES_TEST})  # fmt: skip
    assert context.drafts == []
    worse = DELETES.replace("place.name.endswith(suffix)", "place.name.endswith(suffix or '.txt')")
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
    _, outcome = run(tmp_path, "shop.py", "def f(n):\n    return n\n", "def f(n):\n    return n ?? 1\n")
    assert [one.what for one in outcome.unverified] == ["shop.py"]
    assert "no Python that this version reads" in outcome.unverified[0].why
