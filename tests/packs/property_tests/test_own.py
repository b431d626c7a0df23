"""The repository's own property tests find with more examples what their usual run misses."""

import ast

from .local import LocalContext, check, module

stage = module("own.stage")
BASE = """
def encode(number: int) -> str:
    return format(number, "d")


def decode(text: str) -> int:
    return int(text)
"""
HEAD = BASE.replace('format(number, "d")', 'format(number, "d") if number % 101 != 57 else "0"')
TEST = """
from hypothesis import given, settings
from hypothesis import strategies as st

from codec import decode, encode


@settings(max_examples=3)
@given(number=st.integers(0, 10_000))
def test_round_trip(number):
    assert decode(encode(number)) == number
"""


def run(place, head, tests):
    context = LocalContext(place, {"codec.py": BASE, **tests}, {"codec.py": head, **tests})
    return context, check(context)


def test_a_rare_failure_of_a_stated_property_is_found(tmp_path):
    context, outcome = run(tmp_path, HEAD, {"test_codec.py": TEST})
    found = [one for one in context.drafts if one.rule == "stated-property"]
    assert [one.category for one in found] == ["property"], (context.drafts, outcome)
    assert context.verdicts(found[0]) == (True, False)
    assert found[0].proof.input.startswith("test_round_trip(number=")
    assert list(found[0].proof.files) == ["test_@id@_base.py"]
    for content in found[0].proof.files.values():
        ast.parse(content.decode())
    assert found[0].location.symbol == "codec.encode"


def test_a_stated_property_that_holds_is_no_finding(tmp_path):
    context, outcome = run(
        tmp_path, BASE.replace('format(number, "d")', "str(number)"), {"test_codec.py": TEST}
    )
    assert context.drafts == []
    assert any("property tests of the repository" in note for note in outcome.notes)


def test_what_a_session_says_is_read_strictly():
    said = {"test": "t.py::test_a", "state": "failed", "seed": 3, "error": "AssertionError", "fixtures": False,
            "notes": ["Falsifying example: test_a(\n    text='a',  # or any other\n    number=-1,\n)"],
            "module": "t", "name": "test_a", "reached": [1, "a.b"]}  # fmt: skip
    failed = stage.failure("t.py::test_a", said)
    assert failed.arguments == (("text", "'a'"), ("number", "-1"))
    assert failed.reached == ("a.b",)
    assert stage.results([1, {"test": 2}, said, said]) == {"t.py::test_a": said}
    evil = {**said, "notes": ["Falsifying example: test_a(\n    text=__import__('os').system('x'),\n)"]}
    assert stage.failure("t.py::test_a", evil).arguments is None
