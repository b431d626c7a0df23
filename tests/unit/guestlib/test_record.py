"""What the recorder keeps of calls whose result must not be read."""

import asyncio
import importlib
import pathlib
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "harness" / "guest"))

from guestlib.record import Recorder

SOURCE = """
def numbers(limit):
    yield from range(limit)


def letters(text):
    return iter(text)


async def later(value):
    return value


def plain(value):
    return value
"""


@pytest.fixture
def tree(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "recorded_module.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "recorded_module", raising=False)
    return tmp_path


def test_generators_iterators_and_coroutines_are_kept_with_their_arguments(tree: pathlib.Path) -> None:
    module = importlib.import_module("recorded_module")
    recorder = Recorder(str(tree), lazy=True)
    previous = sys.gettrace()
    try:
        recorder.begin("test")
        assert list(module.numbers(3)) == [0, 1, 2]
        assert list(module.letters("ab")) == ["a", "b"]
        assert asyncio.run(module.later("x")) == "x"
        assert module.plain(1) == 1
    finally:
        recorder.stop()
        sys.settrace(previous)
    kinds = {record["symbol"].rpartition(".")[2]: record["outcome"]["kind"] for record in recorder.records}
    assert kinds == {"numbers": "suspended", "letters": "suspended", "later": "suspended", "plain": "value"}
    arguments = {record["symbol"].rpartition(".")[2]: record["args"] for record in recorder.records}
    assert arguments["numbers"] == [3]
    assert arguments["later"] == ["x"]


def test_a_file_that_an_argument_names_is_part_of_the_outcome(tmp_path, monkeypatch):
    source = tmp_path / "tree" / "keeping.py"
    source.parent.mkdir()
    source.write_text("def save(path, text):\n    path.write_text(text)\n")
    monkeypatch.syspath_prepend(str(source.parent))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "own").mkdir()
    recorder = Recorder(str(source.parent))
    save = importlib.import_module("keeping").save
    recorder.begin("test")
    try:
        save(tmp_path / "own" / "a.txt", "new")
        save(tmp_path / "own" / "a.txt", "new")
    finally:
        recorder.stop()
    assert [record["outcome"].get("written") for record in recorder.records] == ["{'a.txt': 'new'}", None]


DECORATED = """
import functools


def in_bytes(function):
    @functools.wraps(function)
    def call(self, text, *rest, **options):
        text = text.encode() if isinstance(text, str) else text
        return function(self, text, *rest, **options)

    return call


def loud(function):
    @functools.wraps(function)
    def call(*args):
        return function(*args)

    return call


def bare(function):
    def call(*args):
        return function(*args)

    return call


class Reader:
    @loud
    @in_bytes
    def read(self, text, limit=3):
        return text[:limit]

    def inner(self, text):
        return self.read(text)


@loud
def plain(text):
    return text


@bare
def unnamed(text):
    return text


def outer(function):
    def later(text):
        return function(text)

    return later
"""


def test_callers_give_arguments_to_the_wrapper(tmp_path, monkeypatch):
    (tmp_path / "decorated_module.py").write_text(DECORATED)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "decorated_module", raising=False)
    module = importlib.import_module("decorated_module")
    recorder = Recorder(str(tmp_path), wanted=lambda symbol: not symbol.endswith("inner"))
    previous = sys.gettrace()
    try:
        recorder.begin("test")
        reader = module.Reader()
        assert reader.read("abcd", 2) == b"ab"
        assert reader.inner("xyz") == b"xyz"
        assert module.plain("a") == "a"
        assert module.unnamed("b") == "b"
        assert module.outer(module.plain)("c") == "c"
    finally:
        recorder.stop()
        sys.settrace(previous)
    told = [
        (one["symbol"].partition(".")[2], one["args"])
        for one in recorder.records
        if "<locals>" not in one["symbol"]
    ]
    assert [one for one in told if one[0] == "Reader.read"] == [
        ("Reader.read", ["abcd", 2]),
        ("Reader.read", ["xyz"]),
    ]
    assert [args for symbol, args in told if symbol == "plain"] == [["a"], ["c"]]
    assert [args for symbol, args in told if symbol == "unnamed"] == [["b"]]
    assert {one["outcome"]["kind"] for one in recorder.records} == {"value"}
    assert all("key" not in one for one in recorder.records)


def test_the_value_of_a_constructor_is_the_object_that_it_made(tmp_path, monkeypatch):
    (tmp_path / "made_module.py").write_text(
        "class Client:\n    def __init__(self, host):\n        self.host = host.lower()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "made_module", raising=False)
    module = importlib.import_module("made_module")
    recorder = Recorder(str(tmp_path))
    previous = sys.gettrace()
    try:
        recorder.begin("test")
        module.Client("Shop")
        with pytest.raises(AttributeError):
            module.Client(None)
    finally:
        recorder.stop()
        sys.settrace(previous)
    first, second = [one["outcome"] for one in recorder.records]
    assert first["group"] == "object"
    assert "host='shop'" in first["text"]
    assert second["kind"] == "raises AttributeError"
