"""Capped capture and its lines."""

from hypothesis import given
from hypothesis import strategies as st

from harness.sandbox.streams import Capture

pieces = st.lists(st.binary(max_size=20))


@given(pieces)
def test_lines_put_together_are_the_output(parts: list[bytes]) -> None:
    capture = Capture(1 << 20)
    lines = []
    for part in parts:
        capture.add("stdout", part)
        while (line := capture.take_line()) is not None:
            lines.append(line)
    while line := capture.take_line(at_end=True):
        lines.append(line)
    assert b"".join(lines) == b"".join(parts)
    assert all(line.endswith(b"\n") for line in lines[:-1])
    assert all(b"\n" not in line[:-1] for line in lines)


@given(
    st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(max_size=30))), st.integers(0, 100)
)
def test_the_cap_holds_for_both_streams_together(parts: list[tuple[str, bytes]], limit: int) -> None:
    capture = Capture(limit)
    for name, data in parts:
        capture.add("stderr" if name == "stderr" else "stdout", data)
    total = sum(len(data) for _, data in parts)
    kept = len(capture.kept("stdout")) + len(capture.kept("stderr"))
    assert kept == min(limit, total)
    assert capture.flooded == (total > limit)


def test_a_sink_takes_everything_as_it_arrives() -> None:
    seen: list[tuple[str, bytes]] = []
    capture = Capture(5, lambda name, data: seen.append((name, data)))
    assert capture.add("stdout", b"abc")
    assert not capture.add("stderr", b"defg")
    assert seen == [("stdout", b"abc"), ("stderr", b"de")]
    assert capture.kept("stdout") == b""


def test_no_line_yet_and_no_line_any_more() -> None:
    capture = Capture(100)
    capture.add("stdout", b"part")
    assert capture.take_line() is None
    assert capture.take_line(at_end=True) == b"part"
    assert capture.take_line(at_end=True) == b""
