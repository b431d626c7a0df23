"""Each door alone: what comes out cannot act in its format."""

import re
import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.escape import (
    clipped,
    code_parts,
    markdown_block,
    markdown_code,
    markdown_text,
    one_line,
    relative_uri,
    sarif_text,
    terminal_text,
    visible,
    workflow_data,
    workflow_property,
    xml_text,
)
from tests.unit.report.attacks import ATTACKS, hostile_text

anything = st.one_of(st.sampled_from(ATTACKS), hostile_text, st.text())


def test_there_are_enough_attacks():
    assert len(set(ATTACKS)) >= 60


@given(anything)
def test_visible_leaves_no_acting_character(text):
    shown = visible(text)
    shown.encode("utf-8")
    acting = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
    assert acting <= {"\n", "\t"}


@given(st.text(st.sampled_from("abc XYZ 123 <>&'\"`[]äöü漢字é\n\t")))
def test_visible_keeps_what_shows(text):
    assert visible(text) == text


def test_visible_spells_out():
    assert visible("\x1b[31m\u202e\ud800") == "\\x1b[31m\\u202e\\ud800"
    assert visible("\U000e0041") == "\\U000e0041"
    assert visible("a\r\nb\rc") == "a\nb\\x0dc"


def test_stacked_marks_are_spelled_out_but_accents_stay():
    assert visible("e\u0301") == "e\u0301"
    assert "\\u0336" in visible("Z" + "\u0336" * 9)


@given(anything, st.integers(1, 50))
def test_one_line_is_one_line_within_its_limit(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line


def test_clipped_says_what_it_left_out():
    assert clipped("abc", 10) == "abc"
    assert clipped("a" * 20, 5).startswith("aaaaa\n… (15 characters more)")
    assert clipped("1\n2\n3", 100, 2).startswith("1\n2\n… (2 characters more)")


@given(anything)
def test_code_parts_lose_no_text(text):
    joined = "".join(f"`{part}`" if is_code else part for is_code, part in code_parts(text))
    assert joined == text


def test_code_parts_need_pairs_on_one_line():
    assert code_parts("a `b` c") == [(False, "a "), (True, "b"), (False, " c")]
    assert code_parts("a ` b") == [(False, "a ` b")]
    assert code_parts("a `b\nc` d") == [(False, "a `b\nc` d")]
    assert code_parts("``` x") == [(False, "``` x")]


@given(anything)
def test_markdown_prose_has_only_entities_for_punctuation_that_means_something(text):
    bare = re.sub(r"&#\d+;", "\ufffc", markdown_text(text))
    assert not {c for c in bare if c.isascii() and not c.isalnum() and c not in ",;?'\"().-/ "}
    assert not re.match(r"[-.,;/?()'\"]|\d+[.)]", bare)


@pytest.mark.parametrize(
    "text", ["@octocat", "org#12", "https://evil.example", "WWW.evil.example", "a@b.c", ":+1:", "see GH-1"]
)
def test_markdown_prose_breaks_what_hosts_link_after_rendering(text):
    rendered = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), markdown_text(text))
    assert not re.search(r"@\w|#\d|://|www\.|\w@\w|:\+1:|gh-\d", rendered, re.IGNORECASE)


@given(anything)
def test_markdown_code_span_holds_no_run_of_its_own_fence(text):
    span = markdown_code(text)
    fence = re.match("`+", span)[0]
    inner = span[len(fence) : -len(fence)]
    assert "\n" not in span
    assert fence not in re.findall("`+", inner)


@given(anything)
def test_markdown_block_is_closed_by_its_own_fence_only(text):
    first, *content, last = markdown_block(text, "sh").split("\n")
    fence = first.removesuffix("sh")
    assert last == fence
    assert not [line for line in content if line.lstrip(" >").startswith(fence)]


@given(anything)
def test_terminal_text_has_no_control_and_no_workflow_command(text):
    shown = terminal_text(text)
    assert not {c for c in shown if unicodedata.category(c) == "Cc"}
    assert not re.search(r"(^|\s)::|##\[|##vso\[|##teamcity\[", shown)


def test_terminal_text_keeps_test_ids():
    assert terminal_text("tests/test_a.py::TestB::test_c[x-1]") == "tests/test_a.py::TestB::test_c[x-1]"


@given(anything)
def test_workflow_values_stay_on_their_line_and_in_their_field(text):
    assert "\n" not in workflow_data(text)
    assert not set("\n\r:,") & set(workflow_property(text))


@given(anything)
def test_sarif_text_has_no_embedded_link(text):
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", sarif_text(text))


@given(anything)
def test_relative_uri_stays_inside_the_repository(text):
    uri = relative_uri(text)
    assert re.fullmatch(r"[A-Za-z0-9_.~%/-]+", uri)
    assert not uri.startswith("/")
    assert ".." not in uri.split("/")


@given(anything)
def test_xml_text_is_valid_xml(text):
    element = ElementTree.Element("a", b=xml_text(text))
    element.text = xml_text(text)
    ElementTree.fromstring(ElementTree.tostring(element))
