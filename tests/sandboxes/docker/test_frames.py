"""The engine's frames and the marker, however the bytes are cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandboxes.docker import module

frames = module("frames")

PAYLOADS = st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.binary(max_size=60)), max_size=12)


def encode(stream: int, payload: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(PAYLOADS, st.lists(st.integers(min_value=0), max_size=10))
def test_payloads_come_out_whole_however_the_stream_is_cut(payloads, cuts):
    demultiplexer = frames.Demultiplexer()
    joined = {0: b"", 1: b"", 2: b""}
    for piece in pieces(b"".join(encode(*item) for item in payloads), cuts):
        for stream, payload in demultiplexer.feed(piece):
            joined[stream] += payload
    assert joined == {n: b"".join(data for stream, data in payloads if stream == n) for n in (0, 1, 2)}


@pytest.mark.parametrize(
    "header", [b"\x03\0\0\0\0\0\0\x01", b"\x01\x01\0\0\0\0\0\x01", b"\x01\0\0\0\xff\0\0\0"]
)
def test_a_broken_header_is_an_error(header):
    with pytest.raises(frames.FrameError):
        list(frames.Demultiplexer().feed(header + b"x"))


@given(st.binary(max_size=80), st.binary(max_size=40), st.lists(st.integers(min_value=0), max_size=10))
def test_the_marker_is_found_however_the_stream_is_cut(before, behind, cuts):
    marker = b"\x00\x01abcab"
    if marker in before + marker[:-1]:
        return
    splitter = frames.Splitter(marker)
    output = rest = b""
    for piece in pieces(before + marker + behind, cuts):
        one, two = splitter.feed(piece)
        output, rest = output + one, rest + two
    assert (output, rest, splitter.found) == (before, behind, True)


@given(st.lists(st.sampled_from([b"a", b"aa", b"ab", b"aab", b"b"]), max_size=12))
def test_output_without_a_marker_is_kept_to_the_last_byte(parts):
    splitter = frames.Splitter(b"aabX")
    output = b"".join(splitter.feed(part)[0] for part in parts) + splitter.rest()
    assert output == b"".join(parts)


def test_a_line_is_not_held_back():
    splitter = frames.Splitter(b"\x00secret")
    assert splitter.feed(b"line\n") == (b"line\n", b"")
