import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.check.interface import Side
from harness.replay.protocol import Decoder, decode, envelope

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_messages_round_trip(message: dict[str, object]) -> None:
    assert decode(msgspec.json.encode(message) + b"\n") == message


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_nothing(line: bytes) -> None:
    found = decode(line)
    assert found is None or isinstance(found, dict)


@pytest.mark.parametrize(
    "line", [b"[]", b"1", b'"text"', b"{", b"\xff", b'{"a":1}{"b":2}', b"[" * 100_000, b'{"a":' * 50_000]
)
def test_what_is_no_object_is_counted_as_malformed(line: bytes) -> None:
    decoder = Decoder()
    assert decoder.feed(line) is None
    assert decoder.malformed == 1


def test_nothing_after_the_closing_message_counts() -> None:
    decoder = Decoder()
    decoder.feed(b'{"type":"result"}')
    decoder.feed(b'{"type":"closed"}')
    decoder.feed(b'{"type":"forged"}')
    assert decoder.closed
    assert decoder.messages == [{"type": "result"}]
    assert decoder.malformed == 1


def test_the_envelope_names_the_side() -> None:
    assert decode(envelope(Side.HEAD, {"x": 1})) == {"protocol": 1, "side": "head", "request": {"x": 1}}
