"""The supervisor's last words are believed only as far as they keep to the rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sandbox.interface import Ended, Failed, Limited, Limits
from tests.sandboxes.docker import module

closing = module("closing")
running = module("running")

WORDS = {
    "status": 0, "limit": "", "setup": "", "memory_kills": 0, "seconds": 1.5, "cpu_seconds": 0.5,
    "peak_memory_bytes": 4096, "files": [], "left_out": [],
}  # fmt: skip


def encode(words: dict) -> bytes:
    fields = [str(words[name]) for name in WORDS if name not in ("files", "left_out")]
    fields.append(str(words.get("count", len(words["files"]))))
    for path, size in words["files"]:
        fields += [path, str(size)]
    data = "\0".join(fields + words["left_out"]).encode()
    return b"%d\n" % len(data) + data


def read(words: dict, body: bytes = b"", limits: Limits | None = None):
    reader = closing.Reader(limits or Limits())
    reader.feed(encode(words) + body)
    return reader


def test_files_are_cut_out_of_the_body_in_order():
    reader = read(WORDS | {"files": [["a", 2], ["d/b", 0], ["d/c", 3]]}, b"12345")
    assert reader.complete
    assert reader.harvest().files == {"a": b"12", "d/b": b"", "d/c": b"345"}


def test_it_is_not_complete_before_the_last_byte():
    reader = read(WORDS | {"files": [["a", 2]]}, b"1")
    assert not reader.complete
    reader.feed(b"2")
    assert reader.complete


@given(st.integers(min_value=1, max_value=40))
def test_a_line_may_come_in_pieces(step):
    data = encode(WORDS | {"files": [["a", 3]]}) + b"abc"
    reader = closing.Reader(Limits())
    for at in range(0, len(data), step):
        reader.feed(data[at : at + step])
    assert reader.harvest().files == {"a": b"abc"}


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../b", "a//b", "", ".", "a\nb", "x" * 5000])
def test_a_path_that_escapes_is_left_out_and_said(path):
    harvest = read(WORDS | {"files": [[path, 1], ["good", 1]]}, b"12").harvest()
    assert harvest.files == {"good": b"2"}
    assert len(harvest.left_out) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"status": "zero"}, {"status": 256}, {"status": -129}, {"limit": "memory"}, {"seconds": -1},
        {"seconds": ""}, {"seconds": "nan"}, {"memory_kills": -1}, {"files": [["a", -1]]},
        {"files": [["a", "b"]]}, {"count": 1}, {"count": -1}, {"count": "many"},
    ],
)  # fmt: skip
def test_what_breaks_the_form_is_an_error(change):
    with pytest.raises(closing.ClosingError):
        read(WORDS | change)


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"x\n",
        b"-1\n",
        b"0\n",
        b"3\nabc",
        b"2\n\xff\xfe",
        b"99999999\n",
        b"123456789",
        b"7\n" + b"\0" * 7,
    ],
)
def test_what_is_no_message_is_an_error(data):
    reader = closing.Reader(Limits())
    with pytest.raises(closing.ClosingError):
        reader.feed(data)


@given(st.binary(max_size=200))
def test_no_message_breaks_the_decoder(words):
    try:
        told = closing.decode(words)
    except closing.ClosingError:
        return
    assert told.seconds >= 0


def test_more_than_the_caps_is_an_error():
    with pytest.raises(closing.ClosingError):
        read(WORDS | {"files": [["a", 11]]}, limits=Limits(collect_bytes=10))
    with pytest.raises(closing.ClosingError):
        read(WORDS | {"files": [["a", 1], ["b", 1]]}, limits=Limits(collect_files=1))


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ({}, Ended(0)),
        ({"status": 3}, Ended(3)),
        ({"status": -9}, Ended(-9)),
        ({"status": -11}, Ended(-11)),
        ({"status": "", "limit": "wall"}, Limited("wall")),
        ({"status": "", "limit": "cpu"}, Limited("cpu")),
        ({"status": -9, "memory_kills": 1}, Limited("memory")),
        ({"status": 1, "memory_kills": 2}, Limited("memory")),
        ({"status": 0, "memory_kills": 1}, Ended(0)),
        ({"status": -24, "cpu_seconds": 2.0}, Limited("cpu")),
        ({"status": 137, "cpu_seconds": 2.0}, Limited("cpu")),
        ({"status": -25}, Limited("disk")),
        ({"status": "", "setup": "no room for the tree"}, Failed("no room for the tree")),
    ],
)
def test_the_end_of_a_job(change, end):
    told = read(WORDS | change).closing
    assert running.told_end(told, cpu_seconds=2.0) == end
