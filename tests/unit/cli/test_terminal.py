"""Output of hostile programs on a terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli.terminal import Plain

COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"plain\ttext\n", "plain\ttext\n"),
        (b"a\r\nb", "a\nb"),
        (b"all passed\rforged", "all passed\\rforged"),
        (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        (b"\x1b[2J", "\\x1b[2J"),
        (b"\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        (b"\x1b]52;c;cm0=\x07", "\\x1b]52;c;cm0=\\x07"),
        (b"\xc2\x9b31m", "\\x9b31m"),
        (b"\xff", "\\xff"),
        ("a\u202eb".encode(), "a\\u202eb"),
        (b"\x1b", "\\x1b"),
    ],
)
def test_what_is_shown(sent: bytes, shown: str) -> None:
    assert Plain().feed(sent, final=True) == shown


@given(st.lists(st.binary(max_size=8) | st.sampled_from([b"\x1b", b"[", b"31", b"m", b"\r", b"\n", b"\xc2"])))
def test_pieces_are_shown_as_the_whole_and_steer_nothing(pieces: list[bytes]) -> None:
    plain = Plain()
    shown = "".join(map(plain.feed, pieces)) + plain.feed(b"", final=True)
    assert shown == Plain().feed(b"".join(pieces), final=True)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", COLOUR.sub("", shown))
