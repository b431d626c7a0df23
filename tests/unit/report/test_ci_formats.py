"""Annotations, code quality and the comparison of two reports."""

import json
import re

import pytest
from hypothesis import given

from harness.model.report import CheckResult
from harness.report import annotations, code_quality, compare
from tests.unit.report import samples
from tests.unit.report.attacks import ATTACKS, hostile_text


def test_at_most_ten_errors_and_ten_warnings():
    lines = annotations.render(samples.large(500)).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert len(lines) == 20


def test_an_annotation_names_its_place():
    (line,) = annotations.render(samples.report([samples.finding()])).splitlines()
    assert line.startswith("::error file=moorings/fees.py,line=14,endLine=17,title=F1 billable_metres")
    assert "%0Ainput: billable_metres(930)%0Abase: returned 10%0Ahead: returned 9" in line


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_attacks_add_no_command_and_no_property(attack):
    check_annotations(attack)


@given(hostile_text)
def test_any_text_adds_no_command_and_no_property(text):
    check_annotations(text)


def check_annotations(text):
    lines = annotations.render(samples.hostile(text)).split("\n")
    assert len(lines) == 3
    assert lines[-1] == ""
    for line in lines[:-1]:
        assert re.match(r"::error file=[^,:]*,line=\d,title=[^,:]*::", line)


def test_code_quality():
    entries = json.loads(code_quality.render(samples.ordinary()))
    assert len({entry["fingerprint"] for entry in entries}) == 6
    assert entries[0]["severity"] == "blocker"
    assert entries[2] == {
        "description": "billable_metres returns 9 where it returned 10 (confirmed)",
        "check_name": "property_tests/value-changed",
        "fingerprint": f"{1:040x}",
        "severity": "critical",
        "location": {"path": "moorings/fees.py", "lines": {"begin": 14}},
    }


def test_code_quality_paths_stay_relative():
    for attack in ATTACKS:
        for entry in json.loads(code_quality.render(samples.hostile(attack))):
            assert not entry["location"]["path"].startswith("/")


def test_compare_two_pushes():
    done = (CheckResult("property_tests", "findings"), CheckResult("exploits", "findings"))
    before = samples.report([samples.finding(), samples.EXPLOIT], checks=done)
    after = samples.report([samples.EXPLOIT, samples.finding(7, fingerprint="new")], checks=done)
    found = compare.compare(before, after)
    assert [finding.id for finding in found.new] == ["F7"]
    assert [finding.id for finding in found.fixed] == ["F1"]
    assert [finding.id for finding in found.remaining] == ["F2"]
    assert found.missed == ()


@pytest.mark.parametrize("status", ["failed", "timed_out"])
def test_what_nobody_looked_at_again_is_not_fixed(status):
    before = samples.report([samples.finding()])
    after = samples.report(checks=(CheckResult("property_tests", status),), outcome="inconclusive")
    found = compare.compare(before, after)
    assert found.fixed == ()
    assert [finding.id for finding in found.missed] == ["F1"]
    assert compare.plain(found, before, after).startswith(
        "block then inconclusive: 0 new, 0 fixed, 0 still there, 1 not looked at again\nmissed  high     moorings"
    )


@pytest.mark.parametrize(("path", "fixed"), [("moorings/fees.py", 0), ("gone.py", 1)])
def test_a_skipped_check_fixed_only_what_the_change_no_longer_touches(path, fixed):
    before = samples.report([samples.finding(location=samples.Location(path))])
    after = samples.report(checks=(CheckResult("property_tests", "skipped", "left out"),))
    assert len(compare.compare(before, after).fixed) == fixed


def test_comparison_lines_have_no_control_characters():
    report = samples.hostile("\x1b[31m\n::set-output name=a::b")
    told = compare.plain(compare.compare(report, report), report, report)
    assert "\x1b" not in told
    assert not re.search(r"^\s*::", told, re.MULTILINE)
