"""The signed lines between the tested process and its supervisor."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.test_replay.guest_parts import guest

pipe = guest("pipe")
KEY = b"k" * 32


def sent(*messages, key=KEY):
    """The bytes that a sender writes for messages."""
    reading, writing = os.pipe()
    send = pipe.make_sender(writing, key)
    for message in messages:
        send(message["kind"], {name: value for name, value in message.items() if name != "kind"})
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        return stream.read()


texts = st.text(max_size=20)
messages = st.lists(
    st.fixed_dictionaries({"kind": st.sampled_from(["test", "start"]), "id": texts, "count": st.integers()}),
    max_size=6,
)


@given(messages, st.data())
def test_any_split_of_the_bytes_gives_the_messages(given_messages, data):
    stream = sent(*given_messages)
    decoder = pipe.Decoder(KEY)
    found = []
    at = 0
    while at < len(stream):
        size = data.draw(st.integers(1, 60))
        found += decoder.feed(stream[at : at + size])
        at += size
    assert found == given_messages
    assert decoder.forged == 0


@given(st.binary(max_size=80))
def test_foreign_bytes_before_a_line_are_counted_and_lose_nothing(noise):
    genuine = {"kind": "test", "id": "tests/test_a.py::test_b"}
    decoder = pipe.Decoder(KEY)
    found = decoder.feed(noise + sent(genuine))
    assert found == [genuine]
    assert (decoder.forged > 0) == bool(noise)


def test_lines_sealed_with_another_key_are_forged():
    decoder = pipe.Decoder(KEY)
    assert decoder.feed(sent({"kind": "finish"}, key=b"x" * 32)) == []
    assert decoder.forged == 1


def test_a_replayed_line_is_forged():
    line = sent({"kind": "start", "id": "a"})
    decoder = pipe.Decoder(KEY)
    assert len(decoder.feed(line)) == 1
    assert decoder.feed(line) == []
    assert decoder.forged == 1


def test_a_line_without_end_is_not_kept_for_ever():
    decoder = pipe.Decoder(KEY)
    decoder.feed(b"x" * (pipe.MAX_LINE + 1))
    assert decoder.forged == 1
    assert decoder.feed(sent({"kind": "start", "id": "a"})) == [{"kind": "start", "id": "a"}]


def test_a_forked_child_cannot_send():
    reading, writing = os.pipe()
    send = pipe.make_sender(writing, KEY)
    child = os.fork()
    if child == 0:
        send("finish", {"status": 0})
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    assert os.read(reading, 100) == b""
    os.close(reading)


@pytest.mark.parametrize(
    "value", [b"", b"\n", b"{}\n", b'{"kind":"finish"}\n', b"0" * 32 + b' {"kind":"finish"}\n']
)
def test_unsealed_lines_are_never_messages(value):
    assert pipe.Decoder(KEY).feed(value) == []
