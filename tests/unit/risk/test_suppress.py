"""What base accepts, until when, and what a change may not arrange for itself."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config.schema import SuppressConfig
from harness.model.finding import Location
from harness.risk.comments import read_comments
from harness.risk.suppress import Texts, added, judge
from tests.support.values import finding

TODAY = datetime.date(2026, 6, 1)
NOTE = "# harness: ignore[py-pickle-load] until 2027-01-31: only our own files"
OVER, OTHER = NOTE.replace("2027", "2025"), NOTE.replace("py-pickle", "py-yaml")
HIT = finding(check="static_scan", rule="py-pickle-load", category="static", location=Location("a.py", 2))


def judged(base: str, head: str, line: int, policy: tuple[SuppressConfig, ...] = ()):
    hit = finding(check="static_scan", rule="py-pickle-load", location=Location("a.py", line))
    return judge([hit], policy, "harness.toml", {"a.py": Texts("a.py", base, head)}, TODAY)


def test_a_comment_of_base_covers_the_line_below_that_was_edited():
    said = judged(f"{NOTE}\nx = load(old)\n", f"import os\n{NOTE}\nx = load(new)\n", 3)
    [one] = said.suppressed
    assert not said.findings
    assert (one.by.source, one.by.reason) == ("a.py:1", "only our own files")


def test_a_comment_behind_the_code_covers_its_own_line():
    said = judged(f"x = load(old)  {NOTE}\n", f"x = load(new)  {NOTE}\n", 1)
    assert len(said.suppressed) == 1


@pytest.mark.parametrize(
    ("base", "head", "line"),
    [
        ("x = load(old)\n", f"{NOTE}\nx = load(new)\n", 2),  # added by the change
        (f"{NOTE}\nx = 1\n", f"{NOTE}\ny = load(new)\nx = 1\n", 2),  # a line put under an old comment
        (f"{NOTE}\nx = 1\n\n\ny = 2\nz = 3\n", f"x = 1\n\n\ny = 2\n{NOTE}\nw = load(new)\nz = 3\n", 6),  # moved
        (f"x = 1  {NOTE}\n", f"x = 1  {NOTE}\ny = load(new)  {NOTE}\n", 2),  # copied
        (f"{OVER}\nx = load(o)\n", f"{OVER}\nx = load(n)\n", 2),
        (f"{OTHER}\nx = load(o)\n", f"{OTHER}\nx = load(n)\n", 2),
        (f's = """\n{NOTE}\n"""\nx = load(o)\n', f's = """\n{NOTE}\n"""\nx = load(n)\n', 4),  # only a text
    ],
)  # fmt: skip
def test_what_does_not_stand_on_base_for_this_place_does_not_count(base: str, head: str, line: int):
    said = judged(base, head, line)
    assert len(said.findings) == 1
    assert not said.suppressed


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("# harness: ignore[py-x]: why", "no expiry"),
        ("# harness: ignore[py-x] until 2027-01-31", "no reason"),
        ("# harness: ignore[py-x] until soon: why", "no expiry"),
        ("# harness: ignore until 2027-01-31: why", "names no rule"),
    ],
)
def test_a_damaged_comment_of_base_does_not_count_and_is_said(note: str, why: str):
    said = judged(f"{note}\nx = load(o)\n", f"{note}\nx = load(n)\n", 2)
    assert len(said.findings) == 1
    assert why in said.notes[0]


def test_the_policy_suppresses_by_rule_check_and_path():
    until, paths = datetime.date(2026, 6, 1), ("legacy/**",)
    for rule in ("py-pickle-load", "static_scan/py-pickle-load", "static_scan/*"):
        entry = SuppressConfig(rule=rule, until=until, reason="r")
        assert judge([HIT], [entry], "harness.toml", {}, TODAY).suppressed
    elsewhere = SuppressConfig(rule="py-pickle-load", until=until, reason="r", paths=paths)
    assert not judge([HIT], [elsewhere], "harness.toml", {}, TODAY).suppressed
    assert not judge([HIT], [entry], "harness.toml", {}, TODAY + datetime.timedelta(1)).suppressed


def test_the_own_word_of_the_harness_is_never_suppressed():
    entry = SuppressConfig(rule="harness/*", until=datetime.date(2030, 1, 1), reason="r")
    said = judge([finding(check="harness", rule="policy-changed")], [entry], "p", {}, TODAY)
    assert not said.suppressed


def test_coming_and_past_ends_are_said_and_distant_ones_are_not():
    entries = [
        SuppressConfig(rule=f"r{number}", until=TODAY + datetime.timedelta(number), reason="r")
        for number in (-2, 0, 30, 31)
    ]
    said = judge([], entries, "harness.toml", {}, TODAY)
    assert [(one.days, one.over) for one in said.expiries] == [(-2, True), (0, False), (30, False)]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", "x = 1  # harness: ignore[r] until 2027-01-31: why"),
        ("a.ts", "// harness: ignore[r] until 2027-01-31: why"),
        ("a.sql", "-- harness: ignore[r] until 2027-01-31: why"),
        ("a.html", "<!-- harness: ignore[r] until 2027-01-31: why -->"),
        ("a.css", "/* harness: ignore[r] until 2027-01-31: why */"),
        ("Dockerfile", "# harness: ignore[r] until 2027-01-31: why"),
        (".github/workflows/a.yml", "  - run: x # harness: ignore[check/r] until 2027-01-31: why"),
    ],
)
def test_comments_by_language(path: str, line: str):
    [one] = read_comments(path, f"\n{line}\n")
    assert (one.line, one.reason, str(one.until), one.mistake) == (2, "why", "2027-01-31", "")


def test_a_change_that_adds_suppressions_is_told_of():
    texts = [
        Texts("a.py", f"{NOTE}\nx\n", f"{NOTE}\nx\n\n{NOTE}\ny\n"),
        Texts("b.sh", None, "# harness: ignore[r]\n"),
    ]
    entry = SuppressConfig(rule="static_scan/*", until=TODAY, reason="r")
    found = list(added(texts, [], [entry], "harness.toml"))
    assert [(one.location.path, one.location.line) for one in found] == [
        ("a.py", 4),
        ("b.sh", 1),
        ("harness.toml", 1),
    ]
    assert "would never count: it has no expiry" in found[1].message
    assert not list(added(texts[:0], [entry], [entry], "harness.toml"))


@given(st.text(max_size=300), st.sampled_from(["a.py", "a.js", "Dockerfile", "x", "a.md"]))
def test_no_text_breaks_the_reader(text: str, path: str):
    for one in read_comments(path, "harness: ignore" + text + "\n# harness: ignore[" + text):
        assert one.line >= 1


@given(st.lists(st.sampled_from([NOTE, "x = load(a)", "x = load(b)", ""]), max_size=8), st.integers(1, 9))
def test_nothing_is_suppressed_where_base_has_no_comment(head: list[str], line: int):
    assert not judged("x = load(a)\n", "\n".join(head), line).suppressed
