"""Tests of any language: what a command reports, and what the four runs of it show."""

import dataclasses
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.config.project import TestsConfig
from harness.model.finding import Category
from tests.packs.test_replay.guest_parts import guest
from tests.packs.test_replay.local import LocalContext, part, replay

junit = guest("command.junit")
tap = guest("command.tap")

NODE = """TAP version 13
# Subtest: rounds
    # Subtest: up
    ok 1 - up
      ---
      duration_ms: 1
      ...
    # Subtest: down
    not ok 2 - down
      ---
      error: 'Expected 1'
      ...
    1..2
not ok 1 - rounds
# Subtest: later
ok 2 - later # SKIP no network
# Subtest: planned
not ok 3 - planned # TODO
1..3
"""


def test_subtests_have_the_names_of_their_parents():
    tests, problem = tap.parse(NODE)
    assert not problem
    assert [(one["id"], one["outcome"]) for one in tests] == [
        ("rounds > up", "passed"), ("rounds > down", "failed"), ("rounds", "failed"), ("later", "skipped"),
        ("planned", "xfailed"),
    ]  # fmt: skip
    assert tests[1]["text"] == "Expected 1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ok 1 - a\n", "no plan line"),
        ("1..3\nok 1 - a\n", "3 tests were planned and 1 reported"),
        ("1..2\nok 1 - a\nBail out! no disk\n", "no disk"),
    ],
)
def test_output_that_was_cut_off_is_no_result(text: str, words: str):
    assert words in tap.parse(text)[1]


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.text("abc xyz#\\-é", min_size=1).map(str.strip).filter(bool))))
def test_what_was_written_is_read(results):
    lines = [f"1..{len(results)}"]
    for number, (good, name) in enumerate(results, 1):
        escaped = name.replace("\\", "\\\\").replace("#", "\\#")
        lines.append(f"{'ok' if good else 'not ok'} {number} - {escaped}")
    tests, problem = tap.parse("\n".join(lines))
    assert not problem
    assert [one["outcome"] == "passed" for one in tests] == [good for good, _ in results]


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_without_an_error(text: str):
    assert isinstance(tap.parse(text)[1], str)
    assert isinstance(junit.parse(text)[1], str)


def test_junit_results_of_all_kinds():
    tests, problem = junit.parse(
        '<testsuites><testsuite tests="4"><testcase classname="a.B" name="one"/>'
        '<testcase classname="a.B" name="two"><failure message="1 is not 2">trace</failure></testcase>'
        '<testcase name="three"><skipped/></testcase><testcase file="x.go" name="four"><error>boom</error></testcase>'
        "</testsuite></testsuites>"
    )
    assert not problem
    assert [(one["id"], one["outcome"], one["text"]) for one in tests] == [
        ("a.B > one", "passed", ""), ("a.B > two", "failed", "1 is not 2"), ("three", "skipped", ""),
        ("x.go > four", "failed", "boom"),
    ]  # fmt: skip


def test_entities_are_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>'
    assert junit.parse(bomb) == ([], "the JUnit file declares a document type, which is refused")


def test_missing_cases_are_noticed():
    assert "3 tests are counted" in junit.parse('<testsuite tests="3"><testcase name="a"/></testsuite>')[1]


ADD = "add() { echo $(($1 + $2)); }\n"
SHELL_TEST = """. ./lib/add.sh
echo 1..2
[ "$(add 1 2)" = 3 ] && echo "ok 1 - small" || echo "not ok 1 - small"
[ "$(add 20 22)" = 42 ] && echo "ok 2 - large" || echo "not ok 2 - large"
"""
SHELL = {"lib/add.sh": ADD, "test/add.sh": SHELL_TEST}
WRONG = ADD.replace("$1 + $2", "$1 + ($2 > 9 ? 9 : $2)")
CHANGES: dict[str, tuple[dict[str, str], set[Category]]] = {
    "refactored": ({"lib/add.sh": "add() {\n  echo $(($1 + $2))\n}\n"}, set()),
    "broken": ({"lib/add.sh": WRONG}, {"test-failure"}),
    "broken-and-loosened": (
        {"lib/add.sh": WRONG, "test/add.sh": SHELL_TEST.replace("= 42", "!= x")},
        {"test-failure", "test-tampering"},
    ),
    "broken-and-skipped": (
        {"lib/add.sh": WRONG, "test/add.sh": SHELL_TEST.replace('[ "$(add 20 22)" = 42 ] && ', "").replace(
            'ok 2 - large" ||', 'ok 2 - large # SKIP slow" ||')},
        {"test-failure", "test-tampering"},
    ),
    "broken-and-deleted": (
        {"lib/add.sh": WRONG, "test/add.sh": "\n".join(SHELL_TEST.replace("1..2", "1..1").splitlines()[:3]) + "\n"},
        {"test-failure", "test-tampering"},
    ),
    "updated": (
        {"lib/add.sh": WRONG, "test/add.sh": SHELL_TEST.replace("= 42", "= 29")},
        set(),
    ),
}  # fmt: skip


def verified(place: Path, base, head, tests: TestsConfig):
    context = LocalContext(place, base, head)
    context.tests = tests
    outcome = part("check").check(context)
    return dataclasses.replace(outcome, findings=[*context.drafts, *outcome.findings]), context


@pytest.mark.parametrize("name", CHANGES)
def test_a_shell_project_that_prints_tap(name: str, tmp_path: Path):
    head, expected = CHANGES[name]
    outcome, context = verified(tmp_path, SHELL, {**SHELL, **head}, TestsConfig("sh test/add.sh"))
    assert {one.category for one in outcome.findings} == expected
    for draft in outcome.findings:
        assert replay(context, draft)[0] == {"base": True, "head": False}
    assert any("no collector of the harness" in one.why for one in outcome.unverified)
    assert not outcome.failed


JAVASCRIPT = {
    "cart.js": "exports.total = (prices, off = 0) => Math.max(prices.reduce((a, b) => a + b, 0) - off, 0);\n",
    "test/cart.test.js": """
const test = require('node:test');
const assert = require('node:assert');
const { total } = require('../cart.js');
test('sum', () => assert.strictEqual(total([3, 4]), 7));
test('never negative', () => assert.strictEqual(total([3], 5), 0));
""",
}


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node on the PATH")
def test_a_node_project(tmp_path: Path):
    head = {
        "cart.js": JAVASCRIPT["cart.js"].replace("Math.max(", "(").replace(", 0);", ");"),
        "test/cart.test.js": JAVASCRIPT["test/cart.test.js"].replace(
            "total([3], 5), 0)", "total([6], 5), 1)"
        ),
    }
    tests = TestsConfig("node --test --test-reporter=tap test/", "tap")
    outcome, _ = verified(tmp_path, JAVASCRIPT, {**JAVASCRIPT, **head}, tests)
    names = {one.title for one in outcome.findings if one.category == "test-tampering"}
    assert names, outcome
    assert any("never negative" in name for name in names)


def test_a_command_that_writes_junit_files(tmp_path: Path):
    base = {
        "m.py": "def f(x):\n    return x + 1\n",
        "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(1) == 2\n",
        "out/old.xml": '<testsuite><testcase name="old"/></testsuite>',
    }
    tests = TestsConfig(f"{sys.executable} -m pytest -q --junitxml=out/new.xml", "junit", "out/*.xml")
    outcome, _ = verified(tmp_path, base, {**base, "m.py": "def f(x):\n    return x\n"}, tests)
    assert [one.category for one in outcome.findings] == ["test-failure"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("true", "no test"),
        ("sleep 60", "did not end in time"),
        ("yes ok", "printed too much"),
        ("echo 1..5; echo ok 1", "5 tests were planned"),
    ],
)
def test_a_command_without_results_fails_the_check(command: str, words: str, tmp_path: Path):
    context = LocalContext(tmp_path, SHELL, {**SHELL, "lib/add.sh": WRONG})
    context.limits = dataclasses.replace(context.limits, wall_seconds=6)
    context.tests = TestsConfig(command)
    outcome = part("check").check(context)
    assert words in outcome.failed
