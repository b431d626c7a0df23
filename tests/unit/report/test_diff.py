"""Hunks of hostile diffs."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from harness.report.diff import around, parse

lines = st.lists(
    st.sampled_from(["a", "b", "+c", "-d", "@@ -1 +1 @@", "--- x", "+++ y", "", " e"]), max_size=30
)


@given(lines, lines)
def test_every_line_of_a_real_diff_is_found_with_its_number(base, head):
    text = "\n".join(difflib.unified_diff(base, head, "a", "b", lineterm=""))
    for hunk in parse(text):
        for line in hunk.lines:
            if line.base is not None:
                assert base[line.base - 1] == line.text
            if line.head is not None:
                assert head[line.head - 1] == line.text
    shown = [line for hunk in parse(text) for line in hunk.lines]
    expected = [line for line in difflib.ndiff(base, head) if line[0] in "+-"]
    assert bool(shown) == bool(expected) or base == head


@given(st.text(), st.integers(-5, 100))
def test_any_text_is_taken(text, line):
    around(parse(text), line)
    around(parse("@@ -1,3 +1,3 @@\n" + text), line, line + 3)


def test_content_that_looks_like_a_header_is_content():
    hunks = parse("@@ -1,2 +1,2 @@\n-@@ -9 +9 @@\n+@@ -8 +8 @@\n end\n")
    assert [[line.text for line in hunk.lines] for hunk in hunks] == [["@@ -9 +9 @@", "@@ -8 +8 @@", "end"]]


def test_no_newline_marker_is_passed_over():
    (hunk,) = parse("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n")
    assert [line.kind for line in hunk.lines] == ["removed", "added"]


def test_around_picks_the_nearest_hunk():
    text = "@@ -1,2 +1,2 @@\n same\n-old\n+new\n@@ -50,1 +50,2 @@\n fifty\n+added\n"
    assert [line.text for line in around(parse(text), 51)] == ["fifty", "added"]
    assert around(parse(text), 2)[-1].text == "new"
    assert around(parse(text), 400) == ()


def test_around_a_long_symbol_shows_its_beginning():
    text = "@@ -0,0 +1,200 @@\n" + "\n".join(f"+line {n}" for n in range(1, 201))
    shown = around(parse(text), 10, 190)
    assert shown[0].head == 4
    assert len(shown) < 40
