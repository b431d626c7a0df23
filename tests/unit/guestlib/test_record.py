"""What the recorder keeps of calls whose result must not be read."""

import asyncio
import importlib
import pathlib
import sys

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
